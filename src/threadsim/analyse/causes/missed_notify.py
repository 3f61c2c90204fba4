"""Missed notify: the notify, or the set of an event, was over before the thread waited for it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from threadsim.analyse.causes.evidence import Evidence, Finding, is_access, location_of, overlap, writes
from threadsim.model.event import Event, Kind
from threadsim.model.findings import Cause
from threadsim.model.trace import Trace, Waiting
from threadsim.render.phrases import Phrases


def find(evidence: Evidence) -> Iterator[Finding]:
    """A thread that waits for ever, with what it missed."""
    trace = evidence.trace
    for waiting in () if trace.ending is None else trace.ending.waiting:
        if waiting.kind is not Kind.WAIT or waiting.obj is None:
            continue
        missed = _MISSED.get(trace.objects[waiting.obj].kind, _nothing)(trace, waiting)
        if missed is not None:
            yield Finding(Cause.MISSED_NOTIFY, missed, None, partial(_tell, missed))


def _nothing(trace: Trace, waiting: Waiting) -> None:
    return None


def _missed_of_condition(trace: Trace, waiting: Waiting) -> tuple[Event, ...] | None:
    """The last notify, if nobody was waiting then, and the thread does not know what it was about."""
    queue: list[int] = []  # the threads that wait and have not been notified
    wasted = None
    for event in trace.events:
        if event.obj != waiting.obj:
            continue
        if event.kind is Kind.WAIT:
            queue.append(event.thread)
        elif event.kind in (Kind.NOTIFY, Kind.NOTIFY_ALL):
            wasted = None if queue else event
            queue = [] if event.kind is Kind.NOTIFY_ALL else queue[_count(event) :]
        elif event.kind is Kind.WAKE and event.thread in queue:
            queue.remove(event.thread)
    wait = _last(trace, waiting, Kind.WAIT)
    if wasted is None or wait is None or wait.number < wasted.number or wasted.thread == waiting.thread:
        return None
    return None if _knew(trace, wasted, wait) else (wasted, wait)


def _missed_of_event(trace: Trace, waiting: Waiting) -> tuple[Event, ...] | None:
    """The last set and the clear after it, if the thread did not see the flag up in between."""
    wait = _last(trace, waiting, Kind.WAIT)
    own = [event for event in trace.events if event.obj == waiting.obj]
    last_set = next((event for event in reversed(own) if event.kind is Kind.SET), None)
    if wait is None or last_set is None or last_set.number > wait.number or last_set.thread == waiting.thread:
        return None
    since = [event for event in own if event.number > last_set.number]
    clear = next((event for event in since if event.kind is Kind.CLEAR), None)
    if clear is None or any(event.thread == waiting.thread and _sees(event, clear) for event in since):
        return None
    return last_set, clear, wait


def _sees(event: Event, clear: Event) -> bool:
    """Whether a thread saw, after a set, that the flag was up."""
    if event.kind is Kind.WAIT:
        return event.number < clear.number
    return event.kind in (Kind.WAKE, Kind.IS_SET) and event.result is None


_MISSED = {"Condition": _missed_of_condition, "Event": _missed_of_event}


def _last(trace: Trace, waiting: Waiting, kind: Kind) -> Event | None:
    events = reversed(trace.events)
    return next((e for e in events if (e.kind, e.thread, e.obj) == (kind, waiting.thread, waiting.obj)), None)


def _knew(trace: Trace, notify: Event, wait: Event) -> bool:
    """Whether the thread read, after the notify, what the notifier had written: it waits for another one."""
    accesses = [event for event in trace.events[: wait.number] if is_access(event)]
    told = [e for e in accesses if e.thread == notify.thread and e.number < notify.number and writes(e)]
    looked = [e for e in accesses if e.thread == wait.thread and e.number > notify.number]
    return any(overlap(location_of(one), location_of(other)) for one in told for other in looked)


def _count(event: Event) -> int:
    return int(event.value) if event.value is not None and event.value.isdecimal() else 1


def _tell(missed: tuple[Event, ...], phrases: Phrases) -> str:
    *done, wait = missed
    first, *more = done
    told = " and ".join([phrases.clause(first), *(phrases.clause(event) for event in more)])
    waited = f"{phrases.who(wait.thread)} waited for {phrases.what(wait)}{phrases.at(wait.site)}"
    return f"{told} before {waited}: nobody wakes it now."
