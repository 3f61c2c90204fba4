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
from types import FrameType
from typing import Any

from threadsim.instrument.sites import called_by_threading, program_call, site_of_call
from threadsim.model.event import Kind
from threadsim.simulate import stage
from threadsim.simulate.journal import ALIVE, timer_location
from threadsim.simulate.kernel import Kernel
from threadsim.simulate.lock import lock_is_held_by, own_lock_of
from threadsim.simulate.notes import ABSENT
from threadsim.simulate.stage import get_ident, here
from threadsim.simulate.thread import SimulatedThread
from threadsim.strategy.steps import Mode

Handler = Callable[..., Any]
Result = Callable[[Any, tuple[Any, ...]], str | None]
"""What a returned value means, given the call's arguments; None: it did what was asked."""

Value = Callable[[tuple[Any, ...]], Any]
"""What an event tells of the call's arguments, `ABSENT` for nothing."""


def _program_call(kernel: Kernel | None) -> FrameType | None:
    """The frame of the call that the handler's caller handles, if the program made it."""
    return None if kernel is None or kernel.current.inside else program_call(2)


def _announce(kernel: Kernel, kind: Kind, obj: Any, frame: FrameType) -> None:
    site = site_of_call(frame)
    entry = kernel.registry.entry(obj, _kind_of(obj))
    if entry.name is None:
        kernel.registry.name_from_use(entry, frame, site)
    kernel.announce(kind, site, entry)


def _announce_thread(kernel: Kernel, kind: Kind, thread: Any, frame: FrameType) -> SimulatedThread | None:
    target = kernel.simulated(thread)
    kernel.announce(kind, site_of_call(frame), None, target)
    return target


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


def _nothing(arguments: tuple[Any, ...]) -> Any:
    return ABSENT


def _how_many(arguments: tuple[Any, ...]) -> Any:
    """Of ``notify(n)`` and ``release(n)``, if that is not the usual one."""
    return ABSENT if arguments[0] == 1 else arguments[0]


def _operation(kind: Kind, result_of: Result = _always, value_of: Value = _nothing) -> Handler:
    """A handler for calls that are one operation on the object whose method it is."""

    def handle(original: Handler, obj: Any, *arguments: Any) -> Any:
        kernel = stage.kernel
        if kernel is None or kernel.current.inside or get_ident() != stage.thread:
            return original(obj, *arguments)
        frame = program_call(1)
        if frame is None:
            return original(obj, *arguments)
        _announce(kernel, kind, obj, frame)
        kernel.point()
        return _carry_out(kernel, kind, result_of, original, obj, arguments, value_of(arguments))

    return handle


def _carry_out(
    kernel: Kernel,
    kind: Kind,
    result_of: Result,
    original: Handler,
    obj: Any,
    arguments: tuple[Any, ...],
    value: Any = ABSENT,
    begun: float | None = None,
) -> Any:
    """Make a call that was announced and chosen, and note what came of it.

    It counts from `begun`, if it has had to wait before.
    """
    current = kernel.current
    if begun is None:
        begun = kernel.clock.now
        current.blocked_in_call = False
    current.inside += 1
    result: str | None = None
    try:
        returned = original(obj, *arguments)
        result = result_of(returned, arguments)
        return returned
    except BaseException as error:
        result = _result_of_error(error)
        raise
    finally:
        current.inside -= 1
        if kernel.outcome is None:
            waited = kernel.clock.now - begun if current.blocked_in_call else None
            kernel.note(kind, value=value, result=result, waited=waited)


def _waiting(result_of: Result = _always) -> Handler:
    """A handler for calls that are a wait: noted when they block, and again when they come back."""

    def handle(original: Handler, obj: Any, *arguments: Any) -> Any:
        kernel = stage.kernel
        if kernel is None or kernel.current.inside or get_ident() != stage.thread:
            return original(obj, *arguments)
        frame = program_call(1)
        if frame is None:
            return original(obj, *arguments)
        _announce(kernel, Kind.WAIT, obj, frame)
        kernel.point()
        return _wait(kernel, result_of, original, obj, arguments)

    return handle


