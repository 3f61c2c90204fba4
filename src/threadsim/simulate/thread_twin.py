"""The twin of ``_thread``: its names and signatures, each a line or two to the kernel.

CPython's `threading` runs on these during an execution. What differs between versions is which of the names
it uses: `_set_sentinel` and `start_new_thread` up to 3.12, handles from 3.13 on.
"""

from __future__ import annotations

import _thread
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from threadsim.instrument.sites import caller_site
from threadsim.model.event import Kind
from threadsim.simulate import stage
from threadsim.simulate.kernel import Kernel, Unwind
from threadsim.simulate.lock import Lock, RLock
from threadsim.simulate.thread import SimulatedThread

__all__ = [
    "Lock",
    "RLock",
    "ThreadHandle",
    "allocate_lock",
    "count",
    "get_ident",
    "get_main_thread_ident",
    "get_native_id",
    "make_thread_handle",
    "set_sentinel",
    "shutdown",
    "start_joinable_thread",
    "start_new_thread",
]

_real_get_ident = _thread.get_ident
_real_get_native_id = _thread.get_native_id
_real_count = _thread._count


def allocate_lock() -> Lock:
    """``_thread.allocate_lock``."""
    return Lock()


def get_ident() -> int:
    """``_thread.get_ident``: small numbers, the same in each execution."""
    kernel = stage.kernel
    return _real_get_ident() if kernel is None else kernel.current.ident


def get_native_id() -> int:
    """``_thread.get_native_id``."""
    kernel = stage.kernel
    return _real_get_native_id() if kernel is None else kernel.current.ident


def get_main_thread_ident() -> int:
    """``_thread._get_main_thread_ident`` (3.13)."""
    kernel = stage.kernel
    return _real_get_ident() if kernel is None else kernel.threads[0].ident


def count() -> int:
    """``_thread._count``: how many threads there are besides the main thread."""
    kernel = stage.kernel
    return _real_count() if kernel is None else sum(not thread.ended for thread in kernel.threads[1:])


def _active() -> Kernel:
    if stage.kernel is None:
        raise RuntimeError("can't start a simulated thread when no execution is under way")
    return stage.kernel


def start_new_thread(
    function: Callable[..., None], arguments: tuple[Any, ...], kwargs: Mapping[str, Any] | None = None, /
) -> int:
    """``_thread.start_new_thread``."""
    if not callable(function):
        raise TypeError("first arg must be callable")
    if not isinstance(arguments, tuple):
        raise TypeError("2nd arg must be a tuple")
    kernel = _active()
    python = kernel.current.starting
    if python is not None:
        return _start_python_thread(kernel, python, partial(function, *arguments, **(kwargs or {}))).ident
    if kernel.outcome is not None:
        raise Unwind
    kernel.announce(Kind.START, caller_site(1), None)
    kernel.point()
    thread = _spawn_bare(kernel, function, arguments, kwargs or {})
    kernel.current.target = thread
    kernel.note(Kind.START)
    return thread.ident


def _start_python_thread(
    kernel: Kernel, python: Any, body: Callable[[], None], handle: ThreadHandle | None = None
) -> SimulatedThread:
    """Start the thread of a ``threading.Thread``, whose ``start`` waits until the new one has begun."""
    kernel.current.starting = None
    thread = kernel.spawn(python._name, body)
    thread.daemon = python._daemonic
    kernel.is_of(thread, python)
    if handle is not None:
        handle._started(kernel, thread)
    kernel.bootstrap(thread)
    return thread


def _spawn_bare(
    kernel: Kernel, function: Callable[..., object], arguments: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> SimulatedThread:
    """Start a thread without a ``threading.Thread``. Nobody waits for it at the end."""

    def body() -> None:
        kernel.begin()
        try:
            function(*arguments, **kwargs)
        except (Unwind, SystemExit):
            pass
        except BaseException as error:
            kernel.uncaught_here(error)

    thread = kernel.spawn(getattr(function, "__name__", "thread"), body)
    thread.daemon = True
    kernel.enable(thread)
    return thread


def set_sentinel() -> Lock:
    """``_thread._set_sentinel`` (3.11, 3.12): a lock that is released when the current thread is over."""
    kernel = _active()
    sentinel = Lock()
    kernel.current.at_end.append(lambda: sentinel._give_up(kernel))
    return sentinel


class ThreadHandle:
    """``_thread._ThreadHandle`` (3.13): what may be joined."""

    def __init__(self) -> None:
        self._over = Lock()
        self._kernel: Kernel | None = None
        self._thread: SimulatedThread | None = None
        self._done = False

    @property
    def ident(self) -> int:
        """Of the thread, 0 before it was started."""
        return 0 if self._thread is None else self._thread.ident

    def is_done(self) -> bool:
        """Whether the thread is over; that of an execution that is over is."""
        return self._done or (self._kernel is not None and self._kernel.outcome is not None)

    def join(self, timeout: float | None = None, /) -> None:
        """Wait until the thread is over."""
        if self._thread is None and not self._done:
            raise RuntimeError("thread not started")
        if self.is_done():
            return
        current = _active().current
        if self._thread is current:
            raise RuntimeError("Cannot join current thread")
        current.inside += 1
        try:
            if self._over.acquire(True, -1 if timeout is None or timeout < 0 else timeout):
                self._over.release()
        finally:
            current.inside -= 1

    def _set_done(self) -> None:
        self._done = True
        if self._kernel is not None and self._kernel is stage.kernel:
            self._over._give_up(self._kernel)

    def _started(self, kernel: Kernel, thread: SimulatedThread) -> None:
        self._kernel = kernel
        self._thread = thread
        self._over.owner = thread
        thread.at_end.append(self._set_done)

    def __repr__(self) -> str:
        return f"<_ThreadHandle object: ident={self.ident}>"


def start_joinable_thread(
    function: Callable[[], None], handle: ThreadHandle | None = None, daemon: bool = True
) -> ThreadHandle:
    """``_thread.start_joinable_thread`` (3.13)."""
    kernel = _active()
    if handle is None:
        handle = ThreadHandle()
    elif handle._thread is not None:
        raise RuntimeError("thread already started")
    python = kernel.current.starting
    if python is None:
        thread = _spawn_bare(kernel, function, (), {})
        thread.daemon = daemon
        handle._started(kernel, thread)
        return handle
    _start_python_thread(kernel, python, function, handle)
    return handle


def make_thread_handle(ident: int, /) -> ThreadHandle:
    """``_thread._make_thread_handle`` (3.13): of a thread that runs already."""
    handle = ThreadHandle()
    kernel = _active()
    handle._started(kernel, kernel.current)
    return handle


def shutdown() -> None:
    """``_thread._shutdown`` (3.13): wait for all threads that are not daemons."""
    kernel = _active()
    for thread in kernel.threads:  # grows while it waits
        if thread is not kernel.current and not thread.daemon and not thread.ended:
            over = Lock()
            over.owner = thread
            thread.at_end.append(lambda over=over: over._give_up(kernel))  # type: ignore[misc]
            over.acquire()
