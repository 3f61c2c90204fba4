"""From a failing execution to the smallest one that fails the same way.

Smaller is: fewer preemptions, then fewer switches, then fewer steps. Every candidate is executed, so what is
left is true. Few preemptions are enough for most bugs (M. Musuvathi and S. Qadeer, *Iterative Context
Bounding for Systematic Testing of Multithreaded Programs*, PLDI 2007), so schedules of none, one and two of
them are tried first, where the failing execution switched; what needs more is reduced with ddmin (A. Zeller
and R. Hildebrandt, *Simplifying and Isolating Failure-Inducing Input*, TSE 2002).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations, pairwise, product

import attrs

from threadsim.explore.defects import Defect, Judge
from threadsim.explore.directed import Directed, Order, Plan, Turn, order_of, plan_of
from threadsim.model.trace import Trace
from threadsim.simulate.execution import Execution
from threadsim.simulate.simulator import Simulator

MOST_CANDIDATES = 1_000
MOST_STEPS = 500_000
"""How many candidates are executed, and how many scheduling points they may pass in all."""

FEW = 2
"""As many preemptions are tried in all combinations."""


@attrs.frozen
class Attempt:
    """A candidate that fails the same way.

    Attributes:
        preemptions: Turns that were taken from a thread that could have gone on.
        others: Those that were taken where nobody could, as far as they were planned.
    """

    execution: Execution
    preemptions: Plan
    others: Plan

    @property
    def cost(self) -> tuple[int, int, int]:
        """What should be small."""
        return len(self.preemptions), self.execution.switches, self.execution.steps

    @property
    def plan(self) -> Plan:
        """What it was made from, less what was of no use."""
        return (*self.preemptions, *self.others)


class Shrinker:
    """Looks for the smallest execution of a program that has a defect.

    Args:
        simulator: Executes candidates; it is entered.
        judge: Tells their defects.
        defect: The one to keep.
        seed: Of the program's own random numbers.
        heed_ctrl_c: Called when nothing is under way; raises KeyboardInterrupt if that has come.
    """

    def __init__(
        self,
        simulator: Simulator,
        judge: Judge,
        defect: Defect,
        seed: int | None,
        heed_ctrl_c: Callable[[], None] = lambda: None,
    ) -> None:
        self._simulator = simulator
        self._judge = judge
        self._key = defect.key
        self._seed = seed
        self._heed_ctrl_c = heed_ctrl_c
        self._tried: dict[frozenset[Turn], Plan] = {}  # and what was chosen where nobody could go on
        self._steps = 0
        self._order: Order = {}
        self.best: Attempt | None = None

    def shrink(self, trace: Trace) -> Attempt | None:
        """The smallest that was found, None if the defect does not come again. Ctrl-C ends the looking."""
        try:
            self._look_for_smaller(trace)
        except KeyboardInterrupt:
            pass
        return self.best

    def _look_for_smaller(self, trace: Trace) -> None:
        self._order = order_of(trace.schedule)
        whole = self._try(plan_of(trace.schedule))
        if whole is None:
            return
        self._try_few(whole)
        if self._best.cost[0] > FEW:
            _ddmin(self._best.preemptions, lambda kept: self._keeps(kept, self._best.others))
        self._choose_otherwise()
        self._redirect()
        self._drop_others()

    @property
    def _best(self) -> Attempt:
        assert self.best is not None
        return self.best

    def _try(self, plan: Iterable[Turn]) -> Attempt | None:
        """Execute a candidate; the attempt if it has the defect, and then it is the best if it is smaller."""
        turns = frozenset(plan)
        if turns in self._tried or len(self._tried) >= MOST_CANDIDATES or self._steps >= MOST_STEPS:
            return None
        self._heed_ctrl_c()
        strategy = Directed(tuple(turns), self._order)
        execution = self._simulator.execute(strategy, self._seed)
        if isinstance(execution.error, KeyboardInterrupt):
            raise execution.error
        self._steps += execution.steps
        self._tried[turns] = tuple(strategy.others)
        if all(defect.key != self._key for defect in self._judge.defects(execution)):
            return None
        attempt = Attempt(execution, tuple(strategy.preemptions), tuple(strategy.planned))
        if self.best is None or attempt.cost < self.best.cost:
            self.best = attempt
        return attempt

    def _keeps(self, preemptions: Sequence[Turn], others: Sequence[Turn]) -> bool:
        return self._try((*preemptions, *others)) is not None

    def _try_few(self, whole: Attempt) -> None:
        """All combinations of few preemptions, the fewest first; the first number that is enough is it."""
        for number in range(min(FEW + 1, len(whole.preemptions))):
            for some in combinations(whole.preemptions, number):
                self._try(some)
                self._try((*some, *whole.others))
            if self._best.cost[0] <= number:
                return

    def _choose_otherwise(self) -> None:
        """A preemption may stand for a choice that could be made where a thread is blocked or over."""
        before = None
        while before != self._best.cost:
            before, best = self._best.cost, self._best
            for left_out in best.preemptions:
                rest = [turn for turn in best.plan if turn != left_out]
                self._try(rest)
                choices = self._tried.get(frozenset(rest), ())
                for choice, chosen in product(choices, range(best.execution.threads)):
                    if chosen not in (choice.thread, choice.chosen):
                        others = [turn for turn in rest if turn.place != choice.place]
                        self._try((*others, attrs.evolve(choice, chosen=chosen)))

    def _redirect(self) -> None:
        """Let another thread than before have the turn."""
        threads = range(self._best.execution.threads)
        for turn in self._best.plan:
            for chosen in threads:
                if chosen not in (turn.thread, turn.chosen):
                    rest = [each for each in self._best.plan if each != turn]
                    self._try((*rest, attrs.evolve(turn, chosen=chosen)))

    def _drop_others(self) -> None:
        """Leave out turns that are of no use, until each is."""
        before = None
        while before != self._best.cost:
            before = self._best.cost
            for turn in reversed(self._best.others):
                self._try(each for each in self._best.plan if each != turn)


def _ddmin(items: Sequence[Turn], fails: Callable[[Sequence[Turn]], bool]) -> None:
    """Zeller's minimizing delta debugging; who asks `fails` keeps what is best."""
    parts = 2
    while len(items) >= 2:
        smaller = next((rest for rest in _complements(items, parts) if fails(rest)), None)
        if smaller is not None:
            items, parts = smaller, max(parts - 1, 2)
        elif parts < len(items):
            parts = min(parts * 2, len(items))
        else:
            return


def _complements(items: Sequence[Turn], parts: int) -> Iterator[list[Turn]]:
    """All but one of so many parts, for each of them."""
    bounds = [len(items) * part // parts for part in range(parts + 1)]
    for first, last in pairwise(bounds):
        yield [*items[:first], *items[last:]]
