"""The twin of ``_thread``: its names and signatures, each a line or two to the kernel.

CPython's `threading` runs on these during an execution. What differs between versions is which of the names
it uses: `_set_sentinel` and `start_new_thread` up to 3.12, handles from 3.13 on. For a thread that is not
simulated each does what the real one does.
"""

from __future__ import annotations

import _thread
from collections.abc import Callable, Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any

from threadsim.instrument.sites import caller_site
from threadsim.model.event import Kind
from threadsim.simulate import stage
from threadsim.simulate.kernel import Kernel, Unwind
from threadsim.simulate.lock import Lock, RLock, allocate_lock
from threadsim.simulate.stage import here
from threadsim.simulate.thread import SimulatedThread

__all__ = [
    "Lock",
    "RLock",
    "ThreadHandle",
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

_REAL = SimpleNamespace(**vars(_thread))
"""The module, as it is outside of executions."""


def get_ident() -> int:
    """``_thread.get_ident``: small numbers, the same in each execution."""
    kernel, ident = stage.kernel, stage.get_ident()
    return ident if kernel is None or ident != stage.thread else kernel.current.ident


def get_native_id() -> int:
    """``_thread.get_native_id``."""
    kernel = here()
    return _REAL.get_native_id() if kernel is None else kernel.current.ident


def get_main_thread_ident() -> int:
    """``_thread._get_main_thread_ident`` (3.13)."""
    kernel = here()
    return _REAL._get_main_thread_ident() if kernel is None else kernel.threads[0].ident


def count() -> int:
    """``_thread._count``: how many threads there are besides the main thread."""
    kernel = here()
    return _REAL._count() if kernel is None else sum(not thread.ended for thread in kernel.threads[1:])


def start_new_thread(
    function: Callable[..., None], arguments: tuple[Any, ...], kwargs: Mapping[str, Any] | None = None, /
) -> Any:
    """``_thread.start_new_thread``."""
    kernel = here()
    if kernel is None:
        return _REAL.start_new_thread(function, arguments, kwargs or {})
    if not callable(function):
        raise TypeError("first arg must be callable")
    if not isinstance(arguments, tuple):
        raise TypeError("2nd arg must be a tuple")
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


def set_sentinel() -> Any:
    """``_thread._set_sentinel`` (3.11, 3.12): a lock that is released when the current thread is over."""
    kernel = here()
    if kernel is None:
        return _REAL._set_sentinel()
    sentinel = allocate_lock()
    kernel.current.at_end.append(lambda: sentinel._give_up(kernel))
    return sentinel


class ThreadHandle:
    """``_thread._ThreadHandle`` (3.13): what may be joined."""

    def __new__(cls) -> Any:
        """A real one, for whoever is not simulated."""
        return _REAL._ThreadHandle() if here() is None else super().__new__(cls)

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
        kernel = here()
        if kernel is None:
            self._wait(timeout)
            return
        current = kernel.current
        if self._thread is current:
            raise RuntimeError("Cannot join current thread")
        current.inside += 1
        try:
            self._wait(timeout)
        finally:
            current.inside -= 1

    def _wait(self, timeout: float | None) -> None:
        if self._over.acquire(True, -1 if timeout is None or timeout < 0 else timeout):
            self._over.release()

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
) -> Any:
    """``_thread.start_joinable_thread`` (3.13)."""
    kernel = here()
    if kernel is None:
        if isinstance(handle, ThreadHandle):
            raise RuntimeError("a thread that was made under simulation can be started only there")
        return _REAL.start_joinable_thread(function, handle=handle, daemon=daemon)
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


def make_thread_handle(ident: int, /) -> Any:
    """``_thread._make_thread_handle`` (3.13): of a thread that runs already."""
    kernel = here()
    if kernel is None:
        return _REAL._make_thread_handle(ident)
    handle = ThreadHandle()
    handle._started(kernel, kernel.current)
    return handle


def shutdown() -> None:
    """``_thread._shutdown`` (3.13): wait for all threads that are not daemons."""
    kernel = here()
    if kernel is None:
        _REAL._shutdown()
        return
    for thread in kernel.threads:  # grows while it waits
        if thread is not kernel.current and not thread.daemon and not thread.ended:
            over = Lock()
            over.owner = thread
            thread.at_end.append(lambda over=over: over._give_up(kernel))  # type: ignore[misc]
            over.acquire()
