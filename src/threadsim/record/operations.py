"""Calls of methods that are an operation each: noted, unless `threading` makes them for its own purposes.

These are the shapes that operations come in; which method has which is said in `primitives` and `queues`.
"""

from __future__ import annotations

import queue
import threading
from _thread import get_ident
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

from threadsim.instrument.sites import program_call
from threadsim.model.event import Kind
from threadsim.record import log as logs
from threadsim.record.entries import ObjectEntry
from threadsim.record.log import Log

Original = Callable[..., Any]
Handler = Callable[..., Any]
Table = Iterator[tuple[Any, Handler]]
"""Functions of the standard library, with what handles their calls."""

Result = Callable[[Any, tuple[Any, ...]], str | None]
"""What a returned value means, given the call's arguments; None: it did what was asked."""

_KINDS: tuple[type, ...] = (  # those that derive from another one first
    threading.BoundedSemaphore,
    threading.Semaphore,
    threading.Event,
    threading.Condition,
    threading.Barrier,
    queue.LifoQueue,
    queue.PriorityQueue,
    queue.Queue,
)

_RESULTS: dict[type[BaseException], str] = {
    queue.Empty: "empty",
    queue.Full: "full",
    threading.BrokenBarrierError: "broken",
}


def kind_of(obj: object) -> str:
    """What a trace calls this sort of object: a subclass of `Queue` is a ``Queue``."""
    return next((kind.__name__ for kind in _KINDS if isinstance(obj, kind)), type(obj).__name__)


def entry_of(log: Log, obj: object) -> ObjectEntry:
    """The entry of a primitive whose methods are led to us."""
    return log.registry.obj(obj, kind_of(obj))


def result_of_error(error: BaseException) -> str:
    """What an exception that a call raises means."""
    return _RESULTS.get(type(error), type(error).__name__)


def always(value: Any, arguments: tuple[Any, ...]) -> None:
    """A call that does what was asked whenever it returns."""


def false(value: Any, arguments: tuple[Any, ...]) -> str | None:
    """A question."""
    return None if value else "false"


def timed_out(value: Any, arguments: tuple[Any, ...]) -> str | None:
    """A call that says whether it was in time."""
    return None if value else "timed out"


def not_acquired(value: Any, arguments: tuple[Any, ...]) -> str | None:
    """``acquire(blocking, timeout)``."""
    return None if value else "timed out" if arguments[0] else "would block"


def made(original: Original, obj: Any, *arguments: Any) -> None:
    """Handles an ``__init__``."""
    original(obj, *arguments)
    frame = program_call(1)
    log = logs.current
    if frame is not None and log is not None:
        log.registry.made(obj, kind_of(obj), frame)


def giving(kind: Kind) -> Handler:
    """Handles calls that let others go on: noted before they take effect."""

    def handle(original: Original, obj: Any, *arguments: Any) -> Any:
        frame = program_call(1)
        log = logs.current
        if frame is None or log is None:
            return original(obj, *arguments)
        row = log.note(kind, frame, entry_of(log, obj))
        try:
            return original(obj, *arguments)
        except BaseException as error:
            row[logs.RESULT] = result_of_error(error)
            raise

    return handle


def taking(kind: Kind, result_of: Result = always) -> Handler:
    """Handles calls that need what others do, and questions: noted when they come back."""

    def handle(original: Original, obj: Any, *arguments: Any) -> Any:
        frame = program_call(1)
        log = logs.current
        if frame is None or log is None:
            return original(obj, *arguments)
        entry = entry_of(log, obj)
        log.blocked.discard(get_ident())
        begun = perf_counter()
        try:
            value = original(obj, *arguments)
        except BaseException as error:
            log.note(kind, frame, entry, result_of_error(error), _waited(log, begun))
            raise
        log.note(kind, frame, entry, result_of(value, arguments), _waited(log, begun))
        return value

    return handle


def _waited(log: Log, begun: float) -> float | None:
    """How long the call took if it had to block."""
    if get_ident() not in log.blocked:
        return None
    log.blocked.discard(get_ident())
    return perf_counter() - begun


def waiting(result_of: Result, is_over: Callable[[Any, Any], bool]) -> Handler:
    """Handles calls that are a wait: noted when made, and again when they come back after waiting.

    Args:
        result_of: What the returned value means.
        is_over: Whether a wait on the object that returned this value had nothing to wait for.
    """

    def handle(original: Original, obj: Any, *arguments: Any) -> Any:
        frame = program_call(1)
        log = logs.current
        if frame is None or log is None:
            return original(obj, *arguments)
        entry = entry_of(log, obj)
        row = log.note(Kind.WAIT, frame, entry)
        begun = row[logs.TIME]
        try:
            value = original(obj, *arguments)
        except BaseException as error:
            log.note(Kind.WAKE, frame, entry, result_of_error(error), perf_counter() - begun)
            raise
        if not is_over(obj, value):
            log.note(Kind.WAKE, frame, entry, result_of(value, arguments), perf_counter() - begun)
        return value

    return handle
