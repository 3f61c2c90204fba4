"""What a diagram draws besides the events: arrows between threads, locks held, contested locations."""

from __future__ import annotations

import attrs

from threadsim.model.causality import Edge, edges
from threadsim.model.event import ACCESSES, Event, Kind
from threadsim.model.trace import Trace

Location = tuple[int, str | None]
"""An object's number and, inside a container, the key."""

_HELD_BY_ONE = frozenset({"Lock", "RLock", "Condition"})
"""The kinds of object that a thread holds; a semaphore is released by anyone, and so held by nobody."""


@attrs.frozen(slots=True)
class Held:
    """A stretch in which a thread holds a lock, from event to event; `last` is None if it still does at the end."""

    obj: int
    thread: int
    first: int
    last: int | None


def arrows(trace: Trace) -> list[Edge]:
    """The causal edges from one thread to another."""
    events = trace.events
    return [edge for edge in edges(trace) if events[edge.first].thread != events[edge.second].thread]


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


def held(trace: Trace) -> list[Held]:
    """The stretches in which a lock is held, in the order in which they begin."""
    stretches: list[Held] = []
    holders: dict[int, _Holder] = {}
    for event in trace.events:
        if event.obj is None or trace.objects[event.obj].kind not in _HELD_BY_ONE:
            continue
        holder = holders.get(event.obj)
        if _takes(event):
            depth = holder.waiting.pop(event.thread, 1) if holder is not None else 1
            if holder is not None and holder.depth and holder.thread == event.thread:
                holder.depth += 1
            else:
                waiting = holder.waiting if holder is not None else {}
                holders[event.obj] = _Holder(event.thread, event.number, depth, waiting)
        elif holder is not None and holder.depth and _gives_up(event, holder):
            stretches.append(Held(event.obj, holder.thread, holder.first, event.number))
    still = (Held(obj, h.thread, h.first, None) for obj, h in holders.items() if h.depth)
    return sorted([*stretches, *still], key=lambda stretch: stretch.first)


@attrs.define
class _Holder:
    thread: int
    first: int
    depth: int  # 0 once it has let go
    waiting: dict[int, int]  # thread in Condition.wait → how often it held the condition's lock


def _takes(event: Event) -> bool:
    # A wait that timed out has its lock again all the same.
    return event.kind is Kind.WAKE or (event.kind is Kind.ACQUIRE and event.result is None)


def _gives_up(event: Event, holder: _Holder) -> bool:
    """Count a release or a wait; whether the lock is free after it."""
    if event.kind is Kind.RELEASE and event.result is None:
        holder.depth -= 1
    elif event.kind is Kind.WAIT and event.thread == holder.thread:
        holder.waiting[event.thread] = holder.depth
        holder.depth = 0
    else:
        return False
    return holder.depth == 0
