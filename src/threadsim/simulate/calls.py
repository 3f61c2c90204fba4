"""How a call of `threading` or `queue` is made a single operation.

CPython's own code does the work of ``Event.set`` or ``Queue.get``; here such a call becomes one scheduling
point and one event, and what happens inside of it nobody sees. Where the call has to block, going on is a
second scheduling point.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from threadsim.instrument.sites import program_call, site_of_call
from threadsim.model.event import Kind
from threadsim.simulate import stage
from threadsim.simulate.kernel import Kernel
from threadsim.simulate.notes import ABSENT
from threadsim.simulate.stage import get_ident, here
from threadsim.simulate.thread import SimulatedThread

Handler = Callable[..., Any]
Result = Callable[[Any, tuple[Any, ...]], str | None]
"""What a returned value means, given the call's arguments; None: it did what was asked."""

Value = Callable[[tuple[Any, ...]], Any]
"""What an event tells of the call's arguments, `ABSENT` for nothing."""


def program_frame(kernel: Kernel | None) -> FrameType | None:
    """The frame of the call that the handler's caller handles, if the program made it."""
    return None if kernel is None or kernel.current.inside else program_call(2)


def announce(kernel: Kernel, kind: Kind, obj: Any, frame: FrameType) -> None:
    """Say that the current thread is about to do something to a primitive, on the line of a frame."""
    site = site_of_call(frame)
    entry = kernel.registry.entry(obj, kind_of(obj))
    if entry.name is None:
        kernel.registry.name_from_use(entry, frame, site)
    kernel.announce(kind, site, entry)


def announce_thread(kernel: Kernel, kind: Kind, thread: Any, frame: FrameType) -> SimulatedThread | None:
    """The same for a thread; which one that is, None if it was not started here."""
    target = kernel.simulated(thread)
    kernel.announce(kind, site_of_call(frame), None, target)
    return target


def kind_of(obj: Any) -> str:
    """What a primitive is called in a trace, whatever subclass it is of."""
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


def result_of_error(error: BaseException) -> str:
    """What an exception that a call raised means, in a word."""
    return _RESULTS.get(type(error), type(error).__name__)


def always(value: Any, arguments: tuple[Any, ...]) -> None:
    """It did what was asked."""
    return None


def false(value: Any, arguments: tuple[Any, ...]) -> str | None:
    """A question was answered with no."""
    return None if value else "false"


def timed_out(value: Any, arguments: tuple[Any, ...]) -> str | None:
    """A wait ended with its time."""
    return None if value else "timed out"


def not_acquired(value: Any, arguments: tuple[Any, ...]) -> str | None:
    """A semaphore was not to be had."""
    return None if value else "timed out" if arguments[0] else "would block"


def _nothing(arguments: tuple[Any, ...]) -> Any:
    return ABSENT


def how_many(arguments: tuple[Any, ...]) -> Any:
    """Of ``notify(n)`` and ``release(n)``, if that is not the usual one."""
    return ABSENT if arguments[0] == 1 else arguments[0]


def operation(kind: Kind, result_of: Result = always, value_of: Value = _nothing) -> Handler:
    """A handler for calls that are one operation on the object whose method it is."""

    def handle(original: Handler, obj: Any, *arguments: Any) -> Any:
        kernel = stage.kernel
        if kernel is None or get_ident() != stage.thread or kernel.current.inside:
            return original(obj, *arguments)
        frame = program_call(1)
        if frame is None:
            return original(obj, *arguments)
        announce(kernel, kind, obj, frame)
        kernel.point()
        return carry_out(kernel, kind, result_of, original, obj, arguments, value_of(arguments))

    return handle


def carry_out(
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
        result = result_of_error(error)
        raise
    finally:
        current.inside -= 1
        if kernel.outcome is None:
            waited = kernel.clock.now - begun if current.blocked_in_call else None
            kernel.note(kind, value=value, result=result, waited=waited)


def waiting(result_of: Result = always) -> Handler:
    """A handler for calls that are a wait: noted when they block, and again when they come back."""

    def handle(original: Handler, obj: Any, *arguments: Any) -> Any:
        kernel = stage.kernel
        if kernel is None or get_ident() != stage.thread or kernel.current.inside:
            return original(obj, *arguments)
        frame = program_call(1)
        if frame is None:
            return original(obj, *arguments)
        announce(kernel, Kind.WAIT, obj, frame)
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
        result = result_of_error(error)
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


def let_go(original: Handler, barrier: Any) -> None:
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
