"""Why an execution failed: in words, with the lines of source, and with the stretch of time it is about."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import attrs
from rich.cells import cell_len

from threadsim.model.event import Event, Kind
from threadsim.model.findings import Diagnosis, Race
from threadsim.model.site import Site
from threadsim.model.trace import Outcome, Trace, Waiting
from threadsim.render.blocked import blocked_threads, blocked_words, taken_by_holder
from threadsim.render.ending import ending_lines
from threadsim.render.excerpt import excerpt
from threadsim.render.phrases import Phrases, race_words
from threadsim.render.source import Source
from threadsim.render.stack import stack_lines
from threadsim.render.table import FAILING, FAINT, HEAD, PLAIN, Line, segments
from threadsim.render.words import describe, printable

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

_INDENT = "  "
_MOST_RACES = 10
"""How many races are shown with their source; the rest are counted."""


def explanation(
    trace: Trace,
    *,
    diagnosis: Diagnosis | None = None,
    races: Sequence[Race] = (),
    again: str | None = None,
    width: int | None = 100,
) -> str:
    """Why an execution failed, as plain text.

    Args:
        trace: The execution.
        diagnosis: What went wrong in it.
        races: The data races to be told.
        again: The command that runs it again.
        width: Cells to a line; None lets the lines be as long as they need to be.
    """
    lines = Explanation(trace, diagnosis, tuple(races), again).lines(width)
    return "".join("".join(text for text, _ in line).rstrip() + "\n" for line in lines)


@attrs.frozen
class Explanation:
    """The same for rich's console, in colour and as wide as the terminal."""

    trace: Trace
    diagnosis: Diagnosis | None = None
    races: tuple[Race, ...] = ()
    again: str | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from segments(self.lines(options.max_width))

    def lines(self, width: int | None) -> Iterator[Line]:
        """All of it; between two parts is an empty line."""
        writer = _Writer(self.trace, width)
        parts = [
            writer.outcome(),
            writer.diagnosis(self.diagnosis),
            writer.places(self.diagnosis),
            writer.races(self.races),
            excerpt(self.trace, self._marked(), width),
            [[("again with: ", FAINT), (printable(self.again), HEAD)]] if self.again else (),
        ]
        for number, part in enumerate(filter(None, map(list, parts))):
            if number:
                yield []
            yield from part

    def events(self) -> list[Event]:
        """The events whose places are shown: those of which the stack tells something."""
        diagnosed = self.diagnosis.events if self.diagnosis is not None else ()
        racing = (event for race in self.races[:_MOST_RACES] for event in (race.first, race.second))
        taken = (taken_by_holder(self.trace, one) for one in blocked_threads(self.trace))
        return [*diagnosed, *racing, *(event for event in taken if event is not None)]

    def _marked(self) -> list[Event]:
        """The events that the timeline is about."""
        diagnosed = self.diagnosis.events if self.diagnosis is not None else ()
        racing = [event for race in self.races[:1] for event in (race.first, race.second)]
        return [*diagnosed] or racing


@attrs.frozen
class _Place:
    """Something that a thread did somewhere, or is to do."""

    thread: int
    words: str
    site: Site | None
    stack: tuple[Site, ...] = ()
    indent: str = _INDENT


