"""Strategies: which thread goes on at a scheduling point. One file each, behind one narrow door.

A new strategy is a file with a class that keeps `threadsim.strategy.base.Strategy`'s promises, and a line in
`threadsim.strategy.table`.
"""
