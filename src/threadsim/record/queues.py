"""Queues. What goes in and out is noted while the queue is locked, so that the order is exact."""

from __future__ import annotations

import queue
from typing import Any

from threadsim.instrument.sites import program_call
from threadsim.model.event import Kind
from threadsim.record import log as logs
from threadsim.record.operations import (
    Handler,
    Original,
    Table,
    entry_of,
    giving,
    made,
    result_of_error,
    taking,
)


def _locked(kind: Kind) -> Handler:
    """Handles ``put`` and ``get``, which notify a condition just when they have done their work.

    The row is prepared, and noted when that notification comes (see `primitives`).
    """

    def handle(original: Original, obj: Any, *arguments: Any) -> Any:
        frame = program_call(1)
        log = logs.current
        if frame is None or log is None:
            return original(obj, *arguments)
        row = log.row(kind, frame, entry_of(log, obj))
        log.blocked.discard(row[logs.THREAD])
        log.noting[row[logs.THREAD]] = row
        try:
            return original(obj, *arguments)
        except BaseException as error:
            row[logs.RESULT] = result_of_error(error)
            raise
        finally:
            log.note_pending()

    return handle


def table() -> Table:
    """The methods that are operations, with what handles them."""
    yield queue.Queue.__init__, made
    yield queue.Queue.put, _locked(Kind.PUT)
    yield queue.Queue.get, _locked(Kind.GET)
    yield queue.Queue.task_done, giving(Kind.TASK_DONE)
    yield queue.Queue.join, taking(Kind.JOIN)
    yield queue.Queue.qsize, taking(Kind.SIZE)
    yield queue.Queue.empty, taking(Kind.SIZE)
    yield queue.Queue.full, taking(Kind.SIZE)
    if hasattr(queue.Queue, "shutdown"):
        yield queue.Queue.shutdown, giving(Kind.SHUTDOWN)
