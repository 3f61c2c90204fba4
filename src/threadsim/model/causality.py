"""Which events follow from which: the arrows of a diagram, and what vector clocks are made of.

Each kind of object has a rule, a small class below, that is shown the events on its object in their order and
names, for each, the earlier events that it follows from. What comes of a call that failed (`Event.result`) is
nothing, but where a rule says otherwise.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Protocol

import attrs

from threadsim.model.event import Event, Kind
from threadsim.model.trace import Trace


class EdgeKind(StrEnum):
    """Why the second event follows from the first."""

    START = "start"  # start → begin
    JOIN = "join"  # end → join that succeeds, or is_alive that says no
    CANCEL = "cancel"  # cancel → end of a timer that has not fired
    LOCK = "lock"  # release → next acquire
    NOTIFY = "notify"  # notify → wake
    SET = "set"  # set → wake, wait that need not block, or is_set that says yes
    SEMAPHORE = "semaphore"  # release → the acquire that takes the permit
    BARRIER = "barrier"  # every arrival → the last one → every wake
    QUEUE = "queue"  # put → get of the item; task_done → join of the queue


@attrs.frozen(slots=True)
class Edge:
    """The event with number `second` follows from the one with number `first`, in another thread."""

    first: int
    second: int
    kind: EdgeKind


def edges(trace: Trace) -> tuple[Edge, ...]:
    """All edges between two threads, in order of their second event.

    Within a thread the order of the program says it all; ``trace.derived(edges)`` works them out but once.
    """
    return tuple(_edges(trace))


def _edges(trace: Trace) -> Iterator[Edge]:
    threads = _Threads()
    objects = _rules(trace)
    for event in trace.events:
        if event.result is not None and event.kind not in _TELLING_FAILURES:
            continue
        rule = threads if event.obj is None else objects[event.obj]
        if rule is not None:
            for first, kind in rule.causes(event):
                if trace.events[first].thread != event.thread:
                    yield Edge(first, event.number, kind)


_TELLING_FAILURES = (Kind.WAKE, Kind.IS_ALIVE)

Cause = tuple[int, EdgeKind]


class Rule(Protocol):
    """Sees the events on one object, in order."""

    def causes(self, event: Event) -> Iterable[Cause]:
        """The numbers of the events that this one follows from, and why."""


def _rules(trace: Trace) -> list[Rule | None]:
    """The rule for each object; None for those that order nothing."""
    held: _Held = {}
    wakes = _wakes(trace)
    rules: list[Rule | None] = []
    for info in trace.objects:
        match info.kind:
            case "Lock" | "RLock":
                rules.append(_Lock(info.number, held))
            case "Condition":
                rules.append(_Condition(info.number, held))
            case "Event":
                rules.append(_Flag())
            case "Semaphore" | "BoundedSemaphore":
                rules.append(_Semaphore())
            case "Barrier":
                rules.append(_Barrier(wakes))
            case kind if kind.endswith("Queue"):
                rules.append(_Queue(kind))
            case _:
                rules.append(None)
    return rules


class _Threads:
    """Threads, all of them: start → begin; end → join or is_alive; cancel → end.

    That ``is_alive() is False`` is as good as a join is how Java's memory model has it too (JLS 17.4.4).
    """

    def __init__(self) -> None:
        self._starts: dict[int, int] = {}
        self._ends: dict[int, int] = {}
        self._cancels: dict[int, int] = {}
        self._fired: set[int] = set()

    def causes(self, event: Event) -> Iterator[Cause]:
        thread, target = event.thread, event.target
        match event.kind:
            case Kind.START if target is not None:
                self._starts[target] = event.number
            case Kind.CANCEL if target is not None and target not in self._fired:
                self._cancels.setdefault(target, event.number)
            case Kind.FIRE:
                self._fired.add(thread)
            case Kind.BEGIN if thread in self._starts:
                yield self._starts[thread], EdgeKind.START
            case Kind.END:
                self._ends[thread] = event.number
                if thread in self._cancels and thread not in self._fired:
                    yield self._cancels[thread], EdgeKind.CANCEL
            case Kind.JOIN if target in self._ends:
                yield self._ends[target], EdgeKind.JOIN
            case Kind.IS_ALIVE if target in self._ends and event.result is not None:
                yield self._ends[target], EdgeKind.JOIN


class _Lock:
    """A Lock or RLock: release → next acquire; of nested ones only the outermost count."""

    def __init__(self, number: int, held: _Held) -> None:
        self.depth = 0
        self._number = number
        self._held = held  # by all threads
        self._holder: int | None = None
        self._released: int | None = None  # the event that last left it free

    def causes(self, event: Event) -> Iterator[Cause]:
        if event.kind is Kind.ACQUIRE:
            if self._holder == event.thread:
                self.depth += 1
            else:
                yield from self.take(event.thread)
        elif event.kind is Kind.RELEASE:
            self.depth -= 1
            if self.depth <= 0:  # below, if it was taken before the trace begins
                self.give_up(event)

    def take(self, thread: int, depth: int = 1) -> Iterator[Cause]:
        """A thread has it now."""
        self._holder, self.depth = thread, depth
        self._held.setdefault(thread, {})[self._number] = self
        if self._released is not None:
            yield self._released, EdgeKind.LOCK

    def give_up(self, event: Event) -> None:
        """Nobody has it from this event on, which need not be its holder's: anybody may release a Lock."""
        if self._holder is not None:
            self._held[self._holder].pop(self._number, None)
        self._holder, self.depth, self._released = None, 0, event.number


