"""Directed: a few turns are given, and nobody is preempted anywhere else.

Unlike a replay it follows its turns as far as they apply, whatever the program does: that is what makes a
turn something that can be left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import attrs

from threadsim.model.schedule import Schedule
from threadsim.strategy.base import C, Observer
from threadsim.strategy.steps import History


@attrs.frozen(order=True)
class Turn:
    """Where a thread has made so many steps, another goes on."""

    thread: int
    steps: int
    chosen: int

    @property
    def place(self) -> tuple[int, int]:
        """Where that is."""
        return self.thread, self.steps


Plan = tuple[Turn, ...]


def plan_of(schedule: Schedule) -> Plan:
    """Every switch of a schedule as a turn."""
    turns, counts = [], dict.fromkeys((run.thread for run in schedule.runs), 0)
    for run, following in pairwise(schedule.runs):
        counts[run.thread] += run.points
        turns.append(Turn(run.thread, counts[run.thread], following.thread))
    return tuple(turns)


Order = Mapping[tuple[int, int], int]
"""When a thread that had made so many steps went on, in the execution that all this goes back to."""


def order_of(schedule: Schedule) -> Order:
    """When each step of each thread happened."""
    order: dict[tuple[int, int], int] = {}
    counts = dict.fromkeys((run.thread for run in schedule.runs), 0)
    for first, run in schedule.starts():
        for offset in range(run.points):
            order[run.thread, counts[run.thread] + offset] = first + offset
        counts[run.thread] += run.points
    return order


class Directed(Observer):
    """Takes the turns of a plan; where there is none, whoever goes on goes on.

    Args:
        plan: The turns. If the thread to be chosen is not ready, another one is.
        order: Tells which: the one whose next step was the first there.

    Attributes:
        preemptions: The turns that were taken from a thread that could have gone on.
        others: What was chosen where a thread was blocked or over and several could go on.
        planned: Those of them that the plan had.
    """

    name = "directed"

    def __init__(self, plan: Plan, order: Order) -> None:
        self._turns = {(turn.thread, turn.steps): turn.chosen for turn in plan}
        self._order = order
        self._history: History | None = None
        self.preemptions: list[Turn] = []
        self.others: list[Turn] = []
        self.planned: list[Turn] = []

    def observe(self, history: History) -> None:
        """What has happened tells whose turn it is."""
        self._history = history

    def choose(self, current: C | None, ready: Sequence[C], point: int) -> C:
        """Who has the turn."""
        assert self._history is not None
        counts = self._history.counts()
        thread = current.number if current is not None else self._last(self._history)
        steps = counts.get(thread, 0)
        wanted = self._turns.get((thread, steps))
        if wanted is None and current is not None:
            return current
        chosen = self._ready(wanted, [each for each in ready if each is not current], counts)
        turn = Turn(thread, steps, chosen.number)
        (self.others if current is None else self.preemptions).append(turn)
        if current is None and wanted == chosen.number:
            self.planned.append(turn)
        return chosen

    def _ready(self, wanted: int | None, ready: Sequence[C], counts: Mapping[int, int]) -> C:
        """The thread of that number if it is ready, else the one that went on first."""
        for thread in ready:
            if thread.number == wanted:
                return thread
        return min(ready, key=lambda thread: self._place(thread.number, counts.get(thread.number, 0)))

    def _place(self, thread: int, steps: int) -> tuple[int, int]:
        return self._order.get((thread, steps), len(self._order)), thread

    @staticmethod
    def _last(history: History) -> int:
        """Who went on until now, and cannot any more."""
        steps = history.steps(max(history.points - 1, 0))
        return steps[-1].thread if steps else 0
