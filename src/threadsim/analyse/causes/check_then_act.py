"""Check-then-act: what a thread had looked at was changed by another one before it acted on it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from threadsim.analyse.causes.evidence import (
    Evidence,
    Finding,
    differ,
    location_of,
    overlap,
    same_function,
    writes,
)
from threadsim.analyse.causes.interference import Interference, interference, is_update
from threadsim.analyse.causes.lost_update import is_lost_update
from threadsim.model.event import Event, Kind
from threadsim.model.findings import Cause
from threadsim.render.phrases import Phrases
from threadsim.render.words import exception_words


def find_failing(evidence: Evidence) -> Iterator[Finding]:
    """The act that raised, if what its thread had looked at before was changed in between."""
    act, failure = evidence.last_access, evidence.failure
    if act is None or failure is None or failure.type == "AssertionError":
        return
    error = exception_words(failure.type, failure.message)
    between = interference(evidence, act)
    if between is not None and between.check.site != act.site:
        yield _finding((between.check, between.change, act), None, partial(_tell_failing, between, error))
    elif (related := _related(evidence, act)) is not None:
        yield _finding(related, None, partial(_tell_related, related, error))


def find_stale(evidence: Evidence) -> Iterator[Finding]:
    """Each write by which a thread acts on what it had read before another one changed it."""
    for act in filter(writes, evidence.accesses):
        between = interference(evidence, act)
        if between is not None and _is_stale(evidence, between):
            yield _finding((between.check, between.change, act), act, partial(_tell_stale, between))


def _finding(events: tuple[Event, ...], act: Event | None, tell: partial[str]) -> Finding:
    return Finding(Cause.CHECK_THEN_ACT, events, None if act is None else location_of(act), tell)


def _is_stale(evidence: Evidence, between: Interference) -> bool:
    """Whether the check is one, and of another place than the act: in one function, on other values."""
    check, again, act = between.check, between.again, between.act
    if not same_function(check, act) or not differ(check, between.change) or _waited(evidence, check, act):
        return False
    if again is not None:  # a new value made from a fresh one, but the decision is an old one
        return check.site != again.site and _precedes(check, again)
    if is_lost_update(evidence, between):
        return False
    if evidence.on_whole(check) or evidence.on_whole(act):
        return check.site != act.site
    return not is_update(check, act)


def _waited(evidence: Evidence, check: Event, act: Event) -> bool:
    """Whether it let the others go on in between, and so knows that what it looked at may have changed."""
    between = evidence.trace.events[check.number : act.number]
    return any(event.kind is Kind.WAKE and event.thread == act.thread for event in between)


def _precedes(check: Event, again: Event) -> bool:
    assert check.site is not None
    return again.site is not None and check.site.line <= again.site.line


def _related(evidence: Evidence, act: Event) -> tuple[Event, ...] | None:
    """What goes with what was looked at: one thread changed both between the look and the act."""
    own = (event for event in reversed(evidence.by_thread[act.thread]) if event.number < act.number)
    check = next((event for event in own if not overlap(location_of(event), location_of(act))), None)
    if check is None or writes(check) or not same_function(check, act):
        return None
    between = [
        e for e in evidence.accesses if check.number < e.number < act.number and e.thread != act.thread
    ]
    for change in filter(writes, between):
        if not overlap(location_of(change), location_of(check)) or not differ(check, change):
            continue
        for other in filter(writes, between):
            if other.thread == change.thread and overlap(location_of(other), location_of(act)):
                return check, *sorted((change, other), key=lambda event: event.number), act
    return None


def _tell_failing(between: Interference, error: str, phrases: Phrases) -> str:
    told = f"{phrases.clause(between.check)}, {phrases.clause(between.change)}"
    verb = "acted on it" if between.act.kind is Kind.WRITE else phrases.done(between.act)
    act = f"{phrases.who(between.act.thread)} then {verb}{phrases.at(between.act.site)}"
    return f"{told}, and {act}: {error}."


def _tell_related(events: tuple[Event, ...], error: str, phrases: Phrases) -> str:
    check, change, other, act = events
    told = f"{phrases.clause(check)}, {phrases.clause(change)} and {phrases.did(other)}"
    return f"{told}, and {phrases.who(act.thread)} then {phrases.did(act)}: {error}."


def _tell_stale(between: Interference, phrases: Phrases) -> str:
    told = f"{phrases.clause(between.check)}, {phrases.clause(between.change)}"
    act = f"{phrases.who(between.act.thread)} then {phrases.did(between.act)}"
    return f"{told}, and {act}, by a check that was out of date."
