"""What counts as a failure of an execution, and which failures are the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from typing import Any

import attrs

from threadsim.analyse.races import races
from threadsim.instrument.tracebacks import site_of_error, without_our_frames
from threadsim.model.findings import Race
from threadsim.model.trace import Outcome, Trace
from threadsim.render.phrases import race_words
from threadsim.simulate.execution import Execution

Check = Callable[[Execution], Any]
"""Looks at an execution that passed; returns False, or raises, if it should not have."""


HARDLY = 0.05
"""What part of its fair share of turns a thread has that is left to starve."""


@attrs.frozen
class Defect:
    """One way of failing.

    Attributes:
        kind: ``failed``, ``deadlock``, ``livelock``; ``check`` or ``race`` where the program itself passed.
        key: The same for the same failure under another schedule: the error's type and place; of a deadlock
            what everybody waits for; of a race its two places.
        message: For a person.
        error: What was raised, by the program or by the check.
    """

    kind: str
    key: Hashable
    message: str = attrs.field(eq=False)
    error: BaseException | None = attrs.field(default=None, eq=False)

    def __getstate__(self) -> tuple[str, Hashable, str]:
        """What another process is told: an exception may hold anything."""
        return self.kind, self.key, self.message

    def __setstate__(self, state: tuple[str, Hashable, str]) -> None:
        for name, value in zip(("kind", "key", "message", "error"), (*state, None), strict=True):
            object.__setattr__(self, name, value)


@attrs.frozen
class Judge:
    """Tells what is wrong with an execution.

    Args:
        check: The user's own look at it.
        races: Whether a data race is wrong.
    """

    check: Check | None = None
    races: bool = False

    def defects(self, execution: Execution) -> list[Defect]:
        """All that is wrong, the gravest first."""
        first = _ending(execution) or self._checked(execution)
        found = [] if first is None else [first]
        return found + [_race_defect(race, execution) for race in self.found_races(execution)]

    def found_races(self, execution: Execution) -> list[Race]:
        """The data races of an execution, if they count."""
        if not self.races or execution.threads == 1:
            return []
        return list(races(execution.trace))

    def _checked(self, execution: Execution) -> Defect | None:
        if self.check is None:
            return None
        try:
            passed = self.check(execution)
        except Exception as error:
            without_our_frames(error)
            message = f"check raised {_words(error)}"
            return Defect("check", ("check", type(error).__qualname__, site_of_error(error)), message, error)
        return Defect("check", ("check", "False"), "check returned False") if passed is False else None


def _ending(execution: Execution) -> Defect | None:
    """What is wrong with the way it ended."""
    outcome = execution.outcome
    if outcome is Outcome.FAILED and execution.error is not None:
        error = execution.error
        key = (outcome, type(error).__qualname__, site_of_error(error))
        return Defect(outcome, key, _words(error), error)
    if outcome is Outcome.DEADLOCK:
        return Defect(outcome, (outcome, execution.blocked), _first_line(execution))
    if outcome is Outcome.LIVELOCK and not _starves(execution.trace):
        return Defect(outcome, (outcome,), f"still going after {execution.steps:,} scheduling points")
    return None


def _starves(trace: Trace) -> bool:
    """Whether a thread that could have gone on had hardly a turn in the second half of a livelock.

    Then it is the schedule's doing. A scheduler that is fair lets it go on, and that may end the spinning.
    """
    if trace.ending is None:
        return False
    half = trace.ending.steps // 2
    turns: Counter[int] = Counter()
    for first, run in trace.schedule.starts():
        turns[run.thread] += max(first + run.points - max(first, half), 0)
    could_go_on = {each for each in turns if turns[each]}.union(each.thread for each in trace.ending.waiting)
    return any(turns[each] * len(could_go_on) < half * HARDLY for each in could_go_on)


def _first_line(execution: Execution) -> str:
    places = {(place.file, place.line) for _, _, place in execution.blocked if place is not None}
    waiting = ", ".join(f"{file}:{line}" for file, line in sorted(places))
    return "deadlock" + (f" at {waiting}" if waiting else "")


def _words(error: BaseException) -> str:
    return ": ".join(part for part in (type(error).__name__, str(error)) if part)


def _race_defect(race: Race, execution: Execution) -> Defect:
    return Defect("race", race_key(race), race_words(execution.trace, race))


def race_key(race: Race) -> Hashable:
    """The two places of a race, in one order whichever came first."""
    return ("race", *sorted((race.first.site, race.second.site), key=str))
