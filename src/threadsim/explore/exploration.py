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
        counts = f"{_count(self.executions, 'execution')}, {_count(self.distinct, 'distinct interleaving')}"
        if self.failure is None:
            return f"{self._word}: {counts}; {self.reason}"
        found = f"failed at {self.failure.where}, shrunk to {self.failure.size}"
        return f"{found}: {self.failure.summary} ({counts}; {self.reason})"

    @property
    def _word(self) -> str:
        if self.trouble is not None:
            return "no result"
        return "interrupted" if self.interrupted else "passed"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
