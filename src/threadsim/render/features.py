"""What a diagram draws besides events and arrows: the locks held, and the contested locations."""

from __future__ import annotations

import attrs

from threadsim.model.event import ACCESSES, Event, Kind
from threadsim.model.trace import Trace

Location = tuple[int, str | None]
"""An object's number and, inside a container, the key."""

_HELD_BY_ONE = frozenset({"Lock", "RLock", "Condition"})
"""The kinds of object that a thread holds; a semaphore is released by anyone, and so held by nobody."""


@attrs.frozen(slots=True)
class Held:
    """A stretch in which a thread holds a lock, from event to event (None: to the end and beyond)."""

    obj: int
    thread: int
    first: int
    last: int | None


def contested(trace: Trace) -> dict[Location, int]:
    """The locations that several threads touch, one of them to change it; numbered in order of first use."""
    threads: dict[Location, set[int]] = {}
    changed: set[Location] = set()
    for event in trace.events:
        location = location_of(event)
        if location is not None:
            threads.setdefault(location, set()).add(event.thread)
            if event.kind is not Kind.READ:
                changed.add(location)
    found = (location for location, users in threads.items() if len(users) > 1 and location in changed)
    return {location: number for number, location in enumerate(found)}


def location_of(event: Event) -> Location | None:
    """Which shared state an event touches; None if it is no access."""
    return (event.obj, event.field) if event.kind in ACCESSES and event.obj is not None else None


def locks_held(trace: Trace) -> list[Held]:
    """The stretches in which a lock is held, in the order in which they begin."""
    locks = {obj.number: _Lock(obj.number) for obj in trace.objects if obj.kind in _HELD_BY_ONE}
    for event in trace.events:
        if event.obj in locks:
            locks[event.obj].note(event)
    stretches = (stretch for lock in locks.values() for stretch in lock.stretches())
    return sorted(stretches, key=lambda stretch: stretch.first)


@attrs.define
class _Lock:
    """A lock (or a condition with its own) as its events go by."""

    obj: int
    holder: int | None = None
    first: int = 0  # the event with which the holder took it
    depth: int = 0  # how often the holder has it: more than once for an RLock; 0 if nobody does
    waiting: dict[int, int] = attrs.field(factory=dict)  # thread in Condition.wait → its depth before
    over: list[Held] = attrs.field(factory=list)

    def note(self, event: Event) -> None:
        if event.kind is Kind.ACQUIRE and event.result is None:
            self._take(event, 1)
        elif event.kind is Kind.WAKE and event.thread in self.waiting:
            self._take(event, self.waiting.pop(event.thread))  # timed out or not: the lock is its own again
        elif event.kind is Kind.RELEASE and event.result is None:
            self._give(event, 1)
        elif event.kind is Kind.WAIT and event.thread == self.holder:
            self.waiting[event.thread] = self.depth
            self._give(event, self.depth)

    def stretches(self) -> list[Held]:
        if self.holder is None:
            return self.over
        return [*self.over, Held(self.obj, self.holder, self.first, None)]

    def _take(self, event: Event, depth: int) -> None:
        if event.thread == self.holder:
            self.depth += depth
        else:
            self.holder, self.first, self.depth = event.thread, event.number, depth

    def _give(self, event: Event, depth: int) -> None:
        self.depth -= depth
        if self.depth <= 0 and self.holder is not None:
            self.over.append(Held(self.obj, self.holder, self.first, event.number))
            self.holder = None