def _wait(kernel: Kernel, result_of: Result, original: Handler, obj: Any, arguments: tuple[Any, ...]) -> Any:
    current = kernel.current
    begun = kernel.clock.now
    current.blocked_in_call = False
    current.before_blocking = lambda: _begin_to_wait(kernel, current)
    current.inside += 1
    result: str | None = None
    try:
        returned = original(obj, *arguments)
        result = result_of(returned, arguments)
        return returned
    except BaseException as error:
        result = _result_of_error(error)
        raise
    finally:
        current.inside -= 1
        is_noted, current.before_blocking = current.before_blocking is None, None
        if kernel.outcome is None:
            if current.blocked_in_call:
                kernel.note(Kind.WAKE, result=result, waited=kernel.clock.now - begun)
            elif not is_noted:
                kernel.note(Kind.WAIT, result=result)


def _begin_to_wait(kernel: Kernel, current: SimulatedThread) -> None:
    kernel.note(Kind.WAIT)
    if current.rejoins is not None:
        current.rejoins.given_up(kernel)


def _let_go(original: Handler, barrier: Any) -> None:
    """``Barrier._release``, by the last to arrive: it runs the barrier's action, which is the program's own.

    So it arrives before the action, and lets the others go after it.
    """
    kernel = here()
    if kernel is None or barrier._action is None:
        original(barrier)
        return
    current = kernel.current
    if current.before_blocking is not None:
        current.before_blocking()
        current.before_blocking = None
    inside, current.inside = current.inside, 0
    announced = current.announced()
    done = Kind.ABORT
    try:
        original(barrier)
        done = Kind.NOTIFY_ALL
    finally:
        current.inside = inside
        current.blocked_in_call = False
        kernel.announce(*announced)
        if kernel.outcome is None:
            kernel.note(done)


# Threads.


def _start(original: Handler, thread: Any) -> None:
    kernel = here()
    if kernel is None:
        original(thread)
        return
    current = kernel.current
    frame = _program_call(kernel)
    if frame is not None:
        kernel.announce(Kind.START, site_of_call(frame), None)
        kernel.point()
        if kernel.registry.identities.surveys:
            kernel.registry.identities.survey(frame, thread, kernel.registry.views)
    current.starting = thread
    current.inside += 1
    result: str | None = None
    try:
        original(thread)
    except BaseException as error:
        result = _result_of_error(error)
        raise
    finally:
        current.inside -= 1
        current.starting = None
        if frame is not None and kernel.outcome is None:
            current.target = kernel.simulated(thread)
            kernel.note(Kind.START, result=result)


def _join(original: Handler, thread: Any, timeout: float | None) -> None:
    kernel = here()
    frame = _program_call(kernel)
    if kernel is None or frame is None:
        original(thread, timeout)
        return
    target = _announce_thread(kernel, Kind.JOIN, thread, frame)
    begun = kernel.clock.now
    kernel.current.blocked_in_call = False
    if target is None or target is kernel.current or timeout is not None:
        kernel.point()
    else:
        kernel.point_after_end(target)
    _carry_out(kernel, Kind.JOIN, _still_alive(target), original, thread, (timeout,), begun=begun)
    if target is not None:
        kernel.joined(target)


def _still_alive(target: SimulatedThread | None) -> Result:
    return lambda value, arguments: None if target is None or target.ended else "timed out"


def _on_thread(kind: Kind, result_of: Result = _always) -> Handler:
    """A handler for calls that are one operation on the thread whose method it is."""

    def handle(original: Handler, thread: Any) -> Any:
        kernel = here()
        frame = _program_call(kernel)
        if kernel is None or frame is None:
            return original(thread)
        _announce_thread(kernel, kind, thread, frame)
        kernel.point()
        return _carry_out(kernel, kind, result_of, original, thread, ())

    return handle


def _make_invoke_excepthook(original: Handler) -> Callable[[Any], None]:
    """The function that a thread calls when nobody caught its exception."""
    invoke = original()

    def invoke_excepthook(thread: Any) -> None:
        kernel = here()
        error = sys.exc_info()[1]
        if kernel is not None and error is not None:
            if kernel.outcome is not None:
                return  # raised while unwinding, after the end
            kernel.uncaught_here(error)
        invoke(thread)

    return invoke_excepthook


def _ask_about_all(original: Callable[[], Any]) -> Any:
    """A function that tells which threads there are: others' starts and ends matter to it."""
    kernel = here()
    frame = _program_call(kernel)
    if kernel is None or frame is None:
        return original()
    kernel.announce(Kind.IS_ALIVE, site_of_call(frame), None)
    kernel.point()
    kernel.touch(ALIVE, Mode.READ)
    return _carry_out(kernel, Kind.IS_ALIVE, _always, lambda _: original(), None, ())


