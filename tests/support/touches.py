"""What an event touches, and which touches conflict: said from a trace alone, in words of its own."""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Hashable, Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from threadsim.model.event import ACCESSES, Event, Kind
from threadsim.model.trace import Trace


class Way(StrEnum):
    """How a place is touched. Two touches in one way commute unless that is to write."""

    READ = "read"
    WRITE = "write"
    LEAVE = "leave"  # a barrier that has let go: it does not matter who leaves first
    CANCEL = "cancel"  # a timer: twice is as good as once


class Touch(NamedTuple):
    """One place that an event touches.

    Attributes:
        place: An object of the trace, or something of a thread's life.
        way: How.
        part: The item of a container; None stands for all of it.
    """

    place: Hashable
    way: Way
    part: Hashable = None

    def conflicts(self, other: Touch) -> bool:
        """Whether the order of the two matters."""
        if self.place != other.place or (self.way is other.way and self.way is not Way.WRITE):
            return False
        return self.part is None or other.part is None or self.part == other.part


Keys = Mapping[str, frozenset[Hashable]]
"""The keys that dicts have before threads share them, by the dict's name."""

NO_KEYS: Keys = {}

READING = frozenset({Kind.READ, Kind.IS_SET, Kind.LOCKED, Kind.SIZE})
"""The kinds that change nothing whatever they are done to."""


class Touches:
    """What the events of one trace touch; to be asked in their order.

    Args:
        trace: The trace.
        keys: The keys that its dicts begin with.
    """

    def __init__(self, trace: Trace, keys: Keys = NO_KEYS) -> None:
        self._objects = trace.objects
        self._keys = {obj.number: set(keys.get(obj.name, ())) for obj in trace.objects}
        self._held: dict[int, list[int]] = {}  # by thread: the locks it has, the last one last
        self._lock_of: dict[int, int] = {}  # by condition

    def of(self, event: Event) -> tuple[Touch, ...]:
        """What an event touches."""
        return tuple(self._of_thread(event) if event.obj is None else self._of_object(event, event.obj))

    def _of_thread(self, event: Event) -> Iterator[Touch]:
        match event.kind:
            case Kind.START:
                yield Touch("numbers", Way.WRITE)
                yield Touch(("birth", event.target), Way.WRITE)
            case Kind.BEGIN:
                yield Touch(("birth", event.thread), Way.WRITE)
                yield Touch(("timer", event.thread), Way.READ)  # it looks whether to wait at all
            case Kind.END:
                yield Touch(("life", event.thread), Way.WRITE)
            case Kind.JOIN | Kind.IS_ALIVE:
                yield Touch(("life", event.target), Way.READ)
            case Kind.CANCEL:
                yield Touch(("timer", event.target), Way.CANCEL)
            case Kind.FIRE:
                yield Touch(("timer", event.thread), Way.WRITE)

    def _of_object(self, event: Event, number: int) -> Iterator[Touch]:
        kind = self._objects[number].kind
        if event.kind in ACCESSES:
            way = Way.READ if event.kind is Kind.READ else Way.WRITE
            yield Touch(number, way, self._part(event, kind, number))
            return
        if not _has_only_woken(event, kind):
            yield Touch(number, _way(event.kind, kind))
        if kind == "Condition":
            yield from self._of_lock(event, number)
        elif kind in ("Lock", "RLock"):
            self._note_held(event, number)

    def _part(self, event: Event, kind: str, number: int) -> Hashable:
        """The item; what changes which keys there are touches the whole."""
        if event.field is None:
            return None
        key = literal_eval(event.field)
        if kind != "dict":
            return None if key < 0 else key  # counted from the end: any of them
        known = self._keys[number]
        if event.kind is Kind.DELETE:
            known.discard(key)
            return None
        if event.kind is Kind.WRITE and key not in known:
            known.add(key)
            return None
        return ("key", key)

    def _of_lock(self, event: Event, number: int) -> Iterator[Touch]:
        """The lock that a condition was given: whoever waits lets it go, whoever wakes has it again."""
        if event.kind is Kind.WAIT and event.result is None and self._held.get(event.thread):
            self._lock_of.setdefault(number, self._held[event.thread][-1])
        if event.kind in (Kind.WAIT, Kind.WAKE):
            yield Touch(self._lock_of.get(number, number), Way.WRITE)

    def _note_held(self, event: Event, number: int) -> None:
        held = self._held.setdefault(event.thread, [])
        if event.result is None and event.kind is Kind.ACQUIRE:
            held.append(number)
        elif event.kind is Kind.RELEASE and number in held:
            held.remove(number)


def _has_only_woken(event: Event, of: str) -> bool:
    """Whether it comes back from a wait because it was told to: it does not look again."""
    return event.kind is Kind.WAKE and event.result is None and of in ("Event", "Condition")


def _way(kind: Kind, of: str) -> Way:
    """How a call touches the primitive whose method it is."""
    if kind in READING or (of == "Event" and kind in (Kind.WAIT, Kind.WAKE)):
        return Way.READ
    return Way.LEAVE if of == "Barrier" and kind is Kind.WAKE else Way.WRITE
