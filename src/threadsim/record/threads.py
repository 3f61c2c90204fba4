"""Threads and timers."""

from __future__ import annotations

import sys
import threading
from _thread import get_ident
from collections.abc import Callable
from time import perf_counter
from typing import Any

from threadsim.instrument.methods import original_of
from threadsim.instrument.sites import program_call
from threadsim.instrument.tracebacks import origin, without_our_frames
from threadsim.model.event import Kind
from threadsim.record import log as logs
from threadsim.record.log import Log
from threadsim.record.operations import Original, Table, result_of_error

_is_alive = original_of(threading.Thread.is_alive)  # type: ignore[arg-type]


def _start(original: Original, thread: threading.Thread) -> None:
    frame = program_call(1)
    log = logs.current
    if log is None:
        return original(thread)  # type: ignore[no-any-return]
    if log.before_start is not None:
        log.before_start()
    entry = log.registry.thread(thread)
    if entry.parent is None:
        entry.parent = get_ident()
    row = log.note(Kind.START, frame, entry)
    try:
        original(thread)
    except Exception as error:
        row[logs.RESULT] = result_of_error(error)
        raise


def _bootstrap(original: Original, thread: Any) -> None:
    """The whole life of a thread, seen from inside."""
    log = logs.current
    if log is None:
        return original(thread)  # type: ignore[no-any-return]
    log.note(Kind.BEGIN, None, log.registry.thread(thread))
    if isinstance(thread, threading.Timer):
        log.timers[get_ident()] = thread.finished
    invoke = thread._invoke_excepthook
    thread._invoke_excepthook = _reporting(invoke, log)
    try:
        original(thread)
    finally:
        thread._invoke_excepthook = invoke
        log.timers.pop(get_ident(), None)
        log.note(Kind.END, None)


def _reporting(invoke: Callable[[Any], None], log: Log) -> Callable[[Any], None]:
    """What a thread calls when nobody caught its exception: noted, then reported as ever."""

    def invoke_excepthook(thread: Any) -> None:
        error = sys.exc_info()[1]
        if error is not None:
            without_our_frames(error)
            if not isinstance(error, SystemExit):
                note_uncaught(log, error)
        invoke(thread)

    return invoke_excepthook


def note_uncaught(log: Log, error: BaseException) -> None:
    """Note an exception that ends the current thread."""
    row = log.row(Kind.RAISE, None, None, type(error).__name__, None, message_of(error))
    row[logs.CODE], row[logs.LASTI] = origin(error) or (None, -1)
    log.rows.append(row)


def message_of(error: BaseException) -> str:
    """What an exception says, as far as it can say it."""
    try:
        return str(error)
    except Exception:
        return "<exception str() failed>"  # as Python puts it


def _join(original: Original, thread: threading.Thread, timeout: float | None) -> None:
    frame = program_call(1)
    log = logs.current
    if frame is None or log is None:
        return original(thread, timeout)  # type: ignore[no-any-return]
    entry = log.registry.thread(thread)
    blocks = _is_alive(thread)
    begun = perf_counter()
    try:
        original(thread, timeout)
    except Exception as error:
        log.note(Kind.JOIN, frame, entry, result_of_error(error))
        raise
    result = "timed out" if timeout is not None and _is_alive(thread) else None
    log.note(Kind.JOIN, frame, entry, result, perf_counter() - begun if blocks else None)


def _ask_alive(original: Original, thread: threading.Thread) -> bool:
    frame = program_call(1)
    log = logs.current
    alive: bool = original(thread)
    if frame is not None and log is not None:
        log.note(Kind.IS_ALIVE, frame, log.registry.thread(thread), None if alive else "false")
    return alive


def _cancel(original: Original, timer: threading.Timer) -> None:
    frame = program_call(1)
    log = logs.current
    if frame is not None and log is not None:
        log.note(Kind.CANCEL, frame, log.registry.thread(timer))
    original(timer)


def table() -> Table:
    """The methods that are operations, with what handles them."""
    yield threading.Thread.start, _start
    yield threading.Thread._bootstrap_inner, _bootstrap  # type: ignore[attr-defined]
    yield threading.Thread.join, _join
    yield threading.Thread.is_alive, _ask_alive
    yield threading.Timer.cancel, _cancel
