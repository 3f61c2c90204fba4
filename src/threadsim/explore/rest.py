"""What is left of a search, as parts for others to carry out.

There are three ways to share a search. One whose executions follow from their seeds alone is cut by numbers.
One that goes through a tree is cut into subtrees, which have nothing to do with each other; or into subtrees
that tell, through whoever gave them out, what else is to be tried. One that can do nothing of this is carried
out whole by one process.
"""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Sequence
from typing import Any, Protocol

import attrs

from threadsim.explore.part import Done, Part
from threadsim.explore.searches import Skipping
from threadsim.strategy.base import Search
from threadsim.strategy.dpor import Dpor
from threadsim.strategy.subtrees import Division, Subtrees

CHUNK = 100
"""How many executions of a search that is cut by numbers are a part."""

TURN = 250
"""Executions after which somebody who carries out subtrees tells what is left of them."""


class Rest(Protocol):
    """What is left, given out part by part in an order that hangs on nobody's speed.

    Attributes:
        ends: Whether nothing is left of the search when nothing is left here.
    """

    ends: bool

    @property
    def exhausted(self) -> bool:
        """Whether everything has been tried, if nothing is left here."""

    def next(self, executions: int, under_way: int) -> Part | None:
        """The next part, None if there is none by now.

        Args:
            executions: How many have been counted so far.
            under_way: How many parts others have.
        """

    def take(self, done: Done) -> None:
        """What came of one; they come in the order in which they were given out."""


def rest_of(whole: Part, left: Sequence[Search], executions: int, helpers: int) -> Rest:
    """What is left of a search after its first part.

    Args:
        whole: The search.
        left: As the first part gave it back.
        executions: How many there were in it.
        helpers: How many parts will be under way at once.
    """
    part = attrs.evolve(whole, verifies=False, divides=0)
    first = left[0]
    if isinstance(first, Skipping):
        return _ByNumbers(part, first, executions)
    if isinstance(first, Dpor):
        return _TellingSubtrees(part, Division(first), helpers)
    return _Subtrees(part, left)


class _ByNumbers:
    """A search that can go on as if some executions had ended."""

    ends = False
    exhausted = False

    def __init__(self, part: Part, search: Any, begun: int) -> None:
        self._part = part
        self._search = search
        self._begun = begun

    def next(self, executions: int, under_way: int) -> Part | None:
        """The next hundred."""
        most = self._part.schedules
        size = CHUNK if most is None else min(CHUNK, most - self._begun)
        if size <= 0:
            return None
        part = attrs.evolve(self._part, search=copy.deepcopy(self._search), schedules=size)
        self._search.skip(size)
        self._begun += size
        return part

    def take(self, done: Done) -> None:
        """Nothing follows from it."""


class _Subtrees:
    """A search that has been cut into others."""

    ends = True

    def __init__(self, part: Part, searches: Sequence[Search]) -> None:
        self._part = part
        self._left = deque(searches)
        self.exhausted = True

    def next(self, executions: int, under_way: int) -> Part | None:
        """The next of them, with what is left of the budget."""
        if not self._left:
            return None
        most = self._part.schedules
        left = None if most is None else max(most - executions, 1)
        return attrs.evolve(self._part, search=self._left.popleft(), schedules=left)

    def take(self, done: Done) -> None:
        """Whether it tried everything."""
        self.exhausted = self.exhausted and done.tally.exhausted


class _TellingSubtrees:
    """A search whose parts find more of them."""

    ends = True

    def __init__(self, part: Part, division: Division, helpers: int) -> None:
        self._part = part
        self._division = division
        self._helpers = helpers
        self._promised: deque[int] = deque()  # executions, by part under way

    @property
    def exhausted(self) -> bool:
        """Whether nothing was left out."""
        return not self._division.lacks

    def next(self, executions: int, under_way: int) -> Part | None:
        """A fair share of the subtrees that are known, and of the budget."""
        waiting = self._division.waiting
        left = self._left(executions)
        if not waiting or not left:
            return None
        idle = self._helpers - under_way
        turn = min(TURN, -(-left // idle))
        self._promised.append(turn)
        return attrs.evolve(self._part, search=self._division.take(-(-waiting // idle)), schedules=turn)

    def _left(self, executions: int) -> int:
        """What of the budget nobody has been promised."""
        most = self._part.schedules
        return TURN * self._helpers if most is None else max(most - executions - sum(self._promised), 0)

    def take(self, done: Done) -> None:
        """What is left of it, and what it found for others, is to be tried."""
        self._promised.popleft()
        for search in done.rest:
            assert isinstance(search, Subtrees)
            self._division.put(search.told())
