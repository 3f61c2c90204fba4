"""What happened, told in the past: ``Thread-1 wrote counter = 1 at lost_update.py:11``."""

from __future__ import annotations

from collections import Counter

from threadsim.model.event import Event, Kind
from threadsim.model.findings import Race
from threadsim.model.site import Site
from threadsim.model.trace import Trace
from threadsim.render.words import name_of, printable, value_of


class Phrases:
    """The phrases of one text: a file is named where it is first spoken of, then its lines do."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._file: str | None = None
        self._short = Counter(_without_brackets(thread.name) for thread in trace.threads)

    def who(self, thread: int) -> str:
        """A thread's name, without what stands in brackets if it is one of a kind even so."""
        name = self._trace.thread_name(thread)
        short = _without_brackets(name)
        return name_of(short if self._short[short] == 1 else name)

    def what(self, event: Event) -> str:
        """What an event was done to."""
        return name_of(self._trace.object_name(event) or "")

    def at(self, site: Site | None) -> str:
        """`` at lost_update.py:10``, or `` at line 10`` if that file was named just before."""
        if site is None:
            return ""
        same, self._file = site.file == self._file, site.file
        return f" at line {site.line}" if same else f" at {printable(str(site))}"

    def did(self, event: Event) -> str:
        """What a thread did, and where: ``read counter → 0 at lost_update.py:10``."""
        return f"{self.done(event)}{self.at(event.site)}"

    def clause(self, event: Event) -> str:
        """The same with the thread in front."""
        return f"{self.who(event.thread)} {self.did(event)}"

    def done(self, event: Event) -> str:
        """What a thread did: ``read counter → 0``."""
        what = self.what(event)
        verb = (_WHOLE if self._is_whole(event) else _DONE).get(event.kind)
        return f"{verb or event.kind} {what}{_value(event)}"

    def _is_whole(self, event: Event) -> bool:
        return event.obj is not None and event.field is None and is_container(self._trace, event.obj)


def is_container(trace: Trace, obj: int) -> bool:
    """Whether an object is one of Python's containers, whose items are fields."""
    return trace.objects[obj].kind in _CONTAINERS


def race_words(trace: Trace, race: Race) -> str:
    """A race in a line: ``data race on x: read by Thread-1 at a.py:10, write by Thread-2 at a.py:11``."""
    phrases = Phrases(trace)
    shared = race.first if race.second.field is None else race.second
    sides = (f"{one.kind} by {phrases.who(one.thread)} at {one.site}" for one in (race.first, race.second))
    return f"data race on {phrases.what(shared)}: {', '.join(map(printable, sides))}"


_CONTAINERS = frozenset({"list", "dict", "set", "deque", "bytearray"})

_DONE = {
    Kind.READ: "read",
    Kind.WRITE: "wrote",
    Kind.DELETE: "deleted",
    Kind.ACQUIRE: "took",
    Kind.RELEASE: "released",
    Kind.WAIT: "waited for",
    Kind.NOTIFY: "notified",
    Kind.NOTIFY_ALL: "notified all on",
    Kind.SET: "set",
    Kind.CLEAR: "cleared",
    Kind.PUT: "put an item into",
    Kind.GET: "took an item from",
    Kind.SIZE: "looked at",
    Kind.IS_SET: "looked at",
    Kind.LOCKED: "looked at",
}

_WHOLE = {Kind.READ: "looked at", Kind.WRITE: "changed", Kind.DELETE: "changed"}
"""Of a container as a whole."""


def _value(event: Event) -> str:
    if event.value is None:
        return ""
    sign = {Kind.READ: " → ", Kind.WRITE: " = "}.get(event.kind)
    return "" if sign is None else sign + value_of(event.value)


def _without_brackets(name: str) -> str:
    return name.partition(" (")[0]
