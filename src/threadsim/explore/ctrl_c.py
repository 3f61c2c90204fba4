"""Ctrl-C, at a time when it does no harm.

In the midst of an execution it ends that. Between two, where the interpreter is being made ready for the
next, it has to wait until that is done.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self

from threadsim.simulate import stage


class CtrlC:
    """Heeds it while entered; a second one is heeded at once, as ever."""

    def __init__(self) -> None:
        self._before: Any = None
        self._came = False

    def __enter__(self) -> Self:
        before = signal.getsignal(signal.SIGINT)
        if threading.current_thread() is threading.main_thread() and callable(before):
            self._before = before
            signal.signal(signal.SIGINT, self._on_signal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if stage.kernel is None and not self._came:
            self._came = True
        else:
            self._before(number, frame)

    def heed(self) -> None:
        """Now is a good time.

        Raises:
            KeyboardInterrupt: It came.
        """
        if self._came:
            raise KeyboardInterrupt
