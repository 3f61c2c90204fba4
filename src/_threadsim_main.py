"""The way in of the command ``threadsim``.

It stands outside of the package, because importing that takes longer than many a command, and a process that
is about to begin again should not do it twice.
"""

from __future__ import annotations

import os
import sys

_EXECUTING = frozenset({"simulate", "replay", "explore"})
"""The commands that execute a program under a scheduler."""


def main() -> int:
    """Run the command line; gives the exit status."""
    if sys.argv[1:2] and sys.argv[1] in _EXECUTING and "PYTHONHASHSEED" not in os.environ:
        _begin_again_with_fixed_hashes()
    from threadsim.cli import main as run

    return run()


def _begin_again_with_fixed_hashes() -> None:
    """Sets of strings then iterate alike in each process; that can only be told to one that starts.

    Not for ``trace``, under which a program must not tell that it is traced.
    """
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    command = [sys.executable, *sys.orig_argv[1:]]
    if os.name == "posix":
        os.execve(sys.executable, command, environment)
    import subprocess  # only where it is needed: this process should end as soon as it can

    sys.exit(subprocess.call(command, env=environment))
