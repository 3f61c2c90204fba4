"""What those who look for a cause go by: the accesses in order, and how near to the failure they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import takewhile
from typing import TypeVar

import attrs

from threadsim.model.event import ACCESSES, Event, Kind
from threadsim.model.findings import Cause
from threadsim.model.trace import Failure, Trace
from threadsim.render.phrases import Phrases, is_container

Location = tuple[int, str | None]
"""An object's number and, inside a container, the key; None is the whole of it."""

_Key = TypeVar("_Key")

_FAR = 1000
"""How many accesses are looked at before one of them: more than that is no longer the same piece of work."""

_JUST_ABOVE = 3
"""How many lines a condition stands above the ``raise`` that it leads to."""


@attrs.frozen
class Finding:
    """A class of bug, where the trace shows it.

    Attributes:
        events: Those that conflict, in order.
        location: What it is about; None if it is what the execution ended by, and so as near as can be.
        tell: Gives the summary.
    """

    cause: Cause
    events: tuple[Event, ...]
    location: Location | None
    tell: Callable[[Phrases], str]


class Evidence:
    """The accesses up to the failure, and how near to it each location is."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        failing = trace.failing_event
        self.end = len(trace.events) if failing is None else failing.number
        self.accesses = [event for event in trace.events[: self.end] if is_access(event)]
        self.by_thread = _grouped(self.accesses, lambda event: event.thread)
        self._by_object = _grouped(self.accesses, lambda event: event.obj)
        self._only_reads: dict[tuple[int, Location], list[Event]] = {}
        self._places = {
            event.number: n for group in self._by_object.values() for n, event in enumerate(group)
        }

    @property
    def failure(self) -> Failure | None:
        """The exception that it failed by."""
        return None if self.trace.ending is None else self.trace.ending.failure

    def before(self, access: Event) -> Iterator[Event]:
        """The accesses of the same location before this one, the nearest first."""
        group, place = self._by_object[access.obj], self._places[access.number]
        for number in range(place - 1, max(place - _FAR, -1), -1):
            if overlap(location_of(group[number]), location_of(access)):
                yield group[number]

    def only_reads(self, thread: int, location: Location) -> list[Event]:
        """What a thread reads of a location, in order; nothing if it writes there as well."""
        if (thread, location) not in self._only_reads:
            own = [event for event in self.by_thread[thread] if overlap(location_of(event), location)]
            self._only_reads[thread, location] = [] if any(map(writes, own)) else own
        return self._only_reads[thread, location]

    def on_whole(self, event: Event) -> bool:
        """Whether it touches a container as a whole."""
        return event.field is None and event.obj is not None and is_container(self.trace, event.obj)

    @cached_property
    def last_access(self) -> Event | None:
        """What the failing thread touched last, if that was on the line that raised."""
        mine = self._own_accesses()
        return mine[-1] if mine and self._on_failing_line(mine[-1]) else None

    @cached_property
    def decisive(self) -> tuple[Event, ...]:
        """The accesses that the failure was decided by, in order; none if the trace does not show them.

        Those on the line that raised, and what was read just above; for an assertion, else, those on the last
        line that touched anything.
        """
        mine = self._own_accesses()[::-1]
        there = [*takewhile(self._on_failing_line if self._alone() else self._leads_to_failure, mine)]
        if not there and mine and self._asserted() and not self._alone():
            there = [*takewhile(lambda event: on_one_line(event, mine[0]), mine)]
        return tuple(reversed(there))

    def distance(self, location: Location | None) -> int | None:
        """How many steps from the failure, a step being from what is written to what was read for it.

        None if what was written there does not reach the failure. When a thread is the only one that is left,
        what it reads is not in a trace: then any location may be what it failed by, and all are as near.
        """
        if location is None or (not self.decisive and self._alone()):
            return 0
        return min((far for known, far in self._distances.items() if overlap(known, location)), default=None)

    @cached_property
    def _distances(self) -> dict[Location, int]:
        found: dict[Location, int] = {}
        reached, far = {location_of(event) for event in self.decisive}, 0
        while reached:
            found.update(dict.fromkeys(reached, far))
            reached = {source for one in reached for source in self._sources(one)} - found.keys()
            far += 1
        return found

    def _sources(self, location: Location) -> set[Location]:
        """What threads had read before they last wrote to a location."""
        found: set[Location] = set()
        for mine in self.by_thread.values():
            last = next(
                (e.number for e in reversed(mine) if writes(e) and overlap(location_of(e), location)), -1
            )
            found |= {location_of(event) for event in mine if event.number < last and not writes(event)}
        return found

    def _own_accesses(self) -> list[Event]:
        return [] if self.failure is None else self.by_thread.get(self.failure.thread, [])

    def _on_failing_line(self, event: Event) -> bool:
        site = None if self.failure is None else self.failure.site
        if site is None or event.site is None:
            return False
        return event.site.file == site.file and site.line <= event.site.line <= max(site.end_line, site.line)

    def _leads_to_failure(self, event: Event) -> bool:
        """Whether it is on the line that raised, or a read a few lines above in the same function."""
        if writes(event) and not self._on_failing_line(event):
            return False
        failing = None if self.failure is None else self.failure.site
        site = event.site
        if site is None or failing is None or (site.file, site.function) != (failing.file, failing.function):
            return False
        return 0 <= failing.line - site.line <= _JUST_ABOVE

    def _asserted(self) -> bool:
        return self.failure is not None and self.failure.type == "AssertionError"

    def _alone(self) -> bool:
        """Whether all the other threads were over when it failed, or it did not fail by an exception."""
        if self.failure is None:
            return True
        begun = {event.thread for event in self.trace.events[: self.end]}
        over = {event.thread for event in self.trace.events[: self.end] if event.kind is Kind.END}
        return len(begun - over) <= 1


def is_access(event: Event) -> bool:
    """Whether it touches shared state."""
    return event.kind in ACCESSES and event.obj is not None


def writes(access: Event) -> bool:
    """Whether an access changes what it touches."""
    return access.kind is not Kind.READ


def location_of(access: Event) -> Location:
    """What an access touches."""
    assert access.obj is not None
    return access.obj, access.field


def overlap(one: Location, other: Location) -> bool:
    """Whether two locations have something in common."""
    return one[0] == other[0] and (one[1] == other[1] or one[1] is None or other[1] is None)


def differ(one: Event, other: Event) -> bool:
    """Whether two accesses saw or left different values, as far as it is known."""
    return None in (one.value, other.value) or one.value != other.value


def same_function(one: Event, other: Event) -> bool:
    """Whether two events come from one function."""
    return (
        one.site is not None
        and other.site is not None
        and (one.site.file, one.site.function) == (other.site.file, other.site.function)
    )


def on_one_line(one: Event, other: Event) -> bool:
    """Whether two events come from one line of the program."""
    return one.site is not None and other.site is not None and str(one.site) == str(other.site)


def _grouped(events: list[Event], key: Callable[[Event], _Key]) -> dict[_Key, list[Event]]:
    groups: defaultdict[_Key, list[Event]] = defaultdict(list)
    for event in events:
        groups[key(event)].append(event)
    return groups
