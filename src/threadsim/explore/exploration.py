"""What a search has shown: what a person gets of it."""

from __future__ import annotations

from collections import Counter

import attrs

from threadsim.explore.failure import Failure
from threadsim.model.errors import ThreadsimError
from threadsim.model.trace import Outcome


@attrs.define(eq=False)
class Exploration:
    """Execution after execution of one program, and what came of it.

    Attributes:
        executions: How many there were, up to and with the last that counts.
        exhausted: Whether every interleaving was tried, up to the order of steps that commute. Without a
            failure that is a proof that none fails.
        reason: Why it may be said, or why not, in words.
        outcomes: How many executions ended how.
        distinct: How many different interleavings they were.
        failures: The first of each distinct way of failing, shrunk, in the order in which they were found;
            one at most with ``stop_on_first``.
        races: The data races that were found, in words, once for each pair of places.
        strategy: Of the search.
        seed: Of the search.
        seconds: How long it took, in real time.
        interrupted: Whether Ctrl-C ended it.
        trouble: What ended it, if it was something that no search can deal with: a program that is not
            deterministic, a call that is not managed.
        warnings: What else a person should know: that a worker died.
    """

    executions: int
    exhausted: bool
    reason: str
    outcomes: Counter[Outcome]
    distinct: int
    failures: tuple[Failure, ...]
    races: tuple[str, ...]
    strategy: str
    seed: int
    seconds: float
    interrupted: bool
    trouble: ThreadsimError | None
    warnings: tuple[str, ...] = ()

    @property
    def failure(self) -> Failure | None:
        """The first failure that was found, shrunk; None if there was none."""
        return self.failures[0] if self.failures else None

    @property
    def passed(self) -> bool:
        """Whether it came to its end, by budget or otherwise, and nothing failed."""
        return not (self.failures or self.trouble or self.interrupted)

    def assert_passed(self) -> None:
        """Raise the first failure's error, with the traceback of its shrunk execution.

        Raises:
            ThreadsimError: It failed without an exception of the program's; or the search could not do its
                work: then there is nothing to say for the program.
        """
        __tracebackhide__ = True
        if self.failure is not None:
            self.failure.assert_passed()
        if self.trouble is not None:
            raise self.trouble
        if self.interrupted:
            raise ThreadsimError(str(self))

    def __str__(self) -> str:
        """One line."""
        if self.failure is not None:
            return self._failed(self.failure)
        if self.trouble is not None:
            after = f" after {_count(self.executions, 'execution')}" if self.executions else ""
            return f"no result{after}: {self.trouble}"
        if self.interrupted:
            return f"interrupted after {self._counts}; none of them failed"
        if (
            self.exhausted
        ):  # its interleavings are fewer than the schedules, of which some are as good as others
            return f"passed: {self.reason} ({_count(self.executions, 'execution')})"
        return f"passed: {self._counts}; {self.reason}"

    def _failed(self, failure: Failure) -> str:
        """The first failure, and how it went on if that was not the end."""
        found = f"failed at {failure.where}, shrunk to {failure.size}: {failure.summary}"
        if self.executions == failure.schedule_number and not self.exhausted:
            return found
        return f"{found} ({_count(self.executions, 'execution')}; {self.reason})"

    @property
    def _counts(self) -> str:
        return f"{_count(self.executions, 'execution')}, {_count(self.distinct, 'distinct interleaving')}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
