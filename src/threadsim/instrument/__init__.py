"""Rewriting of code: which instructions touch shared state, whose code is in scope, the way in and out."""
