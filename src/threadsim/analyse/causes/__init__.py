"""What each class of bug looks like in a trace, a file each.

Each has a function ``find(evidence)`` that gives the places where the trace shows it, as `Finding`. What
threads did is certain, what a person meant by it is not: where it may well have been meant, nothing is found.
"""
