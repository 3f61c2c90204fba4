"""An event in words, as a person reads it: ``read counter → 0``.

Names and values come from the program (or from a file that somebody sent), so every string that leaves this
module is one line of printable characters: newlines, control characters and lone surrogates are escaped as in
Python source, and what is long is cut with ``…``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from threadsim.model.event import Event, Kind
from threadsim.model.trace import Trace

LONGEST_NAME = 40
LONGEST_VALUE = 60
LONGEST_MESSAGE = 200

_RESULTS = frozenset({"timed out", "would block", "empty", "full", "broken", "false"})
"""The words that `Event.result` may hold; anything else is the name of an exception."""


def printable(text: str) -> str:
    r"""The text with all that is not printable escaped as in Python source (``\n``, ``\x1b``, ``\ud800``)."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def shortened(text: str, longest: int) -> str:
    """The text itself, or its beginning and ``…``."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def name_of(text: str) -> str:
    """A name of the program's, fit to be shown."""
    return shortened(printable(text), LONGEST_NAME)


def value_of(text: str) -> str:
    """A value as Python source, fit to be shown."""
    # Cut before escaping too: a value may be megabytes.
    return shortened(printable(shortened(text, LONGEST_VALUE)), LONGEST_VALUE)


def duration(seconds: float) -> str:
    """Seconds as ``2.5 s``, ``31 ms`` or ``7 µs``.

    Example:
        >>> duration(0.0314)
        '31.4 ms'
    """
    if seconds == 0 or seconds >= 0.1:
        return f"{round(seconds, 3):g} s"
    if seconds >= 1e-3:
        return f"{seconds * 1e3:.3g} ms"
    return f"{seconds * 1e6:.2g} µs"


def describe(trace: Trace, event: Event) -> str:
    """What happened, in words.

    Args:
        trace: The trace that the event is in: it knows the names.
        event: The event.

    Returns:
        One printable line, as ``acquire lock (waited 0.5 s)`` or ``write counter = 1``.
    """
    says = _WORDS.get(event.kind, _plain)
    return says(trace, event) + _notes(event)


def describe_output(trace: Trace, events: Sequence[Event]) -> str:
    r"""Consecutive writes of one thread to one stream as the line that they make up: ``print 'ready'``."""
    text = "".join(event.value or "" for event in events)
    line = text[:-1] if text.endswith("\n") and len(text) > 1 else text
    stream = trace.object_name(events[0])
    where = "" if stream in (None, "stdout") else f" to {name_of(stream)}"
    return f"print {value_of(repr(shortened(line, LONGEST_VALUE)))}{where}"


def _plain(trace: Trace, event: Event) -> str:
    name = trace.object_name(event)
    return event.kind.value if name is None else f"{event.kind.value} {name_of(name)}"


def _question(trace: Trace, event: Event) -> str:
    return f"{_plain(trace, event)} → {event.result != 'false'}"


def _gives(trace: Trace, event: Event) -> str:
    return _with_value(trace, event, " → ")


def _takes(trace: Trace, event: Event) -> str:
    return _with_value(trace, event, " ← ")


def _assigns(trace: Trace, event: Event) -> str:
    return _with_value(trace, event, " = ")


def _with_value(trace: Trace, event: Event, sign: str) -> str:
    value = "" if event.value is None else sign + value_of(event.value)
    return _plain(trace, event) + value


def _sleeps(trace: Trace, event: Event) -> str:
    return "sleep" if event.value is None else f"sleep {value_of(event.value)} s"


def _raises(trace: Trace, event: Event) -> str:
    message = exception_words(event.result, event.value)
    failure = trace.ending.failure if trace.ending is not None else None
    if failure is not None and event is trace.failing_event:
        message = exception_words(failure.type, failure.message)
    return f"raise {message}".rstrip()


def exception_words(type_name: str | None, message: str | None) -> str:
    """An exception as the last line of a traceback has it: ``ValueError: no such account``."""
    parts = (shortened(printable(part), LONGEST_MESSAGE) for part in (type_name, message) if part)
    return ": ".join(parts)


def _outputs(trace: Trace, event: Event) -> str:
    return describe_output(trace, [event])


_WORDS: dict[Kind, Callable[[Trace, Event], str]] = {
    Kind.IS_ALIVE: _question,
    Kind.RAISE: _raises,
    Kind.LOCKED: _question,
    Kind.IS_SET: _question,
    Kind.PUT: _takes,
    Kind.GET: _gives,
    Kind.SIZE: _gives,
    Kind.READ: _gives,
    Kind.WRITE: _assigns,
    Kind.SLEEP: _sleeps,
    Kind.OUTPUT: _outputs,
}
"""The kinds that take more than ``kind object``."""

_ANSWERS = frozenset({Kind.IS_ALIVE, Kind.LOCKED, Kind.IS_SET, Kind.RAISE})
"""The kinds whose words hold `Event.result` already."""


def _notes(event: Event) -> str:
    """How it went, in brackets, where that is not the usual."""
    notes = []
    if event.result is not None and event.kind not in _ANSWERS:
        notes.append(event.result if event.result in _RESULTS else f"raised {name_of(event.result)}")
    if event.waited is not None and event.kind is not Kind.SLEEP:
        # A wait in a simulation costs no virtual time unless somebody sleeps: then only that it did wait.
        notes.append("waited" if event.waited == 0 else f"waited {duration(event.waited)}")
    return f" ({', '.join(notes)})" if notes else ""