_Held = dict[int, dict[int, _Lock]]
"""The locks that each thread holds, by their objects' numbers."""


@attrs.define
class _Waiter:
    """A thread that waits on a condition."""

    wait: int
    kept: list[tuple[_Lock, int]]  # what it held, and how deep
    notify: int | None = None


class _Condition:
    """A Condition: wait gives the lock up, wake takes it again, notify → wake in the order of the waits.

    Which lock that is need not be known. Every lock that the thread holds is given up at the wait and taken
    again at the wake: of those that it really kept, no other thread could have had one in between, so that
    no edge comes of it.
    """

    def __init__(self, number: int, held: _Held) -> None:
        self._lock = _Lock(number, held)
        self._held = held
        self._waiters: dict[int, _Waiter] = {}
        self._last_notify = -1

    def causes(self, event: Event) -> Iterator[Cause]:
        match event.kind:
            case Kind.ACQUIRE | Kind.RELEASE:
                yield from self._lock.causes(event)
            case Kind.WAIT:
                self._wait(event)
            case Kind.NOTIFY:
                self._notify(event.number, _count(event))
            case Kind.NOTIFY_ALL:
                self._notify(event.number, len(self._waiters))
            case Kind.WAKE if event.thread in self._waiters:
                yield from self._wake(event, self._waiters.pop(event.thread))

    def _wait(self, event: Event) -> None:
        kept = [(lock, lock.depth) for lock in self._held.get(event.thread, {}).values()]
        self._waiters[event.thread] = _Waiter(event.number, kept)
        for lock, _ in kept:
            lock.give_up(event)

    def _notify(self, number: int, count: int) -> None:
        self._last_notify = max(self._last_notify, number)
        free = [one for one in self._waiters.values() if one.notify is None and one.wait < number]
        for waiter in free[:count]:
            waiter.notify = number

    def _wake(self, event: Event, waiter: _Waiter) -> Iterator[Cause]:
        for lock, depth in waiter.kept:
            yield from lock.take(event.thread, depth)
        if event.result is None:
            notify = waiter.notify or self._last_notify  # the latter if one was for more than it says
            if notify > waiter.wait:
                yield notify, EdgeKind.NOTIFY
        elif waiter.notify is not None:  # its time was up before, though its wake comes after
            self._notify(waiter.notify, 1)  # so it was for the next one


class _Flag:
    """An Event: the set that turned it on → whoever found it on, or was woken by it."""

    def __init__(self) -> None:
        self._set: int | None = None  # since the last clear
        self._waiters: dict[int, int | None] = {}  # threads, each with the set that wakes it

    def causes(self, event: Event) -> Iterator[Cause]:
        match event.kind:
            case Kind.SET if self._set is None:
                self._set = event.number
                for thread, woken in self._waiters.items():
                    self._waiters[thread] = event.number if woken is None else woken
            case Kind.CLEAR:
                self._set = None
            case Kind.WAIT if self._set is None:
                self._waiters[event.thread] = None
            case Kind.WAIT | Kind.IS_SET if self._set is not None:
                yield self._set, EdgeKind.SET
            case Kind.WAKE:
                woken = self._waiters.pop(event.thread, None)
                if woken is not None and event.result is None:
                    yield woken, EdgeKind.SET


