"""Deadlock cycle: each of some threads holds, or is, what the next one waits for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from threadsim.analyse.causes.evidence import Evidence, Finding
from threadsim.model.event import Event
from threadsim.model.findings import Cause
from threadsim.model.trace import Trace, Waiting
from threadsim.render.blocked import taken_by_holder
from threadsim.render.phrases import Phrases
from threadsim.render.words import name_of


def find(evidence: Evidence) -> Iterator[Finding]:
    """The cycle, if there is one."""
    ending = evidence.trace.ending
    cycle = _cycle({} if ending is None else {waiting.thread: waiting for waiting in ending.waiting})
    if cycle:
        taken = {waiting.thread: taken_by_holder(evidence.trace, waiting) for waiting in cycle}
        events = sorted(filter(None, taken.values()), key=lambda event: event.number)
        tell = partial(_tell, evidence.trace, cycle, taken)
        yield Finding(Cause.DEADLOCK_CYCLE, tuple(events), None, tell)


def _cycle(blocked: dict[int, Waiting]) -> list[Waiting]:
    """Threads each of which waits for the next one, and the last for the first; empty if there are none."""
    for thread in blocked:
        path: list[int] = []
        at: int | None = thread
        while at is not None and at in blocked and at not in path:
            path.append(at)
            at = _waits_for(blocked[at])
        if at in path:
            return [blocked[one] for one in path[path.index(at) :]]
    return []


def _waits_for(waiting: Waiting) -> int | None:
    return waiting.target if waiting.target is not None else waiting.holder


def _tell(trace: Trace, cycle: list[Waiting], taken: dict[int, Event | None], phrases: Phrases) -> str:
    if len(cycle) == 1:
        return _tell_alone(trace, cycle[0], taken[cycle[0].thread], phrases)
    sides = [
        _side(trace, waiting, taken[before.thread], phrases)
        for before, waiting in zip([cycle[-1], *cycle], cycle, strict=False)
    ]
    return (
        f"{'; '.join(sides)}: neither can go on."
        if len(cycle) == 2
        else f"{'; '.join(sides)}: none can go on."
    )


def _side(trace: Trace, waiting: Waiting, held: Event | None, phrases: Phrases) -> str:
    who = phrases.who(waiting.thread)
    holds = "" if held is None else f" holds {phrases.what(held)} (taken{phrases.at(held.site)}) and"
    return f"{who}{holds} waits for {_wanted(trace, waiting, phrases)}{phrases.at(waiting.site)}"


def _tell_alone(trace: Trace, waiting: Waiting, held: Event | None, phrases: Phrases) -> str:
    who, what = phrases.who(waiting.thread), _wanted(trace, waiting, phrases)
    taken = "" if held is None else phrases.at(held.site)
    return f"{who} took {what}{taken} and waits for it again{phrases.at(waiting.site)}: it holds it itself."


def _wanted(trace: Trace, waiting: Waiting, phrases: Phrases) -> str:
    if waiting.target is not None:
        return f"{phrases.who(waiting.target)} to end"
    return name_of(trace.objects[waiting.obj].name) if waiting.obj is not None else str(waiting.kind)
