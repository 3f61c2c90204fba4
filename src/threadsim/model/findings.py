"""What an analysis finds in a trace: a data race, and why an execution failed."""

from __future__ import annotations

from enum import StrEnum

import attrs

from threadsim.model.event import Event


@attrs.frozen(slots=True)
class Race:
    """Two accesses of one location by two threads, one of them to change it, that nothing orders."""

    first: Event
    second: Event


class Cause(StrEnum):
    """The classes of concurrency bugs that a trace can show."""

    LOST_UPDATE = "lost update"  # two threads read, both write: the second overwrites what the first wrote
    CHECK_THEN_ACT = "check-then-act"  # what a thread had looked at was changed before it acted on it
    WRITE_SKEW = "write skew"  # each reads what the other writes, and writes something else
    DEADLOCK_CYCLE = "deadlock cycle"  # each holds what the next one waits for
    MISSED_NOTIFY = "missed notify"  # the notify came before the wait
    ORDER_VIOLATION = "order violation"  # used before, or after, another thread did what should come first
    ITERATION_DURING_MUTATION = "iteration during mutation"  # a container changed while it was gone through


@attrs.frozen(slots=True)
class Diagnosis:
    """What went wrong in a failing execution.

    Attributes:
        cause: The class of bug; None if the trace shows none of them.
        events: The events that conflict, in order: those to point at.
        summary: One or two sentences: threads, objects, places, values.
    """

    cause: Cause | None
    events: tuple[Event, ...]
    summary: str
