"""The search: execution after execution, until one fails, the budget is used or nothing is left to try."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

import attrs

from threadsim.explore.defects import Judge
from threadsim.explore.determinism import NondeterminismError, noticed, re_execute
from threadsim.explore.doubt import proves_by_reduction, put_to_the_test, take_to_heart
from threadsim.explore.tally import Found, Stop, Tally
from threadsim.model.errors import Divergence, Unmanaged
from threadsim.model.trace import Outcome, Trace
from threadsim.simulate.execution import Execution
from threadsim.simulate.simulator import Simulator
from threadsim.strategy.base import Search

Watch = Callable[[Tally], None]
"""Told after each execution what came of all of them."""


@attrs.frozen
class Budget:
    """How much a search may do.

    Attributes:
        schedules: How many executions, None for any number.
        until: When it ends, by `time.monotonic`; None if that does not matter.
    """

    schedules: int | None
    until: float | None

    @classmethod
    def of(cls, schedules: int | None, seconds: float | None) -> Budget:
        """That which begins now."""
        return cls(schedules, None if seconds is None else monotonic() + seconds)

    def used(self, executions: int) -> Stop | None:
        """Which of the two is used up, None if neither is."""
        if self.schedules is not None and executions >= self.schedules:
            return Stop.SCHEDULES
        return Stop.SECONDS if self.until is not None and monotonic() >= self.until else None


@attrs.define
class Loop:
    """Runs a search.

    Args:
        simulator: Executes the program; it is entered.
        judge: Tells what is wrong with an execution.
        budget: Ends it.
        stop_on_first: Whether a failure ends it.
        watch: Told of each execution.
        pause: Asked before each execution whether to leave the rest to others.
        heed_ctrl_c: Called when nothing is under way; raises KeyboardInterrupt if that has come.
        verify: Whether some executions are repeated, to see whether the program is deterministic; and a
            proof put to the test.
    """

    simulator: Simulator
    judge: Judge
    budget: Budget
    stop_on_first: bool = True
    watch: Watch = lambda tally: None
    pause: Callable[[Tally], bool] = lambda tally: False
    verify: bool = True
    heed_ctrl_c: Callable[[], None] = lambda: None
    tally: Tally = attrs.field(factory=Tally, init=False)
    _reference: Trace | None = attrs.field(default=None, init=False)

    def run(self, search: Search) -> Tally:
        """What came of it; if it paused, that has no `Tally.stop`.

        Ctrl-C and what cannot be simulated end it, and are not raised.
        """
        tally = self.tally
        try:
            while tally.stop is None and not self.pause(tally):
                tally.stop = self.budget.used(tally.executions) or self._next(search)
            self._check_again()
            tally.exhausted = search.exhausted
            if self.verify and proves_by_reduction(tally):
                self._put_to_the_test(search.seed)
            self.heed_ctrl_c()
        except KeyboardInterrupt:
            tally.stop = Stop.INTERRUPTED
        except (NondeterminismError, Unmanaged) as error:
            tally.stop, tally.trouble = Stop.TROUBLE, error
        return tally

    def _next(self, search: Search) -> Stop | None:
        self.heed_ctrl_c()
        strategy = search.begin()
        if strategy is None:
            return Stop.NOTHING_LEFT
        execution = self.simulator.execute(strategy, search.seed)
        _raise_what_ends_the_search(execution)
        self._end(search, execution)
        self._take(execution)
        self.watch(self.tally)
        return self._enough(execution)

    def _end(self, search: Search, execution: Execution) -> None:
        try:
            search.end(execution.history)
        except Divergence as error:  # what a search expected is in its own words: an event says more
            re_execute(self.simulator, execution.trace)
            raise noticed(error) from None

    def _take(self, execution: Execution) -> None:
        """Count it, and look whether it failed; the first, second, fourth, eighth … are repeated before."""
        tally = self.tally
        if self.verify and not tally.executions & (tally.executions + 1):
            self._reference = self._reference or execution.trace
            re_execute(self.simulator, execution.trace)
        tally.count(execution)
        for defect in self.judge.defects(execution):
            if defect.key not in tally.failures:
                found = Found.of(tally.executions, execution, defect)
                tally.add_failure(found)

    def _enough(self, execution: Execution) -> Stop | None:
        if self.tally.failures and self.stop_on_first:
            return Stop.FAILURE
        if self.verify and self.tally.executions == 1 and execution.threads == 1:
            return Stop.ONE_THREAD
        return None

    def _check_again(self) -> None:
        """What the program left behind may have changed it meanwhile."""
        if self._reference is not None and self.tally.executions > 1:
            re_execute(self.simulator, self._reference)

    def _put_to_the_test(self, seed: int) -> None:
        doubt = put_to_the_test(self.simulator, self.judge, self.tally, seed, self.heed_ctrl_c)
        take_to_heart(self.tally, doubt)


def _raise_what_ends_the_search(execution: Execution) -> None:
    if execution.outcome is Outcome.INTERRUPTED:
        raise execution.error or KeyboardInterrupt
    if execution.outcome is Outcome.DIVERGED and isinstance(execution.error, Divergence):
        raise noticed(execution.error)
