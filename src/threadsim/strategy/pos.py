"""POS: partial order sampling, random priorities for operations instead of threads.

X. Yuan, J. Yang, R. Gu: *Partial Order Aware Concurrency Sampling*, CAV 2018. An operation keeps its priority
until it is done, or until one that conflicts with it is: so the order of two operations that conflict is
decided by their own priorities, however many others their threads have to do before.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from threadsim.model.event import Kind
from threadsim.strategy.base import C

READS = frozenset({Kind.READ, Kind.IS_SET, Kind.LOCKED, Kind.SIZE, Kind.IS_ALIVE})
"""Two of these do not conflict."""


class Pos:
    """The thread goes on whose pending operation has the highest priority.

    Args:
        seed: The same seed gives the same choices, on every version of Python.
    """

    name = "pos"

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random
        # Of the operations that were pending at the last choice and still are, unless a conflict took it. A
        # thread that was not ready then has none: what made it ready conflicts with what it is about to do.
        self._priorities: dict[int, float] = {}
        self._next = 0  # the point after the last choice

    def choose(self, current: C | None, ready: Sequence[C], point: int) -> C:
        """The first by priority; operations without one draw it."""
        # If points went by without a choice, then only one thread was ready: it is at another operation now.
        known = self._priorities if point == self._next else {}
        pending: dict[int, float] = {}
        first, highest = ready[0], -1.0
        for thread in ready:
            priority = known.get(thread.number)
            if priority is None:
                priority = self._random()
            pending[thread.number] = priority
            if priority > highest:
                first, highest = thread, priority
        self._carry_out(first, ready, pending)
        self._priorities = pending
        self._next = point + 1
        return first

    def _carry_out(self, chosen: C, ready: Sequence[C], pending: dict[int, float]) -> None:
        """Take the priorities of the operation and of those that conflict with it."""
        del pending[chosen.number]
        location = chosen.object_key
        if location is None:
            return
        reads = chosen.kind in READS
        for thread in ready:
            if thread is chosen or (reads and thread.kind in READS):
                continue
            if thread.object_key == location:
                del pending[thread.number]
