"""SURW: selectively uniform random walk, uniform over the orders of the events at one variable.

H. Zhao, D. Wolff, U. Mathur, A. Roychoudhury: *Selectively Uniform Concurrency Testing*, ASPLOS 2025.

Of two threads, one with nine events to come and one with a single one, a random walk lets the single one
come last in one of 512 executions. It comes at each of the ten places equally often if the next event is
drawn in proportion to how many each thread has to come. Those numbers must be known from earlier executions
(`threadsim.strategy.survey`). There are too many orders of all events of a long program, so one variable is
drawn, and only the events at it are interesting. Among the others the walk is a plain random walk.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from threadsim.strategy.base import C, Candidate, Observer, Strategy
from threadsim.strategy.steps import History
from threadsim.strategy.survey import Operation, Survey, Target

PATIENCE = 1_000
"""Choices after which nobody waits for the intended thread any more: it may be spinning until they go on."""


class Surw(Observer):
    """The intended thread makes the next interesting event; nobody passes it.

    Args:
        seed: The same seed gives the same choices, on every version of Python.
        survey: What is known of the program; a variable is drawn from it. Without it, it is a random walk.
        asked: Where to note each choice: the point, and the operation that was chosen.
    """

    name = "surw"

    def __init__(
        self,
        seed: int,
        survey: Survey | None = None,
        asked: dict[int, Operation] | None = None,
    ) -> None:
        self._random = Random(seed).random
        self._target = Target.nothing() if survey is None else survey.draw(self._random)
        self._asked = asked
        self._history: History | None = None
        self._intended: int | None = None  # a thread; None while nobody has come to an interesting event
        self._waited = 0  # choices since it was drawn
        self._newest = -1  # no thread that was ever ready has a higher number

    def observe(self, history: History) -> None:
        """From it is known how far each thread has come."""
        self._history = history

    def choose(self, current: C | None, ready: Sequence[C], point: int) -> C:
        """Any of those that do not have to wait for the intended one."""
        if ready[-1].number > self._newest:
            self._meet(ready)
        chosen = self._pick(ready)
        if self._asked is not None:
            self._asked[point] = chosen.kind, chosen.place
        return chosen

    def _pick(self, ready: Sequence[C]) -> C:
        candidates = list(ready)
        self._waited += 1
        while True:
            if not candidates:  # the intended one is not ready, and all others wait for it
                self._intended = None
                candidates = list(ready)
            index = int(self._random() * len(candidates))
            chosen = candidates[index]
            if self._may_go_on(chosen, ready):
                return chosen
            del candidates[index]

    def _may_go_on(self, candidate: C, ready: Sequence[C]) -> bool:
        if not self._target.is_event(candidate.kind, candidate.place):
            return True
        if self._intended is None:
            self._intended, self._waited = self._draw(candidate, ready), 0
        if candidate.number != self._intended and self._waited < PATIENCE:
            return False
        self._intended = None
        return True

    def _draw(self, candidate: Candidate, ready: Sequence[Candidate]) -> int:
        """Whose event comes next: in proportion to what each has to come.

        Args:
            candidate: One that is at an interesting event, so that it has one to come whatever is expected.
            ready: All that can go on.
        """
        counts = self._counts()
        weights = [self._to_come(thread.number, counts) for thread in ready]
        here = ready.index(candidate)
        weights[here] = max(weights[here], 1)
        drawn = self._random() * sum(weights)
        for thread, weight in zip(ready, weights, strict=True):
            drawn -= weight
            if drawn < 0:
                return thread.number
        return candidate.number

    def _meet(self, ready: Sequence[Candidate]) -> None:
        """A parent is drawn for its children's events, too: when one of them is started, it may be meant."""
        for thread in ready:
            if thread.number > self._newest and self._target.parents.get(thread.number) == self._intended:
                self._pass_on(thread.number)
        self._newest = ready[-1].number

    def _pass_on(self, child: int) -> None:
        parent = self._intended
        if parent is None:
            return
        counts = self._counts()
        share = self._to_come(child, counts)
        if self._random() * (share + self._to_come(parent, counts)) < share:
            self._intended = child

    def _to_come(self, number: int, counts: dict[int, int]) -> int:
        """How many interesting events are expected of it and of the children that it has not started yet."""
        own = self._target.after(number, counts.get(number, 0))
        children = self._target.children.get(number, ())
        return own + sum(self._to_come(child, counts) for child in children if child not in counts)

    def _counts(self) -> dict[int, int]:
        return {} if self._history is None else self._history.counts()


class SurwSampler:
    """Makes them for a program whose variables become known."""

    name = Surw.name

    def __init__(self) -> None:
        self._survey = Survey()
        self._asked: dict[int, Operation] | None = None

    def make(self, seed: int, *, learning: bool) -> Strategy:
        """One for the variables that threads were seen to share, if there are any."""
        self._asked = {} if learning else None
        return Surw(seed, self._survey, self._asked)

    def learn(self, history: History) -> None:
        """Take note of what touched what."""
        self._survey.add(history.steps(), self._asked or {})
