"""Who is who in a recording: threads and objects, and what they are called.

An entry stands for its thread or object in the log, so that the log keeps nothing of the program's alive. It
gets its number from the transcript, when it is first mentioned.
"""

from __future__ import annotations

from threading import Thread
from types import CodeType, FrameType

from threadsim.instrument.names import SourceName, name_of_new
from threadsim.record.identities import Identities


class ThreadEntry:
    """A thread.

    Attributes:
        name: Its name when it was first seen.
        parent: Ident of the thread that started it, None if that was before the recording.
        number: In the trace; None until it is mentioned.
    """

    __slots__ = ("daemon", "name", "number", "parent")

    def __init__(self, name: str, daemon: bool = False) -> None:
        self.name = name
        self.daemon = daemon
        self.parent: int | None = None
        self.number: int | None = None


class ObjectEntry:
    """A primitive.

    Attributes:
        kind: As in a trace.
        name: As in the source, not yet unique; None if the line that makes it gives it none.
        code, lasti: Where it was made; None for one made before the recording.
        number: In the trace; None until it is mentioned.
    """

    __slots__ = ("code", "kind", "lasti", "name", "number")

    def __init__(self, kind: str, name: str | None = None, frame: FrameType | None = None) -> None:
        self.kind = kind
        self.name = name
        self.code: CodeType | None = None if frame is None else frame.f_code
        self.lasti = -1 if frame is None else frame.f_lasti
        self.number: int | None = None


Entry = ThreadEntry | ObjectEntry


class Registry:
    """The entries of one recording."""

    def __init__(self) -> None:
        self._threads: Identities[ThreadEntry] = Identities()
        self._objects: Identities[ObjectEntry] = Identities()
        self._owners: Identities[int] = Identities()  # which instance it is among those of a class
        self._counts: dict[str, int] = {}

    def thread(self, thread: Thread) -> ThreadEntry:
        """The entry of a thread, made when it is first asked for."""
        known = self._threads.get(thread)
        return known or self._threads.add(thread, ThreadEntry(thread.name, thread.daemon))

    def obj(self, obj: object, kind: str) -> ObjectEntry:
        """The entry of a primitive, made when it is first asked for."""
        return self._objects.get(obj) or self._objects.add(obj, ObjectEntry(kind))

    def made(self, obj: object, kind: str, frame: FrameType) -> ObjectEntry:
        """Note a primitive that a call makes, with the name that the source gives it."""
        return self._objects.add(obj, self.new(kind, frame))

    def new(self, kind: str, frame: FrameType) -> ObjectEntry:
        """An entry for what a call makes; whatever that is keeps it itself."""
        place: FrameType | None = frame
        name = name_of_new(frame)
        while name is None and place is not None and place.f_code.co_name == "__init__":
            place = place.f_back  # a subclass that calls super().__init__(): its caller may give the name
            name = None if place is None else name_of_new(place)
        return ObjectEntry(kind, None if name is None else self._text(name), frame)

    def _text(self, name: SourceName) -> str:
        """``Account._lock`` of the second account is ``Account#2._lock``."""
        ordinal = 1 if name.owner is None else self._ordinal(name.owner)
        holder, dot, attribute = name.text.partition(".")
        return name.text if ordinal == 1 else f"{holder}#{ordinal}{dot}{attribute}"

    def _ordinal(self, owner: object) -> int:
        known = self._owners.get(owner)
        if known is not None:
            return known
        name = type(owner).__name__
        count = self._counts[name] = self._counts.get(name, 0) + 1
        return self._owners.add(owner, count)
