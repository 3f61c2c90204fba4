"""Standard input, output and error during an execution."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from threadsim.instrument.sites import caller_site
from threadsim.model.event import Kind
from threadsim.model.site import Site
from threadsim.simulate.kernel import Kernel
from threadsim.simulate.registry import Entry
from threadsim.simulate.stage import get_ident
from threadsim.simulate.standard_input import InputOfOne, StandardInput


class Console:
    """The streams of one execution: what is written is kept, and shown if it is to be.

    Args:
        kernel: Told of each write.
        shown: Whether the text goes on to the real streams, too.
        source: What there is to be read, None for nothing.
    """

    def __init__(self, kernel: Kernel, shown: bool, source: StandardInput | None = None) -> None:
        self.input = None if source is None else InputOfOne(source)
        self.output = Stream("stdout", kernel, sys.stdout, shown)
        self.errors = Stream("stderr", kernel, sys.stderr, shown)
        self._before: tuple[Any, Any, Any] = (None, None, None)

    def install(self) -> None:
        """Put the streams in the place of the real ones."""
        self._before = sys.stdin, sys.stdout, sys.stderr
        sys.stdout, sys.stderr = self.output, self.errors
        if self.input is not None:
            sys.stdin = self.input

    def remove(self) -> None:
        """Put the real ones back."""
        sys.stdin, sys.stdout, sys.stderr = self._before

    @contextmanager
    def unnoted(self) -> Iterator[None]:
        """What is written in here (a traceback, which differs between versions of Python) is no operation."""
        noted, self.errors.noted = self.errors.noted, False
        try:
            yield
        finally:
            self.errors.noted = noted


class Stream(io.TextIOBase):
    """One stream. Each write is an operation of the thread that makes it, if that is a simulated one."""

    def __init__(self, name: str, kernel: Kernel, real: Any, shown: bool) -> None:
        self._name = name
        self._kernel = kernel
        self._real = real
        self._shown = shown and real is not None
        self._thread = get_ident()
        self._parts: list[str] = []
        self._entry = Entry("stream", name, None)
        self.noted = True

    @property
    def text(self) -> str:
        """All that was written."""
        return "".join(self._parts)

    def write(self, text: str, /) -> int:
        """As ``TextIOBase.write``."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        kernel = self._kernel
        if get_ident() != self._thread:
            return self._write_for_others(text)
        if kernel.outcome is not None or not text:
            return len(text)
        if self.noted:
            self._note(kernel, caller_site(1), text)
        self._parts.append(text)
        if self._shown:
            self._real.write(text)
        return len(text)

    def _write_for_others(self, text: str) -> int:
        """What a thread prints that is not simulated goes where it always goes."""
        return len(text) if self._real is None else int(self._real.write(text))

    def _note(self, kernel: Kernel, site: Site | None, text: str) -> None:
        """Come to a scheduling point, but for what is written in the midst of an operation."""
        inside, announced = kernel.current.inside, kernel.current.announced()
        kernel.announce(Kind.OUTPUT, site, self._entry)
        if not inside:
            kernel.point()
        kernel.note(Kind.OUTPUT, value=text)
        if inside:
            kernel.announce(*announced)

    def reconfigure(self, **settings: object) -> None:
        """As ``TextIOWrapper.reconfigure``; nothing here is buffered or encoded."""

    def flush(self) -> None:
        """As ``TextIOBase.flush``. After the execution, as when this one is disposed of, it does nothing."""
        if self._kernel.outcome is None and self._is_connected():
            self._real.flush()

    def _is_connected(self) -> bool:
        """Whether what is written now goes on to the real stream."""
        return self._shown if get_ident() == self._thread else self._real is not None

    def writable(self) -> bool:
        """It is."""
        return True

    def isatty(self) -> bool:
        """Whether the real stream is a terminal and is written to."""
        return self._is_connected() and bool(self._real.isatty())

    def fileno(self) -> int:
        """Of the real stream; what is written past this one is not seen."""
        return int(self._real.fileno())

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Of the real stream."""
        return getattr(self._real, "encoding", None) or "utf-8"

    @property
    def errors(self) -> str | None:  # type: ignore[override]
        """Of the real stream."""
        return getattr(self._real, "errors", None)

    @property
    def name(self) -> str:
        """As the real streams' names."""
        return f"<{self._name}>"

    @property
    def buffer(self) -> io.BufferedIOBase:
        """For bytes."""
        return _Bytes(self)


class _Bytes(io.BufferedIOBase):
    """The binary side of a stream."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        raw = bytes(data)
        self._stream.write(raw.decode(self._stream.encoding, "backslashreplace"))
        return len(raw)

    def flush(self) -> None:
        self._stream.flush()