class _Writer:
    """Writes the parts of an explanation."""

    def __init__(self, trace: Trace, width: int | None) -> None:
        self._trace = trace
        self._width = width
        self._source = Source(trace)
        self._phrases = Phrases(trace)

    def outcome(self) -> Iterator[Line]:
        """What happened in the end; who waits for what follows with the lines of source."""
        if self._trace.outcome is Outcome.DEADLOCK:
            yield [("deadlock", FAILING)]
        else:
            style = PLAIN if self._trace.outcome is Outcome.PASSED else FAILING
            yield from self._wrapped(ending_lines(self._trace), style)

    def diagnosis(self, diagnosis: Diagnosis | None) -> Iterator[Line]:
        """The class of bug, and how it came about."""
        if diagnosis is None or (diagnosis.cause is None and not diagnosis.events):
            return
        head = f"{diagnosis.cause}: " if diagnosis.cause is not None else ""
        first, *rest = self._wrapped([head + printable(diagnosis.summary)], PLAIN)
        yield [(head, HEAD), (first[0][0][len(head) :], PLAIN)]
        yield from rest

    def places(self, diagnosis: Diagnosis | None) -> Iterator[Line]:
        """The lines of source: of the conflicting events and the failure, or of those that are blocked."""
        blocked = blocked_threads(self._trace)
        taken = [taken_by_holder(self._trace, one) for one in blocked]
        events = [] if diagnosis is None else [event for event in diagnosis.events if event not in taken]
        shown = {(event.thread, event.site) for event in events}
        blocked = [one for one in blocked if (one.thread, one.site) not in shown]
        waits = [place for one in blocked for place in self._blocked(one)]
        yield from self._all([*map(self._event, events), *waits, *self._failure(events)])

    def races(self, races: Sequence[Race]) -> Iterator[Line]:
        """Each race with both accesses."""
        for number, race in enumerate(races[:_MOST_RACES]):
            if number:
                yield []
            yield from self._wrapped([race_words(self._trace, race)], HEAD)
            yield from self._all([self._event(race.first), self._event(race.second)])
        if len(races) > _MOST_RACES:
            yield [(f"… and {len(races) - _MOST_RACES} more", FAINT)]

    def _event(self, event: Event) -> _Place:
        return _Place(event.thread, describe(self._trace, event), event.site, event.stack)

    def _failure(self, events: list[Event]) -> Iterator[_Place]:
        """Where it was raised, unless that line is shown already."""
        failure = None if self._trace.ending is None else self._trace.ending.failure
        if failure is None or failure.site is None:
            return
        if str(failure.site) not in {str(event.site) for event in events}:
            words = f"raise {printable(failure.type)}"
            yield _Place(failure.thread, words, failure.site, failure.stack)

    def _blocked(self, waiting: Waiting) -> Iterator[_Place]:
        """What a thread waits for, and where its holder took it."""
        words = blocked_words(self._trace, waiting, self._phrases)
        yield _Place(waiting.thread, words, waiting.site, waiting.stack)
        taken = taken_by_holder(self._trace, waiting)
        if taken is not None:
            verb = "took it" if taken.kind is Kind.ACQUIRE else "took it again"
            yield _Place(taken.thread, verb, taken.site, taken.stack, _INDENT * 2)

    def _all(self, places: Sequence[_Place]) -> Iterator[Line]:
        """Each with its line of source, in columns where there is room."""
        heads = [place.indent + self._phrases.who(place.thread) for place in places]
        names = max(map(cell_len, heads), default=0)
        words = max((cell_len(place.words) for place in places), default=0)
        for head, place in zip(heads, places, strict=True):
            where = self._where(place.site, names + words + 2 * len(_INDENT))
            if where is None:
                yield from self._narrow(head, place)
            else:
                did = f"{_INDENT}{_padded(place.words, words)}{_INDENT}"
                yield [(_padded(head, names), HEAD), (did, PLAIN), (where, FAINT)]
            yield from self._stack(place)
            yield from self._source.underlined(place.site, place.indent, self._width)

    def _stack(self, place: _Place) -> Iterator[Line]:
        """The calls by which the thread came there."""
        indent = place.indent + _INDENT * 2
        room = None if self._width is None else self._width - len(indent)
        for line in stack_lines(place.stack, place.site, room):
            yield [(indent + line, FAINT)]

    def _where(self, site: Site | None, column: int) -> str | None:
        """File, line and function, less the function if that is too much; None if there is no room for it."""
        if site is None:
            return ""
        place = printable(str(site))
        choices = (
            [place] if site.function == "<module>" else [f"{place} in {printable(site.function)}", place]
        )
        fits = (each for each in choices if self._width is None or column + cell_len(each) <= self._width)
        return next(fits, None)

    def _narrow(self, head: str, place: _Place) -> Iterator[Line]:
        """Words below each other, where there is no room for columns."""
        text = f"{head.strip()} {place.words} at {printable(str(place.site))}"
        for line in self._wrapped([text], PLAIN, place.indent):
            yield [(place.indent, PLAIN), *line]

    def _wrapped(self, texts: Iterable[str], style: str, indent: str = "") -> Iterator[Line]:
        for text in texts:
            lines = [text] if self._width is None else textwrap.wrap(text, max(self._width - len(indent), 20))
            yield from ([(line, style)] for line in lines)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))
