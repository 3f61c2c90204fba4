"""Events picked by a few words: ``acquire lock by Thread-1``."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

import attrs

from threadsim.model.errors import ThreadsimError
from threadsim.model.event import Kind

_WORDS = re.compile(
    r"\s*(?P<kind>[a-z_]+|\*)(?:\s+(?P<object>(?!by\s)\S.*?))?(?:\s+by\s+(?P<thread>\S.*?))?\s*", re.DOTALL
)


@attrs.frozen(slots=True)
class Selector:
    """Which events are meant; None stands for any.

    Attributes:
        kind: What was done.
        obj: Name of the object, or of the thread that was started or joined. ``*`` and ``?`` are wildcards.
        thread: Name of the thread that did it: whole (``Thread-1 (work)``), without what stands in
            brackets (``Thread-1``), its number (``T1``), or with wildcards.
    """

    kind: Kind | None = None
    obj: str | None = None
    thread: str | None = None

    @classmethod
    def parse(cls, text: str) -> Selector:
        """Read ``KIND [OBJECT] [by THREAD]``; the kind ``*`` is any.

        Raises:
            ThreadsimError: It cannot be read, or the kind is none that there is.
        """
        match = _WORDS.fullmatch(text)
        if match is None:
            raise ThreadsimError(
                f"{text!r} selects no event: write KIND [OBJECT] [by THREAD], as 'acquire lock by Thread-1'"
            )
        kind = None if match["kind"] == "*" else match["kind"]
        return cls.of(kind, obj=match["object"], thread=match["thread"])

    @classmethod
    def of(cls, kind: str | None, *, obj: str | None = None, thread: str | None = None) -> Selector:
        """The same from its parts, the kind checked."""
        kinds = {str(known): known for known in Kind}
        if kind is not None and kind not in kinds:
            raise ThreadsimError(f"there is no event kind {kind!r}; the kinds are {', '.join(kinds)}")
        return cls(None if kind is None else kinds[kind], obj, thread)

    def __str__(self) -> str:
        words = [
            self.kind or "*",
            *([self.obj] if self.obj else []),
            *(["by", self.thread] if self.thread else []),
        ]
        return " ".join(words)


def thread_matches(pattern: str, number: int, name: str) -> bool:
    """Whether a thread, by number and full name, is one that `pattern` names."""
    short = name.partition(" (")[0]
    return pattern in (name, short, f"T{number}") or fnmatchcase(name, pattern) or fnmatchcase(short, pattern)


def object_matches(pattern: str, name: str) -> bool:
    """Whether an object's name is one that `pattern` names (brackets in a pattern are no wildcards)."""
    return pattern == name or fnmatchcase(name, pattern.replace("[", "[[]"))
