"""Order violation: something was used before another thread had made it, or after it was done away with."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from threadsim.analyse.causes.evidence import (
    Evidence,
    Finding,
    differ,
    is_access,
    location_of,
    overlap,
    writes,
)
from threadsim.model.event import Event, Kind
from threadsim.model.findings import Cause
from threadsim.model.trace import Trace
from threadsim.render.phrases import Phrases


def find(evidence: Evidence) -> Iterator[Finding]:
    """The read by which it failed, and the write that it should have come after, or before."""
    too_early = _too_early(evidence)
    if too_early is not None:
        yield Finding(Cause.ORDER_VIOLATION, too_early, None, partial(_tell_early, too_early))
    too_late = _too_late(evidence)
    if too_late is not None:
        yield Finding(Cause.ORDER_VIOLATION, too_late, None, partial(_tell_late, too_late))


def _too_early(evidence: Evidence) -> tuple[Event, Event] | None:
    """The one thing that decided, read before it was written, with nothing that orders the two.

    That is before anybody wrote it, or before a thread did that the reader itself had started.
    """
    if len({location_of(event) for event in evidence.decisive}) != 1:
        return None
    read = evidence.decisive[0]
    if writes(read):
        return None
    write = _awaited(evidence.trace, read)
    if write is None or not differ(read, write) or _came_in_the_midst(evidence, read, write.thread):
        return None
    return None if evidence.trace.happens_before(read, write) else (read, write)


def _awaited(trace: Trace, read: Event) -> Event | None:
    """The write that came after, though it should have come before."""
    all_writes = [e for e in trace.events if is_access(e) and writes(e) and _same(e, read)]
    early = {event.thread for event in all_writes if event.number < read.number}
    for write in all_writes:
        is_own_child = trace.threads[write.thread].parent == read.thread
        if write.thread not in {*early, read.thread} and (is_own_child or not early):
            return write
    return None


def _came_in_the_midst(evidence: Evidence, read: Event, other: int) -> bool:
    """Whether the reader saw something else that the other thread had written: it came not too early."""
    written = [event for event in evidence.by_thread.get(other, []) if writes(event)]
    seen = [event for event in evidence.by_thread[read.thread] if not _same(event, read)]
    return any(one.number < two.number and _same(one, two) for one in written for two in seen)


def _too_late(evidence: Evidence) -> tuple[Event, Event] | None:
    """What raised when it was used had been deleted, or set to None, by another thread, unordered."""
    use = evidence.last_access
    if use is None or evidence.failure is None or evidence.failure.type == "AssertionError" or writes(use):
        return None
    end = next((event for event in evidence.before(use) if writes(event)), None)
    if end is None or end.thread == use.thread or not (end.kind is Kind.DELETE or end.value == "None"):
        return None
    return None if evidence.trace.happens_before(end, use) else (end, use)


def _same(one: Event, other: Event) -> bool:
    return overlap(location_of(one), location_of(other))


def _tell_early(events: tuple[Event, Event], phrases: Phrases) -> str:
    read, write = events
    return f"{phrases.clause(read)} before {phrases.clause(write)}: nothing makes it wait for that."


def _tell_late(events: tuple[Event, Event], phrases: Phrases) -> str:
    end, use = events
    return f"{phrases.clause(end)} before {phrases.clause(use)}: nothing makes the one wait for the other."
