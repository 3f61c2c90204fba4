"""Depth-first search within a bound: every schedule with few preemptions, or few delays.

Most bugs need few: M. Musuvathi, S. Qadeer, *Iterative Context Bounding for Systematic Testing of
Multithreaded Programs* (PLDI 2007, CHESS), which bounds the preemptions; M. Emmi, S. Qadeer, Z. Rakamarić,
*Delay-Bounded Scheduling* (POPL 2011), which bounds how often the scheduler departs from taking turns. The
smallest bound comes first: a schedule with one preemption is tried before any that needs two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs

from threadsim.model.errors import Divergence
from threadsim.strategy.base import LONGEST_TURN, C, Candidate, Strategy
from threadsim.strategy.replay import all_words
from threadsim.strategy.steps import History

Costs = Callable[[int | None, Sequence[int]], list[tuple[int, int]]]
"""What each thread's going on costs, the cheapest first: pairs of cost and number."""


def preemptions(current: int | None, ready: Sequence[int]) -> list[tuple[int, int]]:
    """To go on costs nothing; to leave a thread that could go on costs 1."""
    if current is None:
        return [(0, number) for number in ready]
    return [(0, current), *((1, number) for number in ready if number != current)]


def delays(current: int | None, ready: Sequence[int]) -> list[tuple[int, int]]:
    """The threads take turns, each for as long as it can; to pass over one of them costs 1."""
    first = 0 if current is None else list(ready).index(current)
    return list(enumerate([*ready[first:], *ready[:first]]))


@attrs.define(slots=True, eq=False)
class _Choice:
    """One choice of the execution under way.

    Attributes:
        ready: The threads that could go on.
        costs: What each costs, the cheapest first.
        spent: What the choices before have cost.
        index: Which of them was chosen.
    """

    ready: tuple[int, ...]
    costs: list[tuple[int, int]]
    spent: int
    index: int = 0

    @property
    def thread(self) -> int:
        return self.costs[self.index][1]

    def alone(self) -> _Choice:
        """The same without alternatives."""
        return _Choice(self.ready, [self.costs[self.index]], self.spent)

    @property
    def total(self) -> int:
        """What has been spent up to here."""
        return self.spent + self.costs[self.index][0]


class Dfs:
    """A search through all schedules, of those within a bound the cheapest first.

    It is its own strategy in each execution.

    Args:
        seed: Of the program's own random numbers; the search itself makes none.
        bound: The largest bound, None for none.
        costs: What is bounded: `preemptions` or `delays`.
        beginning: The choices that each schedule begins with.
        reached: The smallest bound.

    Attributes:
        exhausted: Whether every schedule was tried.
        is_bounded: Whether it ended with schedules that cost more than the bound.
        reached: The bound within which it is searching.
    """

    name = "dfs"

    def __init__(
        self,
        seed: int = 0,
        *,
        bound: int | None = None,
        costs: Costs = preemptions,
        beginning: Sequence[_Choice] = (),
        reached: int = 0,
    ) -> None:
        self.seed = seed
        self.exhausted = False
        self.is_bounded = False
        self.reached = reached
        self._bound = bound
        self._costs = costs
        self._beginning = tuple(beginning)
        self._path = self._begun()
        self._has_begun = False
        self._leaves_out = False  # whether something costs more than `reached`
        self._index = 0
        self._turn = 0

    def begin(self) -> Strategy | None:
        """Itself, until there is nothing left to try."""
        if self._bound is not None and self.reached > self._bound:
            self.is_bounded = True
            return None
        if self._has_begun and not self._backtrack() and not self._deepen():
            return None
        self._has_begun = True
        self._index = self._turn = 0
        return self

    def end(self, history: History) -> None:
        """Nothing is to be learnt from it but the choices that there were."""

    def _backtrack(self) -> bool:
        while self._path:
            choice = self._path[-1]
            choice.index += 1
            if choice.index < len(choice.costs):
                if choice.total <= self.reached:
                    return True
                self._leaves_out = True
            self._path.pop()
        return False

    def _deepen(self) -> bool:
        """Go on with the next larger bound; whether that is to be tried."""
        if not self._leaves_out:
            self.exhausted = True
            return False
        if self.reached == self._bound:
            self.is_bounded = True
            return False
        self.reached += 1
        self._leaves_out = False
        self._path = self._begun()
        return True

    def _begun(self) -> list[_Choice]:
        return [choice.alone() for choice in self._beginning]

    def split(self, parts: int) -> list[Dfs]:
        """What is left, as searches of their own: one for each way to leave the last schedule."""
        return [
            self._part(depth, index, is_done=index < choice.index)
            for depth, choice in enumerate(self._path)
            for index in range(len(choice.costs))
            if index != choice.index
        ]

    def _part(self, depth: int, index: int, *, is_done: bool) -> Dfs:
        """All schedules that begin like the last one and choose otherwise at one point."""
        beginning = [choice.alone() for choice in self._path[:depth]]
        beginning.append(attrs.evolve(self._path[depth], index=index).alone())
        reached = max(self.reached + is_done, beginning[-1].total)
        return Dfs(self.seed, bound=self._bound, costs=self._costs, beginning=beginning, reached=reached)

    def choose(self, current: C | None, ready: Sequence[C], point: int) -> C:
        """Again as before up to where it is to differ; from there on whatever is cheapest."""
        numbers = tuple(thread.number for thread in ready)
        if self._index == len(self._path):
            self._path.append(self._new(current, numbers))
        choice = self._path[self._index]
        self._index += 1
        if choice.ready != numbers:
            raise _divergence(point, choice, ready)
        return ready[numbers.index(choice.thread)]

    def _new(self, current: Candidate | None, ready: tuple[int, ...]) -> _Choice:
        number = None if current is None else current.number
        self._turn += 1
        if number is not None and self._turn >= LONGEST_TURN:
            ready_after = [other for other in ready if other > number]
            number, self._turn = (ready_after or ready)[0], 0
        spent = self._path[-1].total if self._path else 0
        return _Choice(ready, self._costs(number, ready), spent)


def _divergence(point: int, choice: _Choice, ready: Sequence[Candidate]) -> Divergence:
    expected = " or ".join(f"T{number}" for number in choice.ready)
    got = all_words(ready)
    return Divergence(
        f"at scheduling point {point} {expected} could go on before, and now {got}: the program is not "
        "deterministic",
        step=point,
        expected=expected,
        got=got,
    )