# Events: two of them belong to threads.


def _is_own_timer(kernel: Kernel, event: Any) -> bool:
    """Whether it is the event by which the current thread, a Timer, is told to stop."""
    thread = kernel.current.python
    return isinstance(thread, threading.Timer) and thread.finished is event


def _set(original: Handler, event: Any) -> None:
    kernel = here()
    if kernel is not None and kernel.current.bootstrapping is not None:
        original(event)  # `_started`: the first thing that a new thread does
        kernel.begin()
        return
    frame = _program_call(kernel)
    if kernel is None or frame is None or _is_own_timer(kernel, event):
        original(event)
        return
    _announce(kernel, Kind.SET, event, frame)
    kernel.point()
    _carry_out(kernel, Kind.SET, _always, original, event, ())


_wait_for_event = _waiting(_timed_out)
_wait_on_condition = _waiting(_timed_out)


def _wait_condition(original: Handler, condition: Any, *arguments: Any) -> Any:
    """``Condition.wait``: whoever holds its lock gives that up, and has to have it back before going on."""
    kernel = here()
    lock = condition._lock
    if kernel is None or kernel.current.inside or not lock_is_held_by(lock, kernel.current):
        return _wait_on_condition(original, condition, *arguments)
    current = kernel.current
    current.rejoins = lock
    try:
        return _wait_on_condition(original, condition, *arguments)
    finally:
        current.rejoins = None


def _wait_event(original: Handler, event: Any, timeout: float | None) -> bool:
    kernel = here()
    if kernel is None or kernel.current.inside or not _is_own_timer(kernel, event):
        flag: bool = _wait_for_event(original, event, timeout)
        return flag
    current = kernel.current
    current.inside += 1
    try:
        kernel.announce(Kind.FIRE, None, None)
        kernel.touch(timer_location(current), Mode.READ)
        flag = original(event, timeout)
        kernel.touch(timer_location(current), Mode.READ)
    finally:
        current.inside -= 1
    if not flag and kernel.outcome is None:
        kernel.note(Kind.FIRE)
    return flag


# What is made.


def _made(original: Handler, obj: Any, *arguments: Any) -> None:
    kernel = here()
    if kernel is None:
        original(obj, *arguments)
        return
    current = kernel.current
    current.inside += 1  # what it is made of is not the program's
    try:
        original(obj, *arguments)
    finally:
        current.inside -= 1
    if not current.inside and not called_by_threading(1):
        entry = kernel.registry.made(obj, _kind_of(obj), 1)
        if isinstance(obj, threading.Condition) and (lock := own_lock_of(obj)) is not None:
            kernel.registry.stand_for(lock, entry)


def table() -> Iterator[tuple[Any, Handler]]:
    """The functions of the standard library that are operations, with what handles them."""
    simple_queue: Any = queue._PySimpleQueue  # type: ignore[attr-defined]
    yield threading.Thread.start, _start
    yield threading.Thread.join, _join
    yield threading.Thread.is_alive, _on_thread(Kind.IS_ALIVE, _false)
    yield threading.Timer.cancel, _on_thread(Kind.CANCEL)
    yield threading.enumerate, _ask_about_all
    yield threading.active_count, _ask_about_all
    yield threading._make_invoke_excepthook, _make_invoke_excepthook  # type: ignore[attr-defined]
    yield threading.Condition.wait, _wait_condition
    yield threading.Condition.notify, _operation(Kind.NOTIFY, value_of=_how_many)
    yield threading.Condition.notify_all, _operation(Kind.NOTIFY_ALL)
    yield threading.Event.set, _set
    yield threading.Event.clear, _operation(Kind.CLEAR)
    yield threading.Event.is_set, _operation(Kind.IS_SET, _false)
    yield threading.Event.wait, _wait_event
    yield threading.Semaphore.acquire, _operation(Kind.ACQUIRE, _not_acquired)
    yield threading.Semaphore.release, _operation(Kind.RELEASE, value_of=_how_many)
    yield threading.BoundedSemaphore.release, _operation(Kind.RELEASE, value_of=_how_many)
    yield threading.Barrier.wait, _waiting()
    yield threading.Barrier._release, _let_go  # type: ignore[attr-defined]
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
        threading.Barrier,
        queue.Queue,
        simple_queue,
    ):
        yield made.__init__, _made
