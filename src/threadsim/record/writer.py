"""The trace on the disk while the program runs: whatever kills it, what happened just before is there."""

from __future__ import annotations

import os
import zlib
from _thread import allocate_lock, start_new_thread
from collections.abc import Iterable
from time import sleep

from threadsim.model import codec
from threadsim.model.disk import compress, decompress, write_whole
from threadsim.model.errors import TraceError
from threadsim.model.event import Event
from threadsim.model.trace import Ending, Header, ObjectInfo
from threadsim.record.transcript import Transcript, Value

INTERVAL = 0.25
"""Seconds between two writes."""


class TraceFile:
    """A trace file that grows.

    Raises:
        TraceError: It cannot be written.
    """

    def __init__(self, path: str, header: Header) -> None:
        self._path = path
        self._place = os.path.abspath(path)  # now: the program may change the working folder
        self._header = header
        self._packer = zlib.compressobj(wbits=16 + zlib.MAX_WBITS) if path.endswith(".gz") else None
        try:
            # Unbuffered, so that a forked child has nothing of ours to write once more.
            self._file = open(path, "wb", buffering=0)  # noqa: SIM115 - open for as long as the program runs
        except (OSError, ValueError) as error:
            raise _cannot_write(path, error) from error
        self._write_lines([codec.header_line(header)])

    def write(self, values: Iterable[Value]) -> None:
        """Add to it."""
        self._write_lines(_line(value) for value in values)

    def finish(self, header: Header, ending: Ending) -> None:
        """Add the last line, and replace the first by one that knows more."""
        self._write_lines([codec.outcome_line(ending)])
        try:
            if self._packer is not None:
                self._file.write(self._packer.flush())
            self._file.close()
            if header != self._header and os.path.isfile(self._place):
                self._replace_header(header)
        except (OSError, ValueError) as error:
            raise _cannot_write(self._path, error) from error

    def _write_lines(self, lines: Iterable[str]) -> None:
        data = b"".join(line.encode() + b"\n" for line in lines)
        if self._packer is not None:
            data = self._packer.compress(data) + self._packer.flush(zlib.Z_SYNC_FLUSH)
        view = memoryview(data)
        try:
            while view:
                view = view[self._file.write(view) :]
        except (OSError, ValueError) as error:
            raise _cannot_write(self._path, error) from error

    def _replace_header(self, header: Header) -> None:
        with open(self._place, "rb") as file:
            data = file.read()
        if self._packer is not None:
            data = decompress(data)
        data = codec.header_line(header).encode() + data[data.index(b"\n") :]
        write_whole(self._place, data if self._packer is None else compress(data))


def _line(value: Value) -> str:
    if isinstance(value, Event):
        return codec.event_line(value)
    return codec.object_line(value) if isinstance(value, ObjectInfo) else codec.thread_line(value)


def _cannot_write(path: str, error: OSError | ValueError) -> TraceError:
    return TraceError(f"cannot write {path}: {getattr(error, 'strerror', None) or error}")


def _count_threads() -> int:
    """How many threads the process has, 0 where that cannot be told."""
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return 0


class Writer:
    """Puts what a transcript has into a file, again and again, in a thread that `threading` does not know.

    A forked child does not write: the file is its parent's.
    """

    def __init__(self, transcript: Transcript, file: TraceFile) -> None:
        self._transcript = transcript
        self._file = file
        self._process = os.getpid()
        self._writing = allocate_lock()
        self._stopped = allocate_lock()  # held while the thread is to go on
        self._running = allocate_lock()  # held while it does
        self._error: TraceError | None = None

    @property
    def is_ours(self) -> bool:
        """Whether this is the process that was recorded, not a child of it."""
        return os.getpid() == self._process

    def start(self) -> None:
        """Begin to write."""
        self._stopped.acquire()
        self._running.acquire()
        start_new_thread(self._run, ())

    def _run(self) -> None:
        while not self._stopped.acquire(timeout=INTERVAL):
            self.flush()
        self._stopped.release()
        self._running.release()

    def pause(self) -> None:
        """Have no thread: from 3.12 on, CPython warns of a fork if there is more than one."""
        threads = _count_threads()
        self._stopped.release()
        with self._running:
            pass
        for _ in range(100):  # it has a few instructions left to run in C
            if _count_threads() < threads:
                return
            sleep(0.0001)

    @property
    def is_paused(self) -> bool:
        """Whether it has no thread."""
        return not self._stopped.locked()

    def flush(self) -> None:
        """Write what has happened until now. If that fails, the program goes on, and `finish` says so."""
        if not self.is_ours or self._error is not None:
            return
        if not self._writing.acquire(timeout=1):
            return  # a signal handler that calls os._exit came while this very thread was writing
        try:
            self._file.write(self._transcript.take())
        except TraceError as error:
            self._error = error
        finally:
            self._writing.release()

    def stop(self) -> None:
        """Write the rest, and no more."""
        if not self.is_paused:
            self._stopped.release()
        self.flush()

    def finish(self, header: Header, ending: Ending) -> None:
        """Complete the file, after `stop`.

        Raises:
            TraceError: It cannot be written.
        """
        if self._error is not None:
            raise self._error
        self._file.finish(header, ending)
