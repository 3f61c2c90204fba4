"""Lost update: two threads read, both write what they made of it, and the second overwrites the first's."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from threadsim.analyse.causes.evidence import Evidence, Finding, differ, location_of, on_one_line, writes
from threadsim.analyse.causes.interference import Interference, interference, is_update, read_before
from threadsim.model.event import Event, Kind
from threadsim.model.findings import Cause
from threadsim.render.phrases import Phrases
from threadsim.render.words import value_of


def find(evidence: Evidence) -> Iterator[Finding]:
    """Each write that overwrites an update which its thread has not seen."""
    for act in evidence.accesses:
        if act.kind is Kind.WRITE and not evidence.on_whole(act):
            between = interference(evidence, act)
            if between is not None and is_lost_update(evidence, between):
                events = (between.check, between.change, act)
                yield Finding(Cause.LOST_UPDATE, events, location_of(act), partial(_tell, between))


def is_lost_update(evidence: Evidence, between: Interference) -> bool:
    """Whether it is one: two updates, of which the second begins from what was there before the first."""
    first, second = between.change, between.act
    read = read_before(evidence, first)
    return (
        between.again is None
        and writes(second)
        and not evidence.on_whole(second)
        and read is not None
        and location_of(first) == location_of(second)
        and _is_of_same(between.check, second)
        and _is_of_same(read, first)
        and is_update(between.check, second)
        and is_update(read, first)
        and differ(between.check, first)
    )


def _is_of_same(read: Event, write: Event) -> bool:
    """Whether a read is of what is written: an item may be read by ``get``, which looks at the whole."""
    return location_of(read) == location_of(write) or (read.field is None and on_one_line(read, write))


def _tell(between: Interference, phrases: Phrases) -> str:
    act = between.act
    told = f"{phrases.clause(between.check)}, {phrases.clause(between.change)}"
    new = "" if act.value is None else f" with {value_of(act.value)}"
    overwrote = f"{phrases.who(act.thread)} then overwrote it{new}{phrases.at(act.site)}"
    return f"{told}, and {overwrote}: one update is lost."
