"""The log of a run: what a traced thread leaves behind, which must cost it next to nothing.

A row is a plain list; it is made an `Event` later and elsewhere (see `transcript`). Rows are in a true
order: what makes room for others (a release, a notify) is noted before it takes effect, what needs others
(an acquire, a join) after it did. `deque.append` is atomic, so the order of the rows is one order for all.
"""

from __future__ import annotations

import threading
from _thread import get_ident
from collections import deque
from collections.abc import Callable, Sequence
from time import perf_counter
from types import CodeType, FrameType
from typing import Any

from threadsim.model.event import Kind
from threadsim.record.entries import Entry, Registry

Row = Sequence[Any]
"""Kind, ident of the thread, code and last instruction of the program's call, what it was done to, result,
seconds waited, time, and the message of an exception. A list where the result may come later."""

KIND, THREAD, CODE, LASTI, ENTRY, RESULT, WAITED, TIME, VALUE = range(9)


class Log:
    """Rows and what they refer to.

    Attributes:
        rows: Those that no transcript has taken yet.
        closed: Whether the recording is over: nothing is noted any more.
        registry: The threads and objects.
        begun: The time at which the program began.
        blocked: The threads that had to block in the call of a primitive that they are in.
        noting: By thread: the row of a call of a queue, to be noted once the queue is locked.
        timers: By thread: the event by which a Timer is told to stop.
        before_start: Called when a thread is about to start, None if nobody wants to know.
    """

    __slots__ = ("before_start", "begun", "blocked", "closed", "noting", "registry", "rows", "timers")

    def __init__(self) -> None:
        self.rows: deque[Row] = deque()
        self.closed = False
        self.registry = Registry()
        self.blocked: set[int] = set()
        self.noting: dict[int, list[Any]] = {}
        self.timers: dict[int, threading.Event] = {}
        self.before_start: Callable[[], None] | None = None
        self.begun = perf_counter()

    def note(
        self,
        kind: Kind,
        frame: FrameType | None,
        entry: Entry | None = None,
        result: str | None = None,
        waited: float | None = None,
        value: str | None = None,
    ) -> list[Any]:
        """Note that the current thread did something; the row may be given a result if it then fails."""
        row = self.row(kind, frame, entry, result, waited, value)
        self.rows.append(row)
        return row

    def row(
        self,
        kind: Kind,
        frame: FrameType | None,
        entry: Entry | None = None,
        result: str | None = None,
        waited: float | None = None,
        value: str | None = None,
    ) -> list[Any]:
        """A row that is not noted yet."""
        code: CodeType | None = None
        lasti = -1
        if frame is not None:
            code = frame.f_code
            lasti = frame.f_lasti
        return [kind, get_ident(), code, lasti, entry, result, waited, perf_counter(), value]

    def note_pending(self) -> None:
        """Note the row that the current thread has prepared, if there is one."""
        thread = get_ident()
        row = self.noting.pop(thread, None)
        if row is None:
            return
        now = perf_counter()
        if thread in self.blocked:
            self.blocked.discard(thread)
            row[WAITED] = now - row[TIME]
        row[TIME] = now
        self.rows.append(row)


current: Log | None = None
"""The log of the recording that is under way; a process has at most one, and a forked child has none."""
