"""Ordering properties: events that are in a trace in a given order."""

from __future__ import annotations

from collections.abc import Sequence

from threadsim.model.errors import OrderingError
from threadsim.model.event import Event
from threadsim.model.selector import Selector
from threadsim.model.trace import Trace
from threadsim.render.text import rows_around


def assert_order(trace: Trace, selectors: Sequence[Selector]) -> None:
    """Check that the trace has an event for each selector, each after the one before it.

    For each the first event that will do is taken. That is no restriction: if any events do, these do too.

    Raises:
        OrderingError: It has not; the message shows the event after which the next one is missing, the last
            one that would have done had it come later, their sites and the rows around them.
    """
    found: Event | None = None
    for selector in selectors:
        start = 0 if found is None else found.number + 1
        following = next((event for event in trace.events[start:] if trace.matches(selector, event)), None)
        if following is None:
            raise OrderingError(_message(trace, selector, found))
        found = following


def _message(trace: Trace, selector: Selector, previous: Event | None) -> str:
    early = [event for event in trace.events if trace.matches(selector, event)]
    if not early or previous is None:
        return f"no event of this trace is {str(selector)!r}{trace.instead(selector)}"
    shown = sorted({previous.number, early[-1].number})
    return "\n".join(
        [
            f"no {str(selector)!r} after {_described(trace, previous)}",
            _nearest(trace, early[-1], previous),
            "",
            rows_around(trace, shown).rstrip("\n"),
        ]
    )


def _nearest(trace: Trace, early: Event, previous: Event) -> str:
    if early == previous:
        return "that event itself is the last one"
    return f"the last one is {_described(trace, early)}"


def _described(trace: Trace, event: Event) -> str:
    """An event in a line: ``event 4 (release lock by Thread-1, at bank.py:12)``."""
    name = trace.object_name(event)
    words = [event.kind, *([name] if name else []), "by", trace.thread_name(event.thread)]
    place = f", at {event.site}" if event.site is not None else ""
    return f"event {event.number} ({' '.join(words)}{place})"
