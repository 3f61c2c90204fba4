"""What came of the executions of a search so far. It is small, and can be sent to another process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from enum import StrEnum
from typing import Self

import attrs

from threadsim.explore.defects import Defect
from threadsim.explore.sight import sight
from threadsim.model.errors import ThreadsimError
from threadsim.model.trace import Outcome, Trace
from threadsim.simulate.execution import Execution
from threadsim.strategy.dpor import Dpor


class Stop(StrEnum):
    """Why a search went no further."""

    NOTHING_LEFT = "nothing left"  # the search has nothing left to try
    ONE_THREAD = "one thread"  # there was nothing to search
    SCHEDULES = "schedules"  # the budget of schedules was used
    SECONDS = "seconds"  # the time was up
    FAILURE = "failure"  # the first failure was enough
    INTERRUPTED = "interrupted"  # Ctrl-C
    TROUBLE = "trouble"  # something that no search can deal with


@attrs.frozen
class Found:
    """A failing execution, as it was found.

    Attributes:
        number: Of its schedule, counted from 1 in the order of the search.
        seed: Of the program's own random numbers, and of the strategy if that has any.
        trace: Of this very execution.
    """

    number: int
    seed: int
    strategy: str
    defect: Defect
    trace: Trace

    @classmethod
    def of(cls, number: int, execution: Execution, defect: Defect) -> Self:
        """That which this execution is."""
        trace = attrs.evolve(execution.trace)  # without what was derived from it
        return cls(number, execution.seed or 0, execution.strategy, defect, trace)


@attrs.define
class Tally:
    """Counts, and the first failure of each kind.

    Attributes:
        executions: How many there were.
        outcomes: How many ended how.
        interleavings: A hash of each distinct one.
        seen: By hash, what threads saw in executions of a search that takes many interleavings for one.
        failures: The first of each distinct way of failing, in the order in which they were found.
        races: Each data race in words, by its two places.
        tried: How many executions each strategy had; one that begins anew counts anew.
        most_threads: How many threads an execution had at most.
        steps: Scheduling points that were passed in all.
        cut: Why some execution shows less than what its schedule would do, in words; None if none does.
        stop: Why there are no more; None as long as there are.
        exhausted: What the search says about itself.
        trouble: What ended it, if that was of no execution's making.
        warnings: What else a person should know.
    """

    executions: int = 0
    outcomes: Counter[Outcome] = attrs.field(factory=Counter)
    interleavings: set[int] = attrs.field(factory=set)
    seen: set[int] = attrs.field(factory=set)
    failures: dict[Hashable, Found] = attrs.field(factory=dict)
    races: dict[Hashable, str] = attrs.field(factory=dict)
    tried: Counter[str] = attrs.field(factory=Counter)
    most_threads: int = 0
    steps: int = 0
    cut: str | None = None
    stop: Stop | None = None
    exhausted: bool = False
    trouble: ThreadsimError | None = None
    warnings: list[str] = attrs.field(factory=list)

    def count(self, execution: Execution) -> None:
        """One more."""
        self.executions += 1
        if execution.history.renamed:
            self.tried[execution.strategy] = 0
        self.tried[execution.strategy] += 1
        self.outcomes[execution.outcome] += 1
        self.interleavings.add(execution.interleaving)
        if execution.strategy == Dpor.name:
            self.seen.add(sight(execution))
        self.most_threads = max(self.most_threads, execution.threads)
        self.steps += execution.steps
        self.cut = self.cut or _cut(execution)

    def add_failure(self, found: Found) -> None:
        """Keep it if none before it failed the same way."""
        self.failures.setdefault(found.defect.key, found)
        if found.defect.kind == "race":
            self.races.setdefault(found.defect.key, found.defect.message)

    def add(self, later: Tally) -> None:
        """What came of the executions after these, numbered from 1 as these are."""
        for key, found in later.failures.items():
            self.failures.setdefault(key, attrs.evolve(found, number=self.executions + found.number))
        self.executions += later.executions
        self.outcomes += later.outcomes
        self.interleavings |= later.interleavings
        self.seen |= later.seen
        self.tried += later.tried
        self.races = {**later.races, **self.races}
        self.most_threads = max(self.most_threads, later.most_threads)
        self.steps += later.steps
        self.cut = self.cut or later.cut
        self.trouble = self.trouble or later.trouble

    @property
    def first(self) -> Found | None:
        """The failure that was found first."""
        return min(self.failures.values(), key=lambda found: found.number, default=None)


def _cut(execution: Execution) -> str | None:
    if execution.outcome is Outcome.LIVELOCK:
        return f"an execution was cut off after {execution.steps:,} scheduling points"
    if execution.outcome in (Outcome.DIVERGED, Outcome.INTERRUPTED):
        return f"an execution was {execution.outcome}"
    return execution.unaccounted
