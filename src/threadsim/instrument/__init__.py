"""Rewriting of code: which instructions touch shared state, whose code is in scope, and the way in and out."""
