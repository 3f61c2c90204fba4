"""Ordering properties in words: ``start Thread-1 before acquire lock by Thread-1``.

``before`` speaks of the order of this trace; ``happens-before`` of the order that synchronisation enforces, so
that it holds in every schedule with the same synchronisation.
"""

from __future__ import annotations

import re
from itertools import pairwise

from threadsim.model.errors import OrderingError, ThreadsimError
from threadsim.model.selector import Selector
from threadsim.model.trace import Trace

_RELATION = re.compile(r"\s(happens-before|before)\s")


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
    words = _RELATION.split(text)
    selectors = [Selector.parse(part) for part in words[::2]]
    relations = set(words[1::2])
    if len(relations) != 1:
        raise ThreadsimError(
            f"{text!r} is no property: join events by 'before' or by 'happens-before', "
            "as in 'start Thread-1 before acquire lock by Thread-1'"
        )
    for selector in selectors:
        trace.first(
            selector.kind, obj=selector.obj, thread=selector.thread
        )  # a property of nothing is a mistake
    if relations == {"before"}:
        trace.analyses.assert_order(trace, selectors)
        return
    for one, other in pairwise(selectors):
        first = trace.first(one.kind, obj=one.obj, thread=one.thread)
        second = trace.first(other.kind, obj=other.obj, thread=other.thread)
        if not trace.happens_before(first, second):
            raise OrderingError(
                f"'{one}' (event {first.number}) does not happen before '{other}' (event {second.number}): "
                "no synchronisation orders them"
            )
