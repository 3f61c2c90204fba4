"""A thread reads, another one writes to the same, the first goes on with what it knew."""

from __future__ import annotations

import attrs

from threadsim.analyse.causes.evidence import Evidence, writes
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
    """Whether the value written may well be made from the value read: a number from a number, a text that
    holds the text before; not a flag, or what was None.
    """
    if read.value is None or write.value is None:
        return read.value != "None"
    if _is_number(read.value):
        return _is_number(write.value)
    return read.value[0] in "'\"b" and read.value.strip("b'\"") in write.value and write.value[0] in "'\"b"


def _is_number(value: str) -> bool:
    return value.lstrip("-")[:1].isdigit()
