"""Calls of `threading` and `queue` as single operations.

CPython's own code does the work of ``Event.set`` or ``Queue.get``; here such a call becomes one scheduling
point and one event, and what happens inside of it nobody sees. Where the call has to block, going on is a
second scheduling point.
"""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

from threadsim.instrument.sites import called_by_threading, caller_frame, caller_site
from threadsim.model.event import Kind
from threadsim.simulate import stage
from threadsim.simulate.kernel import Kernel, Unwind
from threadsim.simulate.lock import own_lock_of
from threadsim.simulate.registry import Entry
from threadsim.simulate.thread import SimulatedThread

Handler = Callable[..., Any]
Result = Callable[[Any, tuple[Any, ...]], str | None]
"""What a returned value means, given the call's arguments; None: it did what was asked."""


def _program_calls(kernel: Kernel | None) -> bool:
    """Whether the call that the handler's caller handles is one that the program made."""
    return kernel is not None and not kernel.current.inside and not called_by_threading(2)


def _entry_of(kernel: Kernel, obj: Any) -> Entry:
    entry = kernel.registry.entry(obj, _kind_of(obj))
    if entry.name is None:
        kernel.registry.name_from_use(entry, caller_frame(2), caller_site(2))
    return entry


def _kind_of(obj: Any) -> str:
    for kind in _KINDS:
        if isinstance(obj, kind):
            return kind.__name__.removeprefix("_Py")
    return type(obj).__name__


_KINDS: tuple[type, ...] = (
    threading.BoundedSemaphore,
    threading.Semaphore,
    threading.Event,
    threading.Condition,
    threading.Barrier,
    queue.LifoQueue,
    queue.PriorityQueue,
    queue.Queue,
    queue._PySimpleQueue,  # type: ignore[attr-defined]
)

_RESULTS: dict[type[BaseException], str] = {
    queue.Empty: "empty",
    queue.Full: "full",
    threading.BrokenBarrierError: "broken",
}


def _result_of_error(error: BaseException) -> str:
    return _RESULTS.get(type(error), type(error).__name__)


def _always(value: Any, arguments: tuple[Any, ...]) -> None:
    return None


def _false(value: Any, arguments: tuple[Any, ...]) -> str | None:
    return None if value else "false"


def _timed_out(value: Any, arguments: tuple[Any, ...]) -> str | None:
    return None if value else "timed out"


def _not_acquired(value: Any, arguments: tuple[Any, ...]) -> str | None:
    return None if value else "timed out" if arguments[0] else "would block"


def _operation(kind: Kind, result_of: Result = _always) -> Handler:
    """A handler for calls that are one operation on the object whose method it is."""

    def handle(original: Handler, obj: Any, *arguments: Any) -> Any:
        kernel = stage.kernel
        if kernel is None or not _program_calls(kernel):
            return original(obj, *arguments)
        kernel.announce(kind, caller_site(1), _entry_of(kernel, obj))
        kernel.point()
        return _carry_out(kernel, kind, result_of, original, obj, arguments)

    return handle


def _carry_out(
    kernel: Kernel, kind: Kind, result_of: Result, original: Handler, obj: Any, arguments: tuple[Any, ...]
) -> Any:
    """Make a call that was announced and chosen, and note what came of it."""
    current = kernel.current
    begun = kernel.clock.now
    current.blocked_in_call = False
    current.inside += 1
    result: str | None = None
    try:
        value = original(obj, *arguments)
        result = result_of(value, arguments)
        return value
    except Unwind:
        raise
    except BaseException as error:
        result = _result_of_error(error)
        raise
    finally:
        current.inside -= 1
        current.before_blocking = None
        if kernel.outcome is None:
            kernel.note(kind, result=result, waited=kernel.clock.now - begun if current.blocked_in_call else None)


def _waiting(result_of: Result = _always) -> Handler:
    """A handler for calls that are a wait: noted when they block, and again when they come back."""

    def handle(original: Handler, obj: Any, *arguments: Any) -> Any:
        kernel = stage.kernel
        if kernel is None or not _program_calls(kernel):
            return original(obj, *arguments)
        kernel.announce(Kind.WAIT, caller_site(1), _entry_of(kernel, obj))
        kernel.point()
        return _wait(kernel, result_of, original, obj, arguments)

    return handle


