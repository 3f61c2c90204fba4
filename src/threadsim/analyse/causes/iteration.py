"""Iteration during mutation: another thread changed a container that one was going through."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from threadsim.analyse.causes.evidence import Evidence, Finding, writes
from threadsim.model.event import Event
from threadsim.model.findings import Cause
from threadsim.render.phrases import Phrases

_MESSAGE = re.compile(r"(changed|mutated) .*during iteration|mutated during iteration")
"""What CPython says. Of a list that changes it says nothing, and a trace does not tell a loop from a look."""


def find(evidence: Evidence) -> Iterator[Finding]:
    """The step of an iteration that raised, if another thread made it do so."""
    failure = evidence.failure
    if failure is None or failure.type != "RuntimeError" or not _MESSAGE.search(failure.message):
        return
    step = evidence.last_access
    if step is not None and evidence.on_whole(step):
        events = _changed_between_steps(evidence, step)
        if events is not None:
            yield Finding(Cause.ITERATION_DURING_MUTATION, events, None, partial(_tell, events))


def _changed_between_steps(evidence: Evidence, step: Event) -> tuple[Event, Event, Event] | None:
    change = None
    for event in evidence.before(step):
        if change is None and writes(event):
            if event.thread == step.thread:
                return None
            change = event
        elif change is not None and event.thread == step.thread and evidence.on_whole(event):
            return None if writes(event) else (event, change, step)
    return None


def _tell(events: tuple[Event, Event, Event], phrases: Phrases) -> str:
    _, change, step = events
    who, what = phrases.who(step.thread), phrases.what(step)
    return f"{who} was going through {what}{phrases.at(step.site)} when {phrases.clause(change)}."
