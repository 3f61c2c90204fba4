"""Virtual time: the clock of one execution.

It stands still while anybody can go on, and jumps to the nearest deadline when nobody can. A thread that
spins until another's deadline would keep it standing for ever; so it jumps, too, when nothing but that has
happened for a long while (`threadsim.simulate.kernel.SPIN` scheduling points).
"""

from __future__ import annotations

import heapq

from threadsim.simulate.thread import SimulatedThread

EPOCH = 1_700_000_000.0
"""What ``time.time()`` is when a program begins: 14 November 2023, 22:13:20 UTC."""

TICK = 1e-6
"""How far a program's own look at the clock advances it, so that a loop that waits for a time ends."""


SLACK = 50e-6
"""Deadlines as close as this come together, since no operating system tells them apart (it is Linux's timer
slack): two threads that sleep for a second each are ready at the same time, and either may go first.
"""


class Clock:
    """Seconds since the program began, and who waits for which of them."""

    def __init__(self) -> None:
        self.now = 0.0
        self._deadlines: list[tuple[float, int, SimulatedThread, int]] = []
        self._order = 0

    def look(self) -> float:
        """The time, as a program's own code reads it."""
        self.now += TICK
        return self.now

    def wake_at(self, deadline: float, thread: SimulatedThread) -> None:
        """Have `jump` give this thread at `deadline`, unless it was woken before and has another ticket."""
        self._order += 1
        heapq.heappush(self._deadlines, (deadline, self._order, thread, thread.ticket))

    def is_awaited(self) -> bool:
        """Whether anybody still waits for a deadline."""
        deadlines = self._deadlines
        while deadlines and deadlines[0][2].ticket != deadlines[0][3]:
            heapq.heappop(deadlines)
        return bool(deadlines)

    def wake_soon(self, thread: SimulatedThread, ticket: int) -> None:
        """The same as soon as nobody else can go on; may be called by any OS thread."""
        self._order += 1
        heapq.heappush(self._deadlines, (self.now, self._order, thread, ticket))

    def nearest(self) -> float | None:
        """The deadline that somebody waits for next, None if nobody waits for any."""
        return self._deadlines[0][0] if self.is_awaited() else None

    def jump(self) -> list[SimulatedThread]:
        """Go to the nearest deadline; the threads that waited for it, none if nobody waits for any."""
        due: list[SimulatedThread] = []
        last = self.now
        while self.is_awaited() and (not due or self._deadlines[0][0] <= last):
            deadline, _, thread, _ = heapq.heappop(self._deadlines)
            if not due:
                last = max(self.now, deadline) + SLACK
            self.now = max(self.now, deadline)
            due.append(thread)
        return due
