"""Which part of a trace is shown."""

from __future__ import annotations

import attrs

from threadsim.model.errors import ThreadsimError
from threadsim.model.event import Event
from threadsim.model.selector import thread_matches
from threadsim.model.trace import Trace
from threadsim.render.words import name_of

_LISTED = 20
"""How many threads an error lists at most."""


@attrs.frozen(slots=True)
class Window:
    """The events from one number to another, of some threads.

    Attributes:
        first: Number of the first event that is shown; None for the beginning.
        last: Number of the last one, itself included; None for the end.
        threads: Patterns for the threads that are shown, as `threadsim.model.selector.thread_matches` reads
            them (``Thread-1``, ``T1``, ``worker-*``); none means all.
    """

    first: int | None = None
    last: int | None = None
    threads: tuple[str, ...] = ()

    def events(self, trace: Trace) -> tuple[Event, ...]:
        """The events of the trace that lie within, in order.

        Raises:
            ThreadsimError: A pattern matches no thread; the message lists those that there are.
        """
        end = None if self.last is None else max(self.last + 1, 0)
        stretch = trace.events[max(self.first or 0, 0) : end]
        if not self.threads:
            return stretch
        shown = self.thread_numbers(trace)
        return tuple(event for event in stretch if event.thread in shown)

    def thread_numbers(self, trace: Trace) -> frozenset[int]:
        """The numbers of the threads that are shown.

        Raises:
            ThreadsimError: A pattern matches no thread; the message lists those that there are.
        """
        if not self.threads:
            return frozenset(thread.number for thread in trace.threads)
        return frozenset().union(*(_matched(trace, pattern) for pattern in self.threads))

    def nothing_here(self, trace: Trace) -> str:
        """What to say when no event lies within."""
        if not trace.events:
            return "no events: the trace is empty"
        return f"no events {self}: the trace has events 0 to {len(trace.events) - 1}"

    def __str__(self) -> str:
        parts = [
            *([f"from {self.first}"] if self.first is not None else []),
            *([f"to {self.last}"] if self.last is not None else []),
            *([f"of {', '.join(map(name_of, self.threads))}"] if self.threads else []),
        ]
        return " ".join(parts) or "from beginning to end"


WHOLE = Window()
"""Everything."""


def _matched(trace: Trace, pattern: str) -> frozenset[int]:
    numbers = frozenset(t.number for t in trace.threads if thread_matches(pattern, t.number, t.name))
    if not numbers:
        raise ThreadsimError(f"no thread is called {name_of(pattern)!r}; there are {_known_threads(trace)}")
    return numbers


def _known_threads(trace: Trace) -> str:
    names = [f"T{thread.number} {name_of(thread.name)}" for thread in trace.threads[:_LISTED]]
    return ", ".join(names) + (", …" if len(trace.threads) > _LISTED else "") if names else "none"