class _Semaphore:
    """A Semaphore: each permit that a release gives goes to one acquire, the oldest first.

    How many there were in the beginning the trace does not say: an acquire that finds none released had one
    of those.
    """

    def __init__(self) -> None:
        self._permits: deque[int] = deque()

    def causes(self, event: Event) -> Iterator[Cause]:
        if event.kind is Kind.RELEASE:
            self._permits.extend([event.number] * _count(event))
        elif event.kind is Kind.ACQUIRE and self._permits:
            yield self._permits.popleft(), EdgeKind.SEMAPHORE


class _Barrier:
    """A Barrier: every arrival → the last one → every wake; abort or reset → the wakes that it broke.

    The last to arrive is the one that need not be woken. If it runs an action, it notifies all once that is
    done, and the wakes follow from there.
    """

    def __init__(self, wakes: dict[int, Event]) -> None:
        self._wakes = wakes
        self._arrived: list[Event] = []  # the wakes to come
        self._woken_by: dict[int, int] = {}
        self._last: dict[int, int] = {}  # threads that came last, with their waits

    def causes(self, event: Event) -> Iterator[Cause]:
        match event.kind:
            case Kind.WAIT if event.number in self._wakes:
                self._arrived.append(event)
            case Kind.WAIT:
                arrived = [one for one in self._arrived if self._wakes[one.number].result is None]
                yield from ((one.number, EdgeKind.BARRIER) for one in arrived)
                self._let_go(arrived, event)
                self._last[event.thread] = event.number
            case Kind.NOTIFY_ALL:
                self._done_with_action(event)
            case Kind.ABORT | Kind.RESET:
                self._let_go(self._arrived, event)
            case Kind.WAKE if event.thread in self._woken_by:
                yield self._woken_by.pop(event.thread), EdgeKind.BARRIER

    def _done_with_action(self, event: Event) -> None:
        last = self._last.get(event.thread)
        for thread, cause in self._woken_by.items():
            if cause == last:
                self._woken_by[thread] = event.number

    def _let_go(self, arrived: list[Event], cause: Event) -> None:
        self._woken_by.update((one.thread, cause.number) for one in arrived)
        self._arrived = []


def _wakes(trace: Trace) -> dict[int, Event]:
    """The wake that each wait comes back with, by the wait's number; none for a wait that need not block."""
    waits: dict[tuple[int, int | None], int] = {}
    wakes: dict[int, Event] = {}
    for event in trace.events:
        if event.kind is Kind.WAIT:
            waits[event.thread, event.obj] = event.number
        elif event.kind is Kind.WAKE and (event.thread, event.obj) in waits:
            wakes[waits.pop((event.thread, event.obj))] = event
    return wakes


class _Queue:
    """A queue: put → get of the item, and every task_done → join.

    First in, first out for Queue and SimpleQueue, last in for LifoQueue. Of any other, as PriorityQueue,
    nobody can tell which item a get has: it follows from every put before it. That a get makes room for a
    put that waits orders nothing: the trace does not say how much room there is.
    """

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._puts: deque[int] = deque()
        self._last_puts: dict[int, int] = {}  # of each thread: its earlier ones come before that anyway
        self._last_done: dict[int, int] = {}

    def causes(self, event: Event) -> Iterable[Cause]:
        return ((number, EdgeKind.QUEUE) for number in self._numbers(event))

    def _numbers(self, event: Event) -> Iterable[int]:
        match event.kind:
            case Kind.PUT:
                self._puts.append(event.number)
                self._last_puts[event.thread] = event.number
            case Kind.GET:
                return self._taken()
            case Kind.TASK_DONE:
                self._last_done[event.thread] = event.number
            case Kind.JOIN:
                return self._last_done.values()
        return ()

    def _taken(self) -> Iterable[int]:
        match self._kind:
            case "Queue" | "SimpleQueue":
                return [self._puts.popleft()] if self._puts else []
            case "LifoQueue":
                return [self._puts.pop()] if self._puts else []
            case _:
                return self._last_puts.values()


def _count(event: Event) -> int:
    """How many a ``notify(n)`` or ``release(n)`` is for."""
    return int(event.value) if event.value is not None and event.value.isdecimal() else 1
