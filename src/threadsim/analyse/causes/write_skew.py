"""Write skew: each of two threads reads what the other one writes, and writes something else.

The name is that of H. Berenson and others, *A Critique of ANSI SQL Isolation Levels* (SIGMOD 1995).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from threadsim.analyse.causes.evidence import (
    Evidence,
    Finding,
    Location,
    differ,
    location_of,
    overlap,
    same_function,
    writes,
)
from threadsim.model.event import Event
from threadsim.model.findings import Cause
from threadsim.render.phrases import Phrases

_MOST_WRITES = 300
"""How many of the last writes are compared with each other."""


def find(evidence: Evidence) -> Iterator[Finding]:
    """Each two writes, in order, of which neither thread had seen the other's."""
    last = [*filter(writes, evidence.accesses)][-_MOST_WRITES:]
    for number, second in enumerate(last):
        for first in last[:number]:
            skew = _skew(evidence, first, second)
            if skew is not None:
                events = tuple(sorted(skew, key=lambda event: event.number))
                yield Finding(Cause.WRITE_SKEW, events, location_of(second), partial(_tell, skew))


def _skew(evidence: Evidence, first: Event, second: Event) -> tuple[Event, ...] | None:
    """A read and a write of the one thread, and of the other."""
    one, other = location_of(first), location_of(second)
    if first.thread == second.thread or overlap(one, other):
        return None
    first_read = _read_for(evidence, first, other)
    second_read = _read_for(evidence, second, one)
    if first_read is None or second_read is None or second_read.number > first.number:
        return None
    if not (differ(first_read, second) and differ(second_read, first) and _alike(first_read, second_read)):
        return None
    return first_read, first, second_read, second


def _read_for(evidence: Evidence, write: Event, location: Location) -> Event | None:
    """What the thread read of a location last before a write, if it writes nothing there itself."""
    reads = evidence.only_reads(write.thread, location)
    read = next((event for event in reversed(reads) if event.number < write.number), None)
    return read if read is not None and same_function(read, write) else None


def _alike(one: Event, other: Event) -> bool:
    """Whether the values are of one sort: a counter and a flag that ends the counting are no pair."""
    if one.value is None or other.value is None:
        return one.value == other.value
    return one.value[0].isdigit() == other.value[0].isdigit()


def _tell(skew: tuple[Event, ...], phrases: Phrases) -> str:
    first_read, first, second_read, second = skew
    told = f"{phrases.clause(first_read)} and {phrases.did(first)}"
    told += f"; {phrases.clause(second_read)} and {phrases.did(second)}"
    return f"{told}: each had read before the other one wrote."