def _wait(kernel: Kernel, result_of: Result, original: Handler, obj: Any, arguments: tuple[Any, ...]) -> Any:
    current = kernel.current
    begun = kernel.clock.now
    current.blocked_in_call = False
    current.before_blocking = lambda: kernel.note(Kind.WAIT)
    current.inside += 1
    result: str | None = None
    try:
        value = original(obj, *arguments)
        result = result_of(value, arguments)
        return value
    except Unwind:
        raise
    except BaseException as error:
        result = _result_of_error(error)
        raise
    finally:
        current.inside -= 1
        current.before_blocking = None
        if kernel.outcome is None:
            if current.blocked_in_call:
                kernel.note(Kind.WAKE, result=result, waited=kernel.clock.now - begun)
            else:
                kernel.note(Kind.WAIT, result=result)


# Threads.


def _start(original: Handler, thread: Any) -> None:
    kernel = stage.kernel
    if kernel is None:
        return original(thread)
    current = kernel.current
    announced = _program_calls(kernel)
    if announced:
        kernel.announce(Kind.START, caller_site(1), None)
        kernel.point()
    current.starting = thread
    current.inside += 1
    try:
        original(thread)
    except BaseException as error:
        if announced:
            current.target = kernel.simulated(thread)
            kernel.note(Kind.START, result=_result_of_error(error))
        raise
    finally:
        current.inside -= 1
        current.starting = None
    if announced and kernel.outcome is None:
        current.target = kernel.simulated(thread)
        kernel.note(Kind.START)


def _join(original: Handler, thread: Any, timeout: float | None) -> None:
    kernel = stage.kernel
    if kernel is None or not _program_calls(kernel):
        return original(thread, timeout)
    target = kernel.simulated(thread)
    kernel.announce(Kind.JOIN, caller_site(1), None, target)
    if target is None or target.ended or target is kernel.current or timeout is not None:
        kernel.point()  # otherwise it cannot be carried out yet, and the call blocks
    _carry_out(kernel, Kind.JOIN, _still_alive(target), original, thread, (timeout,))
    if target is not None:
        kernel.joined(target)


def _still_alive(target: SimulatedThread | None) -> Result:
    return lambda value, arguments: None if target is None or target.ended else "timed out"


def _is_alive(original: Handler, thread: Any) -> bool:
    kernel = stage.kernel
    if kernel is None or not _program_calls(kernel):
        alive: bool = original(thread)
        return alive
    kernel.announce(Kind.IS_ALIVE, caller_site(1), None, kernel.simulated(thread))
    kernel.point()
    alive = _carry_out(kernel, Kind.IS_ALIVE, _false, original, thread, ())
    return alive


def _cancel(original: Handler, timer: Any) -> None:
    kernel = stage.kernel
    if kernel is None or not _program_calls(kernel):
        return original(timer)
    kernel.announce(Kind.CANCEL, caller_site(1), None, kernel.simulated(timer))
    kernel.point()
    return _carry_out(kernel, Kind.CANCEL, _always, original, timer, ())  # type: ignore[no-any-return]


def _make_invoke_excepthook(original: Handler) -> Callable[[Any], None]:
    """The function that a thread calls when nobody caught its exception."""
    invoke = original()

    def invoke_excepthook(thread: Any) -> None:
        kernel = stage.kernel
        error = sys.exc_info()[1]
        if isinstance(error, Unwind):
            return
        if kernel is not None and error is not None:
            kernel.uncaught_here(error)
        invoke(thread)

    return invoke_excepthook


# Events: two of them belong to threads.


def _is_own_timer(kernel: Kernel, event: Any) -> bool:
    """Whether it is the event by which the current thread, a Timer, is told to stop."""
    thread = kernel.current.python
    return isinstance(thread, threading.Timer) and thread.finished is event


