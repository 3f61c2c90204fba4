"""Data races: two accesses of one location, one of them to change it, that happens-before leaves unordered.

Whether a location has a race at all is found as in C. Flanagan and S. Freund, *FastTrack: Efficient and
Precise Dynamic Race Detection* (PLDI 2009): of the writes the last one is enough as long as all of them are
ordered, and of the reads too, until two of them are not; only then there is one kept for each thread. An
epoch ``c@t`` is here the number of an event, which says both. Almost no location has a race, and FastTrack
promises no more than to find the first one. Those that have one are gone through again, with the last access
of each thread at each site, so that no pair of sites is missed.

An item of a container and the whole of it overlap: what touches the whole is compared with all items, and
the other way round.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Protocol

from threadsim.analyse.happens_before import Clocks
from threadsim.model.event import ACCESSES, Event, Kind
from threadsim.model.findings import Race
from threadsim.model.site import Site
from threadsim.model.trace import Trace
from threadsim.render.phrases import race_words

__all__ = ["race_words", "races"]


def races(trace: Trace) -> tuple[Race, ...]:
    """The data races of a trace: for each two sites the first one, in order of the second access."""
    accesses = _accesses_by_object(trace)
    clocks = trace.derived(Clocks)
    racing = [those for those in accesses.values() if _has_race(those, clocks)]
    every = (race for those in racing for race in _every_race(those, clocks))
    found: dict[frozenset[Site | None], Race] = {}
    for race in sorted(every, key=lambda race: race.second.number):
        found.setdefault(frozenset((race.first.site, race.second.site)), race)
    return tuple(found.values())


def _accesses_by_object(trace: Trace) -> dict[int, list[Event]]:
    accesses: defaultdict[int, list[Event]] = defaultdict(list)
    for event in trace.events:
        if event.kind in ACCESSES and event.obj is not None:
            accesses[event.obj].append(event)
    return accesses


# Whether there is one.


def _has_race(accesses: list[Event], clocks: Clocks) -> bool:
    if len({access.thread for access in accesses}) < 2:
        return False
    shared = _Object(clocks)
    return any(shared.races_with(access) for access in accesses)


class _Object:
    """What threads share; of a container each item is a location, and so is the whole of it."""

    def __init__(self, clocks: Clocks) -> None:
        self._clocks = clocks
        self._whole = _Variable(clocks)
        self._items: defaultdict[str, _Variable] = defaultdict(lambda: _Variable(clocks))
        self._any_item = _AnyItem()

    def races_with(self, access: Event) -> bool:
        """Whether an access races with one before it; if not, it is kept for the next ones."""
        if access.field is None:
            known: tuple[_State, ...] = (self._whole, self._any_item)
            own: tuple[_State, ...] = (self._whole,)
        else:
            known = (self._whole, self._items[access.field])
            own = (self._items[access.field], self._any_item)
        if not all(self._ordered(one, access) for each in known for one in each.conflicting(access)):
            return True
        for each in own:
            each.keep(access)
        return False

    def _ordered(self, earlier: Event, access: Event) -> bool:
        return self._clocks.happens_before(earlier.number, access.number)


class _State(Protocol):
    """What is kept of the accesses so far, none of which race."""

    def conflicting(self, access: Event) -> Iterable[Event]:
        """Those to be ordered before this one; if they are, so are all."""

    def keep(self, access: Event) -> None:
        """It was found to be ordered."""


class _Variable:
    """FastTrack's state of a variable: epochs, and of reads a vector where it takes one."""

    def __init__(self, clocks: Clocks) -> None:
        self._clocks = clocks
        self._write: Event | None = None
        self._read: Event | None = None  # since that write, while the reads are ordered
        self._reads: dict[int, Event] = {}  # by thread, once they are not

    def conflicting(self, access: Event) -> Iterator[Event]:
        if self._write is not None:
            yield self._write
        if access.kind is not Kind.READ:
            if self._read is not None:
                yield self._read
            yield from self._reads.values()

    def keep(self, access: Event) -> None:
        if access.kind is not Kind.READ:
            self._write, self._read, self._reads = access, None, {}
        elif self._reads:
            self._reads[access.thread] = access
        elif self._read is None or self._clocks.happens_before(self._read.number, access.number):
            self._read = access
        else:
            self._reads = {self._read.thread: self._read, access.thread: access}
            self._read = None


class _AnyItem:
    """The last accesses of each thread to any item: there may be writes to two of them that are unordered."""

    def __init__(self) -> None:
        self._writes: dict[int, Event] = {}
        self._reads: dict[int, Event] = {}

    def conflicting(self, access: Event) -> Iterator[Event]:
        yield from self._writes.values()
        if access.kind is not Kind.READ:
            yield from self._reads.values()

    def keep(self, access: Event) -> None:
        (self._reads if access.kind is Kind.READ else self._writes)[access.thread] = access


# Which ones there are.

_Latest = dict[tuple[int, Site | None, bool], Event]
"""The last access of each thread at each site, reads apart: what races with an earlier one races with it."""


def _every_race(accesses: list[Event], clocks: Clocks) -> Iterator[Race]:
    """Each access with those before it, the nearest first."""
    latest: defaultdict[str | None, _Latest] = defaultdict(dict)
    of_any_field: _Latest = {}
    for access in accesses:
        known = (of_any_field,) if access.field is None else (latest[access.field], latest[None])
        for other in sorted((one for each in known for one in each.values()), key=_latest_first):
            if _conflict(other, access) and not clocks.happens_before(other.number, access.number):
                yield Race(other, access)
        key = (access.thread, access.site, access.kind is Kind.READ)
        latest[access.field][key] = of_any_field[key] = access


def _latest_first(event: Event) -> int:
    return -event.number


def _conflict(first: Event, second: Event) -> bool:
    return first.thread != second.thread and not (first.kind is second.kind is Kind.READ)
