"""Directed: a few turns are given, and nobody is preempted anywhere else.

Unlike a replay it follows its turns as far as they apply, whatever the program does: that is what makes a
turn something that can be left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import attrs

from threadsim.model.schedule import Schedule
from threadsim.strategy.base import C
from threadsim.strategy.steps import History


@attrs.frozen(order=True)
class Turn:
    """Where a thread has made so many steps, another goes on."""

    thread: int
    steps: int
    chosen: int


Plan = tuple[Turn, ...]


def plan_of(schedule: Schedule) -> Plan:
    """Every switch of a schedule as a turn."""
    turns, counts = [], dict.fromkeys((run.thread for run in schedule.runs), 0)
    for run, following in pairwise(schedule.runs):
        counts[run.thread] += run.points
        turns.append(Turn(run.thread, counts[run.thread], following.thread))
    return tuple(turns)


class Directed:
    """Takes the turns of a plan; where there is none, whoever goes on goes on.

    Args:
        plan: The turns. If the thread to be chosen is not ready, another one is.

    Attributes:
        preemptions: The turns that were taken from a thread that could have gone on.
        others: Those that were taken where a thread was blocked or over.
    """

    name = "directed"

    def __init__(self, plan: Plan) -> None:
        self._turns = {(turn.thread, turn.steps): turn for turn in plan}
        self._history: History | None = None
        self.preemptions: list[Turn] = []
        self.others: list[Turn] = []

    def observe(self, history: History) -> None:
        """What has happened tells which turn it is."""
        self._history = history

    def choose(self, current: C | None, ready: Sequence[C], point: int) -> C:
        """Who has the turn."""
        thread = current.number if current is not None else self._last()
        turn = self._turns.get((thread, self._made(thread)))
        if turn is None:
            return current if current is not None else ready[0]
        chosen = _of(turn.chosen, ready) or next(each for each in ready if each is not current)
        if chosen is not current:
            taken = attrs.evolve(turn, chosen=chosen.number)
            (self.others if current is None else self.preemptions).append(taken)
        return chosen

    def _last(self) -> int:
        """Who went on until now, and cannot any more."""
        assert self._history is not None
        steps = self._history.steps(max(self._history.points - 1, 0))
        return steps[-1].thread if steps else 0

    def _made(self, thread: int) -> int:
        assert self._history is not None
        return self._history.counts().get(thread, 0)


def _of(number: int, ready: Sequence[C]) -> C | None:
    return next((thread for thread in ready if thread.number == number), None)
