"""The watchdog: an execution that does not come to a scheduling point any more is ended, and told where.

A simulated thread that blocks in something that is not managed (a lock made before the execution, a socket)
blocks the one OS thread that all of them share. So another OS thread looks on, and interrupts that one with a
signal, which a blocked system call or lock heeds.
"""

from __future__ import annotations

import _thread
import linecache
import os
import signal
import sys
import threading
import time
from types import FrameType, TracebackType
from typing import Any, Self
from weakref import WeakSet

from threadsim.instrument.sites import is_ours, site_at
from threadsim.model.errors import UnmanagedBlock
from threadsim.model.trace import Outcome
from threadsim.simulate import stage, standard_input
from threadsim.simulate.kernel import Kernel, Unwind

LIMIT = 10.0
"""Seconds without a scheduling point and without computing after which a thread counts as blocked."""

COMPUTING_LIMIT = 60.0
"""Seconds without a scheduling point after which even a thread that computes is told to stop."""

DEAF_LIMIT = 5.0
"""Seconds after which somebody who was told to stop counts as deaf."""

_BLOCKED = (
    "is blocked{}, in something that threadsim does not manage, such as a lock inside of a C extension, a "
    "socket or another process. Keep that out of the program under simulation."
)
_COMPUTES = (
    "computes{}, perhaps in a loop that waits for another thread to change something which threadsim does "
    "not see, or without end. Let it sleep or wait, or keep it out of the program under simulation."
)
_DEAF = "It heeds no signal, so this process cannot go on, and ends here."

_now = time.monotonic
_get_ident = _thread.get_ident
_allocate_lock = _thread.allocate_lock
_start_new_thread = _thread.start_new_thread
_main_thread_ident = threading.main_thread().ident


OUR_LOCKS: WeakSet[Any] = WeakSet()
"""Locks of this process that have nothing to do with any program."""


class Watchdog:
    """Looks on while it is entered.

    Args:
        limit: Seconds without a scheduling point.
    """

    def __init__(self, limit: float = LIMIT) -> None:
        self._limit = limit
        self._stop = _allocate_lock()
        OUR_LOCKS.add(self._stop)
        self._watched = 0
        self._has_barked = False
        self._barked_at = 0.0
        self._unanswered = 0  # signals that were sent and have not arrived
        self._guard = _allocate_lock()  # held while a signal is sent, and from the end on
        OUR_LOCKS.add(self._guard)
        self._handler: Any = None

    def __enter__(self) -> Self:
        self._watched = _get_ident()
        if self._can_signal():
            self._handler = signal.getsignal(signal.SIGINT)
            signal.signal(signal.SIGINT, self._on_signal)
        self._stop.acquire()
        _start_new_thread(self._look_on, ())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop.release()
        self._guard.acquire()
        if self._handler is not None:
            signal.signal(signal.SIGINT, self._handler)

    def _can_signal(self) -> bool:
        if _get_ident() != _main_thread_ident or not hasattr(signal, "pthread_kill"):
            return False
        return callable(signal.getsignal(signal.SIGINT))

    def _look_on(self) -> None:
        stage.helpers.add(_get_ident())
        try:
            self._watch()
        finally:
            stage.helpers.discard(_get_ident())

    def _watch(self) -> None:
        seen: tuple[Kernel | None, int, int] = None, 0, 0
        since, computed = _now(), self._computed()
        while not self._stop.acquire(timeout=min(self._limit / 10, 1.0)):
            kernel = stage.kernel
            now = (kernel, 0, 0) if kernel is None else (kernel, kernel.steps, len(kernel.notes))
            if kernel is None or now != seen or standard_input.waiting_for_somebody:
                seen, since, computed = now, _now(), self._computed()
                continue
            still = _now() - since
            is_blocked = self._computed() - computed < still / 50  # a thread that waits uses none at all
            limit = self._limit if is_blocked else max(COMPUTING_LIMIT, self._limit)
            if self._has_barked:
                self._bite_the_deaf(kernel)
            elif still > limit:
                self._bark(kernel, still, is_blocked)

    def _computed(self) -> float:
        """Seconds of processor time that the watched thread has used."""
        if not hasattr(time, "pthread_getcpuclockid"):
            return 0.0
        return time.clock_gettime(time.pthread_getcpuclockid(self._watched))

    def _bite_the_deaf(self, kernel: Kernel) -> None:
        """Somebody who heeds no signal, as in a C library's lock, would stop this process for ever."""
        if self._unanswered and _now() - self._barked_at > DEAF_LIMIT:
            print(f"threadsim: {kernel.error} {_DEAF}", file=sys.__stderr__, flush=True)
            os._exit(2)

    def _bark(self, kernel: Kernel, still: float, is_blocked: bool) -> None:
        if not self._guard.acquire(False):
            return  # it is over, and the handler of the signal is not ours any more
        try:
            self._has_barked, self._barked_at = True, _now()
            kernel.error = UnmanagedBlock(self._message(kernel, still, is_blocked))
            if self._handler is not None:
                self._unanswered += 1
                signal.pthread_kill(self._watched, signal.SIGINT)
            else:
                print(f"threadsim: {kernel.error}", file=sys.__stderr__, flush=True)
        finally:
            self._guard.release()

    def _message(self, kernel: Kernel, still: float, is_blocked: bool) -> str:
        place = _place_of(sys._current_frames().get(self._watched))
        return f"{kernel.current.name} has not come to a scheduling point for {still:.1f} seconds: it " + (
            _BLOCKED if is_blocked else _COMPUTES
        ).format(place)

    def _ctrl_c(self, number: int, frame: FrameType | None) -> None:
        try:
            self._handler(number, frame)
        except KeyboardInterrupt as error:
            _stop_here(error)
            raise

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if not self._unanswered:
            self._ctrl_c(number, frame)
            return
        self._unanswered -= 1
        kernel = stage.kernel
        if kernel is not None and kernel.outcome is None:
            kernel.outcome = Outcome.INTERRUPTED
            raise Unwind


def _stop_here(error: BaseException) -> None:
    """End the execution from within the thread that runs, if that is not the main one.

    Ctrl-C is the main thread's business; others have nothing that could deal with it, `threading` included.
    """
    kernel = stage.kernel
    if kernel is not None and kernel.outcome is None and kernel.current.number > 0:
        kernel.outcome, kernel.error = Outcome.INTERRUPTED, error
        raise Unwind from None


def _place_of(frame: FrameType | None) -> str:
    """`` at bank.py:14, `lock.acquire()` ``, as far as it can be told."""
    while frame is not None:
        code = frame.f_code
        site = site_at(code, frame.f_lasti)
        if not site.file.startswith("<") and not is_ours(code):
            text = linecache.getline(code.co_filename, site.line).partition("  #")[0].strip()
            return f" at {site}, `{text}`"
        frame = frame.f_back
    return ""
