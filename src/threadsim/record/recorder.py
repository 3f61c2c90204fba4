"""The recording of a run, from its first event to its last."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from collections.abc import Iterable
from pathlib import Path
from time import perf_counter
from types import FrameType, TracebackType
from typing import Self

from threadsim.instrument.sites import caller_frame, file_name, function_name
from threadsim.model.errors import ThreadsimError
from threadsim.model.event import Event
from threadsim.model.trace import Ending, Header, ObjectInfo, Outcome, ThreadInfo, Trace
from threadsim.record import log as logs
from threadsim.record import patches
from threadsim.record.log import Log
from threadsim.record.threads import note_uncaught
from threadsim.record.transcript import Transcript


class Recorder:
    """Records the process that it is in, between `start` and `stop`.

    Attributes:
        log: What has happened.
        transcript: The same, as values of a trace.
    """

    def __init__(self) -> None:
        self.log = Log()
        self.transcript = Transcript(self.log)
        self._swap = patches.method_swap()

    def start(self) -> None:
        """Begin.

        Raises:
            ThreadsimError: A recording is under way already.
        """
        if logs.current is not None:
            raise ThreadsimError("a recording is under way already, and there can only be one at a time")
        logs.current = self.log
        self.log.begun = perf_counter()
        self._swap.install()
        patches.replace_names()

    def stop(self) -> None:
        """Put everything back; what was recorded stays. The program's objects go on without us."""
        patches.put_back_names()
        self._swap.remove()
        self.log.closed = True
        logs.current = None

    def note_uncaught(self, error: BaseException) -> None:
        """Note an exception that ends the main thread, if it is a failure."""
        if isinstance(error, Exception):
            note_uncaught(self.log, error)

    def ending(self, error: BaseException | None) -> Ending:
        """How it ended, all rows having been taken.

        Args:
            error: What the main thread ended with.
        """
        time = round(perf_counter() - self.log.begun, 6)
        if isinstance(error, KeyboardInterrupt):
            return Ending(Outcome.INTERRUPTED, message="interrupted from the keyboard", time=time)
        failure = self.transcript.failure
        if failure is None:
            return Ending(Outcome.PASSED, time=time)
        words = f"{failure.type}: {failure.message}" if failure.message else failure.type
        return Ending(Outcome.FAILED, failure, message=f"T{failure.thread} raised {words}", time=time)


class Recording:
    """Records what the threads of a ``with`` block do with the primitives of `threading` and `queue`.

    The run is a real one: real threads, real time. Locks and simple queues that were made before the block
    are not seen; threads, conditions, events, semaphores, barriers and queues are, whenever they were made.
    What the block makes goes on working after it, and records nothing more.

    Attributes:
        trace: What happened; there after the block.

    Example:
        >>> import threading
        >>> with Recording() as recording:
        ...     thread = threading.Thread(target=len, args=("",), name="worker")
        ...     thread.start()
        ...     thread.join()
        >>> recording.trace.assert_order("start worker", "begin by worker", "join worker")
    """

    def __init__(self) -> None:
        self._recorder = Recorder()
        self._trace: Trace | None = None
        self._header = Header("recorded", "")

    @property
    def trace(self) -> Trace:
        """What happened.

        Raises:
            ThreadsimError: The block is not over.
        """
        if self._trace is None:
            raise ThreadsimError("the trace of a recording is there when its with block is over")
        return self._trace

    def __enter__(self) -> Self:
        self._header = _header_of_block(caller_frame())
        self._recorder.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None:
            self._recorder.note_uncaught(error)
        self._recorder.stop()
        self._trace = self._whole(error)

    def _whole(self, error: BaseException | None) -> Trace:
        values = list(self._recorder.transcript.take())
        return Trace(
            self._header,
            threads=tuple(value for value in values if isinstance(value, ThreadInfo)),
            objects=tuple(value for value in values if isinstance(value, ObjectInfo)),
            events=tuple(value for value in values if isinstance(value, Event)),
            ending=self._recorder.ending(error),
        )


def record() -> Recording:
    """Record a real run: ``with threadsim.record() as recording: …``, then ``recording.trace``."""
    return Recording()


def header(program: str, arguments: Iterable[str], files: Iterable[str]) -> Header:
    """The header of a recorded trace.

    Args:
        program: As the trace names it.
        arguments: The program's own.
        files: Its source files.
    """
    return Header(
        kind="recorded",
        program=program,
        arguments=tuple(arguments),
        sources={file_name(file): digest for file in files if (digest := _digest(file)) is not None},
        python=platform.python_version(),
        platform=f"{sys.platform}-{platform.machine()}",
    )


def _digest(file: str) -> str | None:
    try:
        return f"sha256:{hashlib.sha256(Path(file).read_bytes()).hexdigest()}"
    except OSError:
        return None


def _header_of_block(frame: FrameType | None) -> Header:
    if frame is None:
        return header("<unknown>", (), ())
    code = frame.f_code
    function = function_name(code)
    program = file_name(code.co_filename)
    if function != "<module>":
        program += f"::{function}"
    return header(program, (), [code.co_filename] if os.path.exists(code.co_filename) else [])
