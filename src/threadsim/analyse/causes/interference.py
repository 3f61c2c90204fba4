"""A thread reads, another one writes to the same, the first goes on with what it knew."""

from __future__ import annotations

import attrs

from threadsim.analyse.causes.evidence import Evidence, on_one_line, writes
from threadsim.model.event import Event


@attrs.frozen
class Interference:
    """What lost updates and stale checks have in common.

    Attributes:
        check: What a thread last read before the change.
        change: The last write of another thread before the act.
        again: What it last read between the change and the act, if it did.
        act: What it did then to the same.
    """

    check: Event
    change: Event
    again: Event | None
    act: Event


def interference(evidence: Evidence, act: Event) -> Interference | None:
    """What came between an access and what its thread had read before, since it last wrote there itself."""
    change = again = None
    for event in evidence.before(act):
        if event.thread != act.thread:
            if change is None and writes(event):
                change = event
        elif writes(event):
            return None
        elif change is not None:
            return Interference(event, change, again, act)
        elif again is None:
            again = event
    return None


def read_before(evidence: Evidence, write: Event) -> Event | None:
    """What the thread of a write last read there, since it last wrote there itself."""
    own = next((event for event in evidence.before(write) if event.thread == write.thread), None)
    return None if own is None or writes(own) else own


def is_update(read: Event, write: Event) -> bool:
    """Whether the value written is likely to be made from the value read.

    On one line it is; else a number is made from a number and a text from one that it holds, but no flag is
    made, and nothing from a flag or None: those are looked at.
    """
    if on_one_line(read, write):
        return True
    if read.value in _FLAGS or write.value in _FLAGS:
        return False
    if read.value is None or write.value is None:
        return True
    if _is_number(read.value):
        return _is_number(write.value)
    return _is_text(read.value) and _is_text(write.value) and read.value.strip("b\"'") in write.value


_FLAGS = frozenset({"None", "True", "False"})


def _is_number(value: str) -> bool:
    return value.lstrip("-")[:1].isdigit()


def _is_text(value: str) -> bool:
    return value.lstrip("b")[:1] in ("'", '"')
