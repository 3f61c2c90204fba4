"""The threads that are blocked at the end, and who took what they wait for."""

from __future__ import annotations

from threadsim.model.event import Event, Kind
from threadsim.model.trace import Outcome, Trace, Waiting
from threadsim.render.ending import waits_for
from threadsim.render.features import locks_held
from threadsim.render.phrases import Phrases


def blocked_threads(trace: Trace) -> list[Waiting]:
    """Those of a deadlock; the ones that only wait for others to end come last."""
    if trace.ending is None or trace.outcome is not Outcome.DEADLOCK:
        return []
    return sorted(trace.ending.waiting, key=lambda waiting: waiting.kind is Kind.JOIN)


def blocked_words(trace: Trace, waiting: Waiting, phrases: Phrases) -> str:
    """What a thread waits for, and who holds it, with the names of threads as short as can be."""
    if waiting.target is not None:
        return f"waits for {phrases.who(waiting.target)} to end"
    holder = "" if waiting.holder is None else f", held by {phrases.who(waiting.holder)}"
    return waits_for(trace, waiting) + holder


def taken_by_holder(trace: Trace, waiting: Waiting) -> Event | None:
    """The event with which the holder took what a thread waits for; None if nobody did, in the trace."""
    for held in locks_held(trace):
        if (held.obj, held.thread, held.last) == (waiting.obj, waiting.holder, None):
            return trace.events[held.first]
    return None
