"""Ordering properties in words: ``start Thread-1 before acquire lock by Thread-1``.

``before`` speaks of the order of this trace; ``happens-before`` of the order that synchronisation enforces,
and that holds in every schedule with the same synchronisation.
"""

from __future__ import annotations

import re
from itertools import pairwise

from threadsim.model.errors import OrderingError, ThreadsimError
from threadsim.model.selector import Selector
from threadsim.model.trace import Trace

_RELATION = re.compile(r"(?<!\S)(happens-before|before)(?!\S)")


def check_property(trace: Trace, text: str) -> None:
    """Check that a property holds on a trace.

    Args:
        trace: What to check.
        text: Events, as `Selector.parse` reads them, joined by ``before`` or by ``happens-before``. Of each
            the first event counts; with ``before``, the first one after its predecessor.

    Raises:
        OrderingError: It does not hold; the message shows the events and the rows around them.
        ThreadsimError: It cannot be read, or selects no event.
    """
    relation, selectors = _parse(text)
    for selector in selectors:  # a property of nothing is a slip
        trace.first(selector.kind, obj=selector.obj, thread=selector.thread)
    if relation == "before":
        trace.analyses.assert_order(trace, selectors)
    else:
        _check_happens_before(trace, selectors)


def _parse(text: str) -> tuple[str, list[Selector]]:
    """The relation of a property, and what it relates."""
    parts = _RELATION.split(text)
    events, relations = parts[::2], set(parts[1::2])
    if len(relations) != 1:
        raise ThreadsimError(
            f"{text!r} is no property: join events by 'before' or by 'happens-before', "
            "as in 'start Thread-1 before acquire lock by Thread-1'"
        )
    relation = relations.pop()
    if not all(map(str.strip, events)):
        raise ThreadsimError(f"{text!r} is no property: an event is missing beside a {relation!r}")
    return relation, [Selector.parse(event) for event in events]


def _check_happens_before(trace: Trace, selectors: list[Selector]) -> None:
    for one, other in pairwise(selectors):
        first = trace.first(one.kind, obj=one.obj, thread=one.thread)
        second = trace.first(other.kind, obj=other.obj, thread=other.thread)
        if not trace.happens_before(first, second):
            raise OrderingError(
                f"'{one}' (event {first.number}) does not happen before '{other}' (event {second.number}): "
                "no synchronisation orders them"
            )
