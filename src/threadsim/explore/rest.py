"""What is left of a search, as parts for others to carry out.

There are two ways to share a search. One whose executions follow from their seeds alone is cut by numbers.
One that goes through a tree is cut into subtrees, which have nothing to do with each other. One that can do
neither is carried out whole by one process.
"""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Sequence
from typing import Any, Protocol

import attrs

from threadsim.explore.part import Part
from threadsim.explore.searches import Skipping
from threadsim.strategy.base import Search

CHUNK = 100
"""How many executions of a search that is cut by numbers are a part."""


class Rest(Protocol):
    """What is left, given out part by part in an order that hangs on nobody's speed.

    Attributes:
        ends: Whether nothing is left of the search when nothing is left here.
    """

    ends: bool

    def next(self, executions: int) -> Part | None:
        """The next part, None if there is none by now; so many executions have been counted so far."""


def rest_of(whole: Part, left: Sequence[Search], executions: int) -> Rest:
    """What is left of a search after its first part.

    Args:
        whole: The search.
        left: As the first part gave it back.
        executions: How many there were in it.
    """
    part = attrs.evolve(whole, verifies=False, divides=0)
    first = left[0]
    if isinstance(first, Skipping):
        return _ByNumbers(part, first, executions)
    return _Subtrees(part, left)


class _ByNumbers:
    """A search that can go on as if some executions had ended."""

    ends = False

    def __init__(self, part: Part, search: Any, begun: int) -> None:
        self._part = part
        self._search = search
        self._begun = begun

    def next(self, executions: int) -> Part | None:
        """The next hundred."""
        most = self._part.schedules
        size = CHUNK if most is None else min(CHUNK, most - self._begun)
        if size <= 0:
            return None
        part = attrs.evolve(self._part, search=copy.deepcopy(self._search), schedules=size)
        self._search.skip(size)
        self._begun += size
        return part


class _Subtrees:
    """A search that has been cut into others."""

    ends = True

    def __init__(self, part: Part, searches: Sequence[Search]) -> None:
        self._part = part
        self._left = deque(searches)

    def next(self, executions: int) -> Part | None:
        """The next of them, with what is left of the budget."""
        if not self._left:
            return None
        most = self._part.schedules
        left = None if most is None else max(most - executions, 1)
        return attrs.evolve(self._part, search=self._left.popleft(), schedules=left)
