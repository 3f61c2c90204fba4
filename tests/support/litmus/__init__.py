"""Small programs of two to four threads, each with the number of its classes.

The shapes are those of litmus tests (Alglave, Maranget, Tautschnig, *Herding Cats*, TOPLAS 2014), of the
primitives that CPython has, and of the mistakes that people make with them. What each returns is its final
state. A folder of their own, so that only they are rewritten when one of them is simulated.
"""
