"""Work for another process: how it goes there, and how it comes back.

A process of our own is ours alone, and the work is done in it. That of somebody else's executor has threads
of its own, which must not meet those under simulation: there the work is done in a process started for it.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from threadsim.model.errors import ProgramError, ThreadsimError

_COMMAND = "from threadsim.explore.work import serve; serve()"

_at_work = False


def packed(function: Callable[..., Any], *arguments: Any) -> bytes:
    """A call, to be sent.

    Raises:
        ProgramError: It cannot be sent; most often the program is a function inside of another.
    """
    try:
        return pickle.dumps((function, arguments))
    except Exception as error:
        raise ProgramError(
            f"the program cannot be sent to another process: {error}; with several jobs, or an executor, it "
            "must be a script or a function at the top level of a module, and so must check"
        ) from None


def do(work: bytes) -> bytes:
    """Make the call; gives its result, to be sent back.

    Raises:
        ProgramError: The program cannot be found here.
    """
    global _at_work
    try:
        function, arguments = pickle.loads(work)
    except (ImportError, AttributeError) as error:
        raise ProgramError(f"the program cannot be imported in another process: {error}") from None
    _at_work = True
    try:
        return pickle.dumps(function(*arguments))
    finally:
        _at_work = False


def heed_ctrl_c_at_work() -> None:
    """Ctrl-C reaches all processes of a terminal. It ends the work; one that waits for work is told later."""
    signal.signal(signal.SIGINT, _on_ctrl_c)


def _on_ctrl_c(number: int, frame: FrameType | None) -> None:
    if _at_work:
        raise KeyboardInterrupt


def surroundings() -> tuple[str, list[str]]:
    """Where this process finds things: its folder and its path."""
    return os.getcwd(), [os.path.abspath(folder) for folder in sys.path]


def do_apart(work: bytes, folder: str, path: list[str]) -> bytes:
    """Make the call in a process that is started for it.

    Args:
        work: The call.
        folder: Where whoever sends it is.
        path: Where that one finds modules.

    Raises:
        ThreadsimError: What the call raised; or the process died.
    """
    done = subprocess.run(
        [sys.executable, "-c", _COMMAND],
        input=pickle.dumps((folder, path, work)),
        capture_output=True,
        env={"PYTHONHASHSEED": "0", **os.environ, "PYTHONPATH": os.pathsep.join(path)},
        check=False,
    )
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise WorkerDied(f"a process ended with status {done.returncode}" + (f": {last}" if last else ""))
    succeeded, result = pickle.loads(done.stdout)
    if not succeeded:
        raise result
    return bytes(result)


class WorkerDied(Exception):  # noqa: N818 - named for what happened
    """The process that did the work is no more."""


def serve() -> None:
    """Do what standard input asks for. The program has neither standard input nor output of the process."""
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    folder, path, work = pickle.load(sys.stdin.buffer)
    os.chdir(folder)
    sys.path[:] = path
    try:
        result: tuple[bool, bytes | ThreadsimError] = True, do(work)
    except ThreadsimError as error:
        result = False, error
    with answer:
        pickle.dump(result, answer)