def _set(original: Handler, event: Any) -> None:
    kernel = stage.kernel
    if kernel is None:
        return original(event)
    if kernel.current.bootstrapping is not None:  # the first thing that a new thread does: _started.set()
        original(event)
        return kernel.begin()
    if not _program_calls(kernel) or _is_own_timer(kernel, event):
        return original(event)
    kernel.announce(Kind.SET, caller_site(1), _entry_of(kernel, event))
    kernel.point()
    return _carry_out(kernel, Kind.SET, _always, original, event, ())  # type: ignore[no-any-return]


_wait_for_event = _waiting(_timed_out)


def _wait_event(original: Handler, event: Any, timeout: float | None) -> bool:
    kernel = stage.kernel
    if kernel is None or kernel.current.inside or not _is_own_timer(kernel, event):
        flag: bool = _wait_for_event(original, event, timeout)
        return flag
    current = kernel.current
    current.inside += 1
    try:
        kernel.announce(Kind.FIRE, None, None)
        flag = original(event, timeout)
    finally:
        current.inside -= 1
    if not flag and kernel.outcome is None:
        kernel.note(Kind.FIRE)
    return flag


# What is made.


def _made(original: Handler, obj: Any, *arguments: Any) -> None:
    original(obj, *arguments)
    kernel = stage.kernel
    if kernel is not None and not called_by_threading(1):
        entry = kernel.registry.made(obj, _kind_of(obj), 1)
        if isinstance(obj, threading.Condition) and (lock := own_lock_of(obj)) is not None:
            kernel.registry.add(lock, entry)


def _made_barrier(original: Handler, barrier: Any, parties: int, action: Any, timeout: float | None) -> None:
    _made(original, barrier, parties, None if action is None else _outside(action), timeout)


def _outside(function: Callable[[], object]) -> Callable[[], object]:
    """A function of the program's that is called inside of an operation, as if it were called outside."""

    def call() -> object:
        kernel = stage.kernel
        if kernel is None:
            return function()
        current = kernel.current
        inside, announced = current.inside, current.announced()
        current.inside = 0
        try:
            return function()
        finally:
            current.inside = inside
            kernel.announce(*announced)

    return call


def table() -> Iterator[tuple[FunctionType, Handler]]:
    """The functions of the standard library that are operations, with what handles them."""
    simple_queue: Any = queue._PySimpleQueue  # type: ignore[attr-defined]
    yield threading.Thread.start, _start
    yield threading.Thread.join, _join
    yield threading.Thread.is_alive, _is_alive
    yield threading.Timer.cancel, _cancel
    yield threading._make_invoke_excepthook, _make_invoke_excepthook  # type: ignore[attr-defined]
    yield threading.Condition.wait, _waiting(_timed_out)
    yield threading.Condition.notify, _operation(Kind.NOTIFY)
    yield threading.Condition.notify_all, _operation(Kind.NOTIFY_ALL)
    yield threading.Event.set, _set
    yield threading.Event.clear, _operation(Kind.CLEAR)
    yield threading.Event.is_set, _operation(Kind.IS_SET, _false)
    yield threading.Event.wait, _wait_event
    yield threading.Semaphore.acquire, _operation(Kind.ACQUIRE, _not_acquired)
    yield threading.Semaphore.release, _operation(Kind.RELEASE)
    yield threading.BoundedSemaphore.release, _operation(Kind.RELEASE)
    yield threading.Barrier.wait, _waiting()
    yield threading.Barrier.reset, _operation(Kind.RESET)
    yield threading.Barrier.abort, _operation(Kind.ABORT)
    for kind in (queue.Queue, simple_queue):
        yield kind.put, _operation(Kind.PUT)
        yield kind.get, _operation(Kind.GET)
        yield kind.qsize, _operation(Kind.SIZE)
        yield kind.empty, _operation(Kind.SIZE)
    yield queue.Queue.full, _operation(Kind.SIZE)
    yield queue.Queue.task_done, _operation(Kind.TASK_DONE)
    yield queue.Queue.join, _operation(Kind.JOIN)
    if hasattr(queue.Queue, "shutdown"):
        yield queue.Queue.shutdown, _operation(Kind.SHUTDOWN)
    for made in (
        threading.Condition,
        threading.Event,
        threading.Semaphore,
        queue.Queue,
        simple_queue,
    ):
        yield made.__init__, _made
    yield threading.Barrier.__init__, _made_barrier
