"""The rows of a trace: an event each, but that the writes of one printed line are a single row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from threadsim.model.event import Event, Kind
from threadsim.model.trace import Trace
from threadsim.render.words import describe, describe_output, printable


@attrs.frozen(slots=True)
class Row:
    """What is shown as one step of one thread.

    Attributes:
        events: At least one, all of the same thread.
        words: What happened.
        failing: Whether it is where the execution failed.
    """

    events: tuple[Event, ...]
    words: str
    failing: bool = False

    @property
    def number(self) -> int:
        """The number of its first event."""
        return self.events[0].number

    @property
    def thread(self) -> int:
        """The number of its thread."""
        return self.events[0].thread

    @property
    def place(self) -> str:
        """File and line, empty where no line of the program asked for it."""
        site = self.events[0].site
        return "" if site is None else printable(str(site))


def rows_of(trace: Trace, events: Iterable[Event]) -> Iterator[Row]:
    """The rows of consecutive events."""
    for group in _printed_lines(events):
        words = describe(trace, group[0]) if len(group) == 1 else describe_output(trace, group)
        yield Row(tuple(group), words, failing=group[0] is trace.failing_event)


def _printed_lines(events: Iterable[Event]) -> Iterator[list[Event]]:
    group: list[Event] = []
    for event in events:
        if group and not _goes_on(group[-1], event):
            yield group
            group = []
        group.append(event)
    if group:
        yield group


def _goes_on(last: Event, event: Event) -> bool:
    """Whether an event goes on with the line that the last one began: ``print`` writes the newline apart."""
    return (
        event.kind is last.kind is Kind.OUTPUT
        and event.number == last.number + 1
        and (event.thread, event.obj) == (last.thread, last.obj)
        and not (last.value or "").endswith("\n")
    )
