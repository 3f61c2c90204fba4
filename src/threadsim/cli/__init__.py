"""The command line: ``threadsim trace``, ``simulate``, ``explore``, ``replay``, ``show``, ``check``.

Thin: each command reads its words, calls a room below, and says what came of it. What the program prints and
what was asked for goes to standard output, what threadsim has to say to standard error, so that either can be
piped.

Exit status: 0 passed, 1 the program failed, 2 bad usage or bad input, 3 diverged, 130 Ctrl-C; ``trace`` exits
as the program does.
"""

from threadsim.cli.command import main

__all__ = ["main"]
