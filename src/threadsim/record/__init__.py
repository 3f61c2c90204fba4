"""One real run, recorded: what its threads did with the primitives of `threading` and `queue`.

The program's own threads run, in real time. Calls of methods are led through handlers of ours, locks made
meanwhile are wrapped, and each operation of the program leaves a row in a log; a transcript turns rows into
events, and a writer puts them on the disk while the program runs.
"""
