"""Check-then-act on a primitive: a queue was not empty when a thread asked, and is when it comes to take."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from threadsim.analyse.causes.evidence import Evidence, Finding
from threadsim.model.event import Event, Kind
from threadsim.model.findings import Cause
from threadsim.model.trace import Trace
from threadsim.render.phrases import Phrases

_ASKING = frozenset({Kind.SIZE, Kind.LOCKED})

_UNDOING = {Kind.GET: Kind.GET, Kind.PUT: Kind.PUT, Kind.ACQUIRE: Kind.ACQUIRE}
"""What of another thread's makes an operation fail or block, though the answer was that it would not."""


def find(evidence: Evidence) -> Iterator[Finding]:
    """An operation that failed, or blocks for ever, after a question whose answer was no longer true."""
    trace = evidence.trace
    for thread, kind, obj, end, act in _in_vain(trace):
        own = [event for event in trace.events[:end] if event.obj == obj]
        asked = next((event for event in reversed(own) if event.thread == thread), None)
        if asked is None or asked.kind not in _ASKING:
            continue
        undone = [e for e in own if e.number > asked.number and e.kind is _UNDOING[kind] and e.result is None]
        if undone:
            events = (asked, undone[-1], *([act] if act is not None else []))
            tell = partial(_tell, thread, kind, events)
            yield Finding(Cause.CHECK_THEN_ACT, events, None, tell)


def _in_vain(trace: Trace) -> Iterator[tuple[int, Kind, int, int, Event | None]]:
    """Operations in vain: thread, kind, object, the number of the event that it is or would be, the event."""
    for waiting in () if trace.ending is None else trace.ending.waiting:
        if waiting.kind in _UNDOING and waiting.obj is not None:
            yield waiting.thread, waiting.kind, waiting.obj, len(trace.events), None
    failing = trace.failing_event
    if failing is not None:
        own = [event for event in trace.events[: failing.number] if event.thread == failing.thread]
        if own and own[-1].result in ("empty", "full") and own[-1].obj is not None:
            yield failing.thread, own[-1].kind, own[-1].obj, own[-1].number, own[-1]


def _tell(thread: int, kind: Kind, events: tuple[Event, ...], phrases: Phrases) -> str:
    asked, undone, *act = events
    who = phrases.who(thread)
    told = f"{phrases.clause(asked)}, {phrases.clause(undone)}"
    if act:
        return f"{told}, and {who} then found it {act[0].result}{phrases.at(act[0].site)}."
    return f"{told}, and {who} now waits for it in vain."
