"""Conditions, events, semaphores and barriers."""

from __future__ import annotations

import threading
from _thread import get_ident
from typing import Any

from threadsim.instrument.sites import program_call
from threadsim.model.event import Kind
from threadsim.record import log as logs
from threadsim.record.locks import RLock
from threadsim.record.log import Log
from threadsim.record.operations import (
    Original,
    Table,
    false,
    giving,
    made,
    not_acquired,
    taking,
    timed_out,
    waiting,
)

_new_rlock = type(threading.RLock())


def _make_condition(original: Original, condition: Any, lock: Any) -> None:
    """A condition that makes its own lock is one object with it."""
    frame = program_call(1)
    log = logs.current
    if frame is not None and log is not None:
        entry = log.registry.made(condition, "Condition", frame)
        lock = RLock.wrapping(_new_rlock(), entry, log) if lock is None else lock
    original(condition, lock)


_wait_on_condition = waiting(timed_out, lambda condition, value: False)


def _wait_condition(original: Original, condition: Any, timeout: float | None) -> bool:
    if program_call(1) is None and logs.current is not None:  # inside of a semaphore, a queue …: it blocks
        logs.current.blocked.add(get_ident())
        return original(condition, timeout)  # type: ignore[no-any-return]
    return _wait_on_condition(original, condition, timeout)  # type: ignore[no-any-return]


_notify = giving(Kind.NOTIFY)


def _notify_condition(original: Original, condition: Any, n: int) -> None:
    log = logs.current
    if log is not None and log.noting and program_call(1) is None:
        log.note_pending()
    return _notify(original, condition, n)  # type: ignore[no-any-return]


def _wait_event(original: Original, event: Any, timeout: float | None) -> bool:
    log = logs.current
    if log is None:
        return original(event, timeout)  # type: ignore[no-any-return]
    if log.timers.get(get_ident()) is event:
        return _wait_for_timer(log, original, event, timeout)
    if event._flag:
        return _found_set(original, event, timeout)  # type: ignore[no-any-return]
    return _wait_for_event(original, event, timeout)  # type: ignore[no-any-return]


_found_set = taking(Kind.WAIT)
_wait_for_event = waiting(timed_out, lambda event, value: False)


def _wait_for_timer(log: Log, original: Original, event: Any, timeout: float | None) -> bool:
    """A Timer waits for the event that would cancel it: if that does not come, it fires."""
    cancelled: bool = original(event, timeout)
    if not cancelled:
        log.note(Kind.FIRE, None, log.registry.thread(threading.current_thread()))
    return cancelled


def _is_last(barrier: Any, index: int) -> bool:
    last: int = barrier.parties - 1
    return index == last


def table() -> Table:
    """The methods that are operations, with what handles them."""
    yield threading.Condition.__init__, _make_condition
    yield threading.Condition.wait, _wait_condition
    yield threading.Condition.notify, _notify_condition
    yield threading.Condition.notify_all, giving(Kind.NOTIFY_ALL)
    yield threading.Event.__init__, made
    yield threading.Event.set, giving(Kind.SET)
    yield threading.Event.clear, giving(Kind.CLEAR)
    yield threading.Event.is_set, taking(Kind.IS_SET, false)
    yield threading.Event.wait, _wait_event
    yield threading.Semaphore.__init__, made
    yield threading.Semaphore.acquire, taking(Kind.ACQUIRE, not_acquired)
    yield threading.Semaphore.release, giving(Kind.RELEASE)
    yield threading.BoundedSemaphore.release, giving(Kind.RELEASE)
    yield threading.Barrier.__init__, made
    yield threading.Barrier.wait, waiting(lambda value, arguments: None, _is_last)
    yield threading.Barrier.reset, giving(Kind.RESET)
    yield threading.Barrier.abort, giving(Kind.ABORT)
