"""A script run as ``python script.py`` runs it, and recorded."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from types import CodeType, ModuleType
from typing import Any, NoReturn

from threadsim.instrument.script import absolute, become_main, read_script
from threadsim.instrument.sites import file_name
from threadsim.instrument.tracebacks import without_our_frames
from threadsim.record import log as logs
from threadsim.record.recorder import Recorder, header
from threadsim.record.writer import TraceFile, Writer

_real_exit = os._exit


def trace_script(path: str, arguments: Sequence[str], output: str) -> int:
    """Run a script for real and record it.

    The process becomes the script's: its exit handlers run when the interpreter ends, and if it was
    interrupted from the keyboard, the process then dies of that signal. So call this once, and then end with
    what it returns. In a child that the script forks it does not return, but ends the child.

    Args:
        path: The script.
        arguments: Its own arguments.
        output: Where its trace goes; it is written while the script runs.

    Returns:
        The exit status that the script would have under python.

    Raises:
        ProgramError: There is no such script, or it cannot be run; then nothing was run or written.
        TraceError: The trace cannot be written.
    """
    code = read_script(path)
    program, script = file_name(path), absolute(path)  # now: the script may change the working folder
    recorder = Recorder()
    file = TraceFile(output, header(program, arguments, [script]))
    writer = Writer(recorder.transcript, file)
    interruption = _Interruption()
    _drop_launcher()
    module = become_main(path, arguments)  # for good: it is the main module to the very end
    recorder.start()
    writer.start()
    _writers.append(writer)
    os._exit = _exit_after(writer.flush)  # type: ignore[assignment]
    try:
        error = _run(code, module, recorder)
        status = _report(error)
        _wait_for_threads()
    finally:
        os._exit = _real_exit
        _writers.clear()
        recorder.stop()
        if writer.is_ours:
            writer.stop()
    if not writer.is_ours:
        raise SystemExit(status)
    if isinstance(error, KeyboardInterrupt):
        interruption.happened = True
    writer.finish(header(program, arguments, _sources(script)), recorder.ending(error))
    return status


def _drop_launcher() -> None:
    """Take the folder of the program that runs us out of the search path; the script's comes instead."""
    if not sys.flags.safe_path:
        del sys.path[0]


def _exit_after(flush: Callable[[], None]) -> Callable[[int], NoReturn]:
    def _exit(status: int) -> NoReturn:
        """Exit at once, as `os._exit` does, but with the trace on the disk."""
        flush()
        _real_exit(status)

    return _exit


def _run(code: CodeType, module: ModuleType, recorder: Recorder) -> BaseException | None:
    try:
        exec(code, module.__dict__)
    except BaseException as error:
        without_our_frames(error)
        recorder.note_uncaught(error)
        return error
    return None


# What the interpreter does when a script has ended.


def _report(error: BaseException | None) -> int:
    """Show what the script ended with, and say what status that gives."""
    if error is None:
        return 0
    if isinstance(error, SystemExit):
        return _exit_status(error.code)
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, error.__traceback__
    sys.last_exc = error  # type: ignore[attr-defined] # new in 3.12
    try:
        sys.excepthook(type(error), error, error.__traceback__)
    except SystemExit as second:
        return _exit_status(second.code)
    except BaseException as second:
        _report_broken_hook(error, second)
    return 128 + signal.SIGINT if isinstance(error, KeyboardInterrupt) else 1


def _exit_status(code: object) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code
    print(code, file=sys.stderr)
    return 1


def _report_broken_hook(error: BaseException, second: BaseException) -> None:
    without_our_frames(second)
    second.__context__ = None
    print("Error in sys.excepthook:", file=sys.stderr)
    sys.__excepthook__(type(second), second, second.__traceback__)
    print("\nOriginal exception was:", file=sys.stderr)
    sys.__excepthook__(type(error), error, error.__traceback__)


def _wait_for_threads() -> None:
    """What the interpreter does first when it ends, in its place: Ctrl-C cuts it short, and that counts."""
    module: Any = threading
    shutdown, module._shutdown = module._shutdown, lambda: None
    try:
        shutdown()
    except BaseException as error:
        without_our_frames(error)
        sys.unraisablehook(_unraisable((type(error), error, error.__traceback__, None, threading)))


def _unraisable(details: tuple[object, ...]) -> Any:
    """What `sys.unraisablehook` takes; its type is only to be had from one that there was."""
    seen: list[Any] = []

    class Failing:
        def __del__(self) -> None:
            raise RuntimeError

    hook, sys.unraisablehook = sys.unraisablehook, seen.append
    try:
        Failing()
    finally:
        sys.unraisablehook = hook
    return type(seen[0])(details)


class _Interruption:
    """Lets the process die of Ctrl-C once its exit handlers have run, as the interpreter does.

    Exit handlers run last in, first out; so this one is to be made before the script can register any.

    Attributes:
        happened: Whether the script was interrupted and did not catch it.
    """

    def __init__(self) -> None:
        self.happened = False
        atexit.register(self._die)

    def _die(self) -> None:
        if not self.happened or os.name != "posix":
            return
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (AttributeError, OSError, ValueError):
                pass
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)


# What belongs to the script.


def _sources(script: str) -> Iterator[str]:
    """The script, and the modules from below its folder that it imported."""
    yield script
    folder = os.path.join(os.path.dirname(os.path.realpath(script)), "")
    for name, module in sorted(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name == "__main__" or not isinstance(file, str) or not file.endswith(".py"):
            continue
        if os.path.realpath(file).startswith(folder) and not file_name(file).startswith("<"):
            yield file


_writers: list[Writer] = []  # that of the script, once it runs


def _be_alone() -> None:
    """Before a fork: have no thread beside a program that has none, until it starts one."""
    for writer in _writers:
        log = logs.current
        if log is not None and threading.active_count() == 1 and not writer.is_paused:
            writer.pause()
            log.before_start = _go_on


def _go_on() -> None:
    for writer in _writers:
        if logs.current is not None:
            logs.current.before_start = None
            writer.start()


def _forget() -> None:
    """A forked child goes on unrecorded: the trace is its parent's."""
    _writers.clear()
    if logs.current is not None:
        logs.current.closed = True
        logs.current = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_be_alone, after_in_child=_forget)
