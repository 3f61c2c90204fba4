"""PCT: random priorities, and a few random points at which the thread in front falls back.

S. Burckhardt, P. Kothari, M. Musuvathi, S. Nagarakatte: *A Randomized Scheduler with Probabilistic Guarantees
of Finding Bugs*, ASPLOS 2010. A bug of depth d (d orderings of operations bring it about) is found with a
probability of at least 1/(n·k^(d-1)) in each execution of n threads and k scheduling points.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from threadsim.model.errors import ThreadsimError
from threadsim.strategy.base import C, Strategy
from threadsim.strategy.steps import History

DEPTH = 3
"""Most known bugs need no more."""

POINTS = 100
"""How many scheduling points an execution is taken to have while nothing is known of the program."""

LONG = 1_000
"""Choices after which an execution counts as spinning, unless it is known that it has more points.

An execution of fewer choices goes just as in the paper, so its guarantee stands for every program of at most
this many points, and for those with more as soon as their number of points is known. Beyond that number no
change point is drawn, and the paper promises nothing.
"""

TURN = 100
"""In an execution that spins: choices in favour of one thread after which it falls behind all others."""


def _check(depth: int) -> None:
    if depth < 1:
        raise ThreadsimError(f"the depth of pct must be at least 1, not {depth}")


class Pct:
    """The ready thread of the highest priority goes on.

    A change point strikes the thread that would go on. (In the paper, the one that went on last. It is the
    same unless that one has had to block: then it is struck here when it would go on again.) Change points
    are counted in choices: where only one thread is ready, a change would change nothing.

    Args:
        seed: The same seed gives the same choices, on every version of Python.
        depth: Of the bugs that the guarantee is for.
        points: How many scheduling points the execution is expected to have.
    """

    name = "pct"

    def __init__(self, seed: int, depth: int = DEPTH, points: int = POINTS) -> None:
        _check(depth)
        self._random = Random(seed).random
        # By thread; distinct. In [0, 1) from the start, -1 … -(depth - 1) by change points, below that for
        # those that spin.
        self._priorities: dict[int, float] = {}
        # Which choice, and the priority that it leaves; the next one last. The priorities are handed out in
        # the order of drawing and not of happening, as in the paper: each order among those struck occurs.
        drawn = [(1 + int(self._random() * points), -change) for change in range(1, depth)]
        self._changes = sorted(drawn, reverse=True)
        self._lowest = 1 - depth  # no priority is below it
        self._long = max(LONG, points)
        self._asked = 0
        self._taken: dict[int, int] = {}  # by thread, less than TURN: choices since it last fell behind

    def choose(self, current: C | None, ready: Sequence[C], point: int) -> C:
        """The first by priority, after those that fall back here have done so."""
        self._asked += 1
        chosen = self._first(ready)
        while self._changes and self._changes[-1][0] == self._asked:
            self._priorities[chosen.number] = self._changes.pop()[1]
            chosen = self._first(ready)
        if self._asked > self._long:
            self._count_turn(chosen.number)
        return chosen

    def _first(self, ready: Sequence[C]) -> C:
        priorities = self._priorities
        first, highest = ready[0], float("-inf")
        for thread in ready:
            priority = priorities.get(thread.number)
            if priority is None:
                priority = priorities[thread.number] = self._random()
            if priority > highest:
                first, highest = thread, priority
        return first

    def _count_turn(self, number: int) -> None:
        taken = self._taken.get(number, 0) + 1
        if taken == TURN:
            self._lowest -= 1
            self._priorities[number] = self._lowest
            taken = 0
        self._taken[number] = taken


class PctSampler:
    """Makes them for a program whose number of points becomes known."""

    name = Pct.name

    def __init__(self, depth: int = DEPTH) -> None:
        _check(depth)
        self._depth = depth
        self._points = 0  # of the longest execution yet; 0 if there was none

    def make(self, seed: int, *, learning: bool) -> Strategy:
        """One whose change points may lie anywhere in an execution as long as the longest."""
        return Pct(seed, self._depth, self._points or POINTS)

    def learn(self, history: History) -> None:
        """Take note of an execution's length."""
        self._points = max(self._points, history.points)
