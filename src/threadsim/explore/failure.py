"""A failure that a search has found: the smallest execution that shows it."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cached_property
from typing import Any, Self

import attrs

from threadsim.analyse.diagnosis import diagnose
from threadsim.analyse.races import races
from threadsim.explore.defects import Defect, race_key
from threadsim.explore.tally import Found
from threadsim.model.errors import ThreadsimError
from threadsim.model.event import Event
from threadsim.model.findings import Diagnosis
from threadsim.render.explanation import Explanation, explanation
from threadsim.simulate.execution import Execution


@attrs.define(slots=False, eq=False)
class Failure(Execution):
    """A failing execution, shrunk.

    Attributes:
        kind: ``failed``, ``deadlock``, ``livelock``; or ``check`` or ``race``, where the program passed.
        summary: What failed, in a line.
        schedule_number: Which schedule of the search it was, counted from 1.
        found_by: The strategy that found it.
        preemptions: How many are left of that schedule's.
    """

    kind: str = attrs.field(kw_only=True)
    summary: str = attrs.field(kw_only=True)
    schedule_number: int = attrs.field(kw_only=True)
    found_by: str = attrs.field(kw_only=True)
    preemptions: int = attrs.field(kw_only=True)
    _key: Hashable = attrs.field(kw_only=True, repr=False)
    _cause: BaseException | None = attrs.field(kw_only=True, repr=False)
    _known: Diagnosis | None = attrs.field(default=None, kw_only=True, repr=False)

    @classmethod
    def of(
        cls,
        found: Found,
        execution: Execution,
        defect: Defect,
        preemptions: int,
        diagnosis: Diagnosis | None = None,
    ) -> Self:
        """That which was found as this execution shows it; the diagnosis may be known from one like it."""
        values: dict[str, Any] = {
            str(field.alias): getattr(execution, field.name) for field in attrs.fields(Execution)
        }
        return cls(
            **{**values, "seed": found.seed, "strategy": found.strategy},
            kind=defect.kind,
            summary=defect.message,
            schedule_number=found.number,
            found_by=found.strategy,
            preemptions=preemptions,
            key=defect.key,
            cause=defect.error,
            known=diagnosis,
        )

    @cached_property
    def explanation(self) -> str:
        """What happened and why, with the lines of the source, as text."""
        head = f"{self.summary}\n\n" if self.kind == "check" else ""
        return f"{head}{explanation(self.trace, **self.evidence())}"

    def evidence(self) -> dict[str, Any]:
        """What an explanation is made of: a diagnosis, or the race that it is about."""
        if self.kind == "race":
            return {"races": tuple(race for race in races(self.trace) if race_key(race) == self._key)}
        return {"diagnosis": self._diagnosis}

    @cached_property
    def _diagnosis(self) -> Diagnosis:
        known = self._known
        if known is None:
            return diagnose(self.trace)
        return attrs.evolve(known, events=tuple(self.trace.events[each.number] for each in known.events))

    def shown_events(self) -> list[Event]:
        """The events that the explanation shows with their lines of source."""
        return Explanation(self.trace, **self.evidence()).events()

    @property
    def message(self) -> str:
        """What failed, in a paragraph: of a deadlock, who waits for whom."""
        ending = self.trace.ending
        return (ending.message if ending is not None else "") or self.summary

    @property
    def where(self) -> str:
        """``schedule 3 (pct, seed 2)``."""
        return f"schedule {self.schedule_number:,} ({self.found_by}, seed {self.seed})"

    @property
    def size(self) -> str:
        """``1 preemption``."""
        return f"{self.preemptions or 'no'} preemption" + ("" if self.preemptions == 1 else "s")

    @property
    def _note(self) -> str:
        """How it was found, why it failed, and how to see it again: what a test that fails has to show."""
        return (
            f"threadsim: found at {self.where}, shrunk to {self.size}\n\n{self.explanation}\n"
            "threadsim: save it with exploration.failure.trace.save(FILE), "
            "run it again with threadsim.replay(program, FILE)"
        )

    def assert_passed(self) -> None:
        """Raise what the program or the check raised, or an error that says how else it failed.

        Raises:
            ThreadsimError: It was a deadlock, a livelock, a race, or a check that returned False.
        """
        __tracebackhide__ = True
        error = self._cause or ThreadsimError(self.message)
        note = self._note
        if note not in getattr(error, "__notes__", ()):
            error.add_note(note)
        raise error
