"""Standard input during executions: each of them reads the same from its beginning.

What is read from the real stream is kept, so that a program that asks for a name can be executed again and
again. To read is no scheduling point; that it touches the stream is noted.
"""

from __future__ import annotations

import io
import sys
from typing import Any
from weakref import WeakKeyDictionary, ref

from threadsim.simulate.journal import INPUT
from threadsim.simulate.stage import here
from threadsim.strategy.steps import Mode

waiting_for_somebody = False
"""Whether a simulated thread waits for a person to type, which may take as long as it likes."""


class StandardInput:
    """What came by standard input so far, and where more comes from.

    Args:
        real: The stream.
    """

    def __init__(self, real: Any) -> None:
        self._real = ref(real)
        self._lines: list[str] = []

    @property
    def real(self) -> Any:
        """The stream, None if it is no more."""
        return self._real()

    def line(self, number: int) -> str:
        """The line with this number, counted from 0; an empty one if there are no more."""
        while number >= len(self._lines):
            line = self._next()
            if not line:
                return ""
            self._lines.append(line)
        return self._lines[number]

    def _next(self) -> str:
        global waiting_for_somebody
        waiting_for_somebody = self.real.isatty()
        try:
            return str(self.real.readline())
        finally:
            waiting_for_somebody = False


class InputOfOne(io.TextIOBase):
    """What one execution reads.

    Args:
        source: Where it comes from.
    """

    def __init__(self, source: StandardInput) -> None:
        self._source = source
        self._read = 0
        self._left = ""  # of the last line

    def readable(self) -> bool:
        """It is."""
        return True

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
        """As ``TextIOBase.readline``."""
        kernel = here()
        if kernel is not None:
            kernel.touch(INPUT, Mode.WRITE)
        if not self._left:
            self._left = self._source.line(self._read)
            self._read += bool(self._left)
        end = len(self._left) if size is None or size < 0 else size
        line, self._left = self._left[:end], self._left[end:]
        return line

    def __next__(self) -> str:  # type: ignore[override]
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def read(self, size: int | None = -1, /) -> str:
        """As ``TextIOBase.read``."""
        if size is None or size < 0:
            return "".join(iter(self.readline, ""))
        parts: list[str] = []
        while size > 0 and (part := self.readline(size)):
            parts.append(part)
            size -= len(part)
        return "".join(parts)

    def isatty(self) -> bool:
        """Whether the real stream is a terminal."""
        return bool(self._source.real.isatty())

    def fileno(self) -> int:
        """Of the real stream; what is read past this one is not kept."""
        return int(self._source.real.fileno())

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Of the real stream."""
        return getattr(self._source.real, "encoding", None) or "utf-8"

    @property
    def name(self) -> str:
        """As the real stream's."""
        return "<stdin>"

    @property
    def buffer(self) -> io.BufferedIOBase:
        """The same as bytes."""
        return _Bytes(self)


class _Bytes(io.BufferedIOBase):
    """The binary side."""

    def __init__(self, text: InputOfOne) -> None:
        self._text = text

    def readable(self) -> bool:
        return True

    def readline(self, size: int | None = -1, /) -> bytes:
        return self._text.readline(size).encode(self._text.encoding, "surrogateescape")

    def read(self, size: int | None = -1, /) -> bytes:
        return self._text.read(size).encode(self._text.encoding, "surrogateescape")


_known: WeakKeyDictionary[Any, StandardInput] = WeakKeyDictionary()


def standard_input() -> StandardInput | None:
    """What is to be read by the executions to come; None if there is no standard input."""
    real = sys.stdin
    if real is None or isinstance(real, InputOfOne):
        return None
    return _known.setdefault(real, StandardInput(real))
