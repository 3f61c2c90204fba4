"""Guided: the order of a recorded run, imposed on the simulation as far as the program allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from threadsim.model.event import ACCESSES, Event, Kind
from threadsim.strategy.base import C

Happened = Callable[[int], Sequence[tuple[int, Kind]]]
"""The threads and kinds of the events that have happened, from a given one on."""

_NOT_RECORDED = ACCESSES | {Kind.OUTPUT, Kind.SLEEP, Kind.RAISE}


class Guided:
    """Lets the thread go on whose event comes next in a recorded trace.

    What a recording does not have (reads and writes, output) a thread does on the way to its next event.

    Args:
        events: Of the recorded trace.

    Attributes:
        happened: Tells what has happened; to be set before the first choice.
    """

    name = "guided"

    def __init__(self, events: Sequence[Event]) -> None:
        self._wanted = [(event.thread, event.kind) for event in events if event.kind not in _NOT_RECORDED]
        self._next = 0
        self._seen = 0
        self._passed: set[int] = set()  # wanted events that happened out of turn, or will not happen
        self.happened: Happened = lambda start: ()
        self.total = len(self._wanted)
        self.matched = 0

    def choose(self, current: C | None, ready: Sequence[C], point: int) -> C:
        """Whose event comes next; if that thread cannot go on, whoever has gone on until now."""
        self.catch_up()
        by_number = {thread.number: thread for thread in ready}
        if self._next < self.total and self._wanted[self._next][0] in by_number:
            return by_number[self._wanted[self._next][0]]
        return current if current is not None else ready[0]

    def catch_up(self) -> None:
        """Tick off what has happened since the last look."""
        for happened in self.happened(self._seen):
            self._seen += 1
            if happened[1] not in _NOT_RECORDED:
                self._tick_off(happened)

    def _tick_off(self, happened: tuple[int, Kind]) -> None:
        self._skip_passed()
        if self._next < self.total and self._wanted[self._next] == happened:
            self.matched += 1
            self._next += 1
            self._skip_passed()
            return
        missed = []
        for index in range(self._next, self.total):
            if index in self._passed or self._wanted[index][0] != happened[0]:
                continue
            missed.append(index)
            if (
                self._wanted[index] == happened
            ):  # what this thread was to do before it, it will not do any more
                self._passed.update(missed)
                return

    def _skip_passed(self) -> None:
        while self._next in self._passed:
            self._next += 1
