"""The functions of the standard library that are operations, and what handles each."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

from threadsim.instrument.sites import called_by_threading, site_of_call
from threadsim.model.event import Kind
from threadsim.simulate.calls import (
    Handler,
    Result,
    always,
    announce,
    announce_thread,
    carry_out,
    false,
    how_many,
    kind_of,
    let_go,
    not_acquired,
    operation,
    program_frame,
    result_of_error,
    timed_out,
    waiting,
)
from threadsim.simulate.journal import ALIVE, timer_location
from threadsim.simulate.kernel import Kernel
from threadsim.simulate.lock import Lock, lock_is_held_by, own_lock_of
from threadsim.simulate.stage import here
from threadsim.simulate.targets import touched_by
from threadsim.simulate.thread import SimulatedThread
from threadsim.strategy.steps import Mode

# Threads.


def _start(original: Handler, thread: Any) -> None:
    kernel = here()
    if kernel is None:
        original(thread)
        return
    current = kernel.current
    frame = program_frame(kernel)
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
        result = result_of_error(error)
        raise
    finally:
        current.inside -= 1
        current.starting = None
        if frame is not None and kernel.outcome is None:
            current.target = kernel.simulated(thread)
            kernel.note(Kind.START, result=result)


def _join(original: Handler, thread: Any, timeout: float | None) -> None:
    kernel = here()
    frame = program_frame(kernel)
    if kernel is None or frame is None:
        original(thread, timeout)
        return
    target = announce_thread(kernel, Kind.JOIN, thread, frame)
    begun = kernel.clock.now
    kernel.current.blocked_in_call = False
    if target is None or target is kernel.current or timeout is not None:
        kernel.point()
    else:
        kernel.point_after_end(target)
    carry_out(kernel, Kind.JOIN, _still_alive(target), original, thread, (timeout,), begun=begun)
    if target is not None:
        kernel.joined(target)


def _still_alive(target: SimulatedThread | None) -> Result:
    return lambda value, arguments: None if target is None or target.ended else "timed out"


def _on_thread(kind: Kind, result_of: Result = always) -> Handler:
    """A handler for calls that are one operation on the thread whose method it is."""

    def handle(original: Handler, thread: Any) -> Any:
        kernel = here()
        frame = program_frame(kernel)
        if kernel is None or frame is None:
            return original(thread)
        announce_thread(kernel, kind, thread, frame)
        kernel.point()
        return carry_out(kernel, kind, result_of, original, thread, ())

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
    frame = program_frame(kernel)
    if kernel is None or frame is None:
        return original()
    kernel.announce(Kind.IS_ALIVE, site_of_call(frame), None)
    kernel.point()
    kernel.touch(ALIVE, Mode.READ)
    return carry_out(kernel, Kind.IS_ALIVE, always, lambda _: original(), None, ())


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
    frame = program_frame(kernel)
    if kernel is None or frame is None or _is_own_timer(kernel, event):
        original(event)
        return
    announce(kernel, Kind.SET, event, frame)
    kernel.point()
    carry_out(kernel, Kind.SET, always, original, event, ())


_wait_for_event = waiting(timed_out)
_wait_on_condition = waiting(timed_out)


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


def _is_owned(original: Handler, condition: Any) -> Any:
    """``Condition._is_owned``, of a lock that does not say whose it is: it will do that somebody has it."""
    kernel = here()
    lock = condition._lock
    if kernel is not None and isinstance(lock, Lock) and lock.owner is not kernel.current:
        kernel.touch(kernel.registry.entry(lock, "Lock"), Mode.READ)
        if lock.owner is not None and kernel.current.kind is Kind.WAIT:
            kernel.journal.unmodelled = "a wait on a condition whose lock another thread has"
    return original(condition)


def _look(original: Handler, obj: Any) -> Any:
    """A property that tells of a primitive's state: no operation, but it matters when it is looked at."""
    kernel = here()
    if kernel is not None and not kernel.current.inside:
        kernel.touch(kernel.registry.entry(obj, kind_of(obj)), Mode.READ)
    return original(obj)


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
        touched = touched_by(kernel.registry, current.python.function)
        if touched is not None:
            kernel.touch(*touched)
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
        entry = kernel.registry.made(obj, kind_of(obj), 1)
        if isinstance(obj, threading.Condition) and (lock := own_lock_of(obj)) is not None:
            kernel.registry.stand_for(lock, entry)


def table() -> Iterator[tuple[Any, Handler]]:
    """The functions of the standard library that are operations, with what handles them."""
    simple_queue: Any = queue._PySimpleQueue  # type: ignore[attr-defined]
    yield threading.Thread.start, _start
    yield threading.Thread.join, _join
    yield threading.Thread.is_alive, _on_thread(Kind.IS_ALIVE, false)
    yield threading.Timer.cancel, _on_thread(Kind.CANCEL)
    yield threading.enumerate, _ask_about_all
    yield threading.active_count, _ask_about_all
    yield threading._make_invoke_excepthook, _make_invoke_excepthook  # type: ignore[attr-defined]
    yield threading.Condition.wait, _wait_condition
    yield threading.Condition._is_owned, _is_owned  # type: ignore[attr-defined]
    yield threading.Condition.notify, operation(Kind.NOTIFY, value_of=how_many)
    yield threading.Condition.notify_all, operation(Kind.NOTIFY_ALL)
    yield threading.Event.set, _set
    yield threading.Event.clear, operation(Kind.CLEAR)
    yield threading.Event.is_set, operation(Kind.IS_SET, false)
    yield threading.Event.wait, _wait_event
    yield threading.Semaphore.acquire, operation(Kind.ACQUIRE, not_acquired)
    yield threading.Semaphore.release, operation(Kind.RELEASE, value_of=how_many)
    yield threading.BoundedSemaphore.release, operation(Kind.RELEASE, value_of=how_many)
    yield threading.Barrier.wait, waiting()
    yield threading.Barrier._release, let_go  # type: ignore[attr-defined]
    for look in (threading.Barrier.n_waiting, threading.Barrier.broken):
        yield look.fget, _look  # type: ignore[attr-defined]
    yield threading.Barrier.reset, operation(Kind.RESET)
    yield threading.Barrier.abort, operation(Kind.ABORT)
    for kind in (queue.Queue, simple_queue):
        yield kind.put, operation(Kind.PUT)
        yield kind.get, operation(Kind.GET)
        yield kind.qsize, operation(Kind.SIZE)
        yield kind.empty, operation(Kind.SIZE)
    yield queue.Queue.full, operation(Kind.SIZE)
    yield queue.Queue.task_done, operation(Kind.TASK_DONE)
    yield queue.Queue.join, operation(Kind.JOIN)
    if hasattr(queue.Queue, "shutdown"):
        yield queue.Queue.shutdown, operation(Kind.SHUTDOWN)
    for made in (
        threading.Condition,
        threading.Event,
        threading.Semaphore,
        threading.Barrier,
        queue.Queue,
        simple_queue,
    ):
        yield made.__init__, _made
