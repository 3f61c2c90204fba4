"""The partial order of events, by vector clocks.

L. Lamport, *Time, Clocks, and the Ordering of Events in a Distributed System* (1978); F. Mattern, *Virtual
Time and Global States of Distributed Systems* (1989). One event happens before another if a path leads from
it to the other along the order within each thread and the edges of `threadsim.model.causality`.

A clock here has an entry for each thread of which something is known: the number of its last event that
happens before. Numbers grow along each thread, so they do as well as a count of each thread's own. A thread's
clock changes only where an edge ends, and only there is one kept; for what it does in between there is none.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict

import attrs

from threadsim.model.causality import edges
from threadsim.model.errors import ThreadsimError
from threadsim.model.event import Event
from threadsim.model.trace import Trace

Clock = dict[int, int]
"""By thread: the number of its last event that happens before (or is) the one that the clock is of."""


def happens_before(trace: Trace, first: Event, second: Event) -> bool:
    """Whether `first` comes before `second` in the partial order; no event comes before itself.

    Raises:
        ThreadsimError: One of them is no event of the trace.
    """
    for event in (first, second):
        if event.number >= len(trace.events) or trace.events[event.number] != event:
            raise ThreadsimError(f"event {event.number} ({event.kind}) is not one of this trace")
    return trace.derived(Clocks).happens_before(first.number, second.number)


class Clocks:
    """The vector clocks of a trace; get them by ``trace.derived(Clocks)``, which works them out but once."""

    def __init__(self, trace: Trace) -> None:
        self._threads = [event.thread for event in trace.events]
        self._histories: defaultdict[int, _History] = defaultdict(_History)
        for edge in trace.derived(edges):  # in order of `second`, so that the clock at `first` is settled
            self._history(edge.second).learn(edge.second, self.at(edge.first))

    def at(self, number: int) -> Clock:
        """The clock of an event, itself included."""
        return self._history(number).before(number) | {self._threads[number]: number}

    def happens_before(self, first: int, second: int) -> bool:
        """Whether the event with one number happens before that with the other."""
        thread = self._threads[first]
        if thread == self._threads[second]:
            return first < second
        return self._history(second).before(second).get(thread, -1) >= first

    def _history(self, number: int) -> _History:
        return self._histories[self._threads[number]]


@attrs.define
class _History:
    """What one thread knows of the others, as it goes on."""

    numbers: list[int] = attrs.field(factory=lambda: [-1])  # its events at which it learns something
    clocks: list[Clock] = attrs.field(factory=lambda: [{}])  # what it knows from each of these on

    def before(self, number: int) -> Clock:
        """What it knows at its event `number`."""
        return self.clocks[bisect_right(self.numbers, number) - 1]

    def learn(self, number: int, clock: Clock) -> None:
        """From its event `number` on it knows `clock` too."""
        known = dict(self.clocks[-1])
        for thread, last in clock.items():
            known[thread] = max(last, known.get(thread, -1))
        if self.numbers[-1] == number:  # a second edge ends there
            self.clocks[-1] = known
        else:
            self.numbers.append(number)
            self.clocks.append(known)
