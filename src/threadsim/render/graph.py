"""A trace as a space–time diagram for Graphviz: a lane a thread, time downwards.

Everything is pinned, so that the picture is the same wherever it is made. Lines drawn first lie below:
guides, lifelines, bars of locks, arrows; and over all lines the cards.
"""

from __future__ import annotations

from collections.abc import Iterator

from threadsim.model.causality import Edge, edges
from threadsim.model.event import Kind
from threadsim.model.trace import Outcome, Trace
from threadsim.render import looks, palette
from threadsim.render.canvas import Canvas
from threadsim.render.ending import ending_lines, title
from threadsim.render.features import Location, contested, location_of, locks_held
from threadsim.render.folding import Step, steps_of
from threadsim.render.layout import (
    BAR_WIDTH,
    CARD_FONT,
    CARD_HEIGHT,
    GUTTER_FONT,
    HEADER_HEIGHT,
    LINE_HEIGHT,
    Blocked,
    Layout,
    card_words,
    gutter_words,
)
from threadsim.render.legend import Legend
from threadsim.render.rows import Row, rows_of
from threadsim.render.window import WHOLE, Window
from threadsim.render.words import name_of, shortened

_LONGEST_LINE = 110


def to_dot(trace: Trace, window: Window = WHOLE) -> str:
    """The diagram of a trace in the DOT language; ``dot -Tsvg`` draws it.

    Args:
        trace: What to draw.
        window: Which part of it.

    Raises:
        ThreadsimError: The window names a thread that there is not.
    """
    return _Diagram(trace, window).drawn().source


class _Diagram:
    """One trace on its way to a canvas."""

    def __init__(self, trace: Trace, window: Window) -> None:
        self.trace = trace
        self.window = window
        self.arrows = trace.derived(edges)
        self.contested = contested(trace)
        self.reached = {number for edge in self.arrows for number in (edge.first, edge.second)}
        steps = steps_of(rows_of(trace, window.events(trace)), self._interesting)
        self.layout = Layout.of(trace, steps, window.thread_numbers(trace))
        self.bars = self.layout.bars(locks_held(trace))
        self.locks = {obj: number for number, obj in enumerate(dict.fromkeys(b.held.obj for b in self.bars))}
        self.canvas = Canvas()

    def drawn(self) -> Canvas:
        """The canvas with everything on it."""
        self._guides()
        self._lifelines()
        self._held()
        self._arrows()
        self._waits()
        self._headers()
        self._cards()
        self._captions()
        return self.canvas

    def _interesting(self, row: Row) -> bool:
        return row.failing or any(
            event.number in self.reached
            or event.kind in (Kind.BEGIN, Kind.END, Kind.RAISE)
            or event.result is not None
            or location_of(event) in self.contested
            for event in row.events
        )

    # Lines, the lowest first.

    def _guides(self) -> None:
        """What leads the eye from the gutter to a step's card."""
        for step, y in self.layout.placed():
            if step.thread is not None:
                start, end = self.layout.gutter + 4, self.layout.lane(step).left
                self.canvas.stroke((start, y), (end, y), color=palette.ROW_GUIDE)

    def _lifelines(self) -> None:
        last = {thread: _header(thread) for thread in self.layout.lanes}
        for thread, name, begins in self._in_order():
            look = _NOT_YET if begins else _ALIVE
            self.canvas.line(last[thread], name, color=palette.LIFELINE, **look)
            last[thread] = name

    def _in_order(self) -> Iterator[tuple[int, str, bool]]:
        """Thread and name of each card, and whether the thread's life begins with it."""
        for step in self.layout.steps:
            if step.thread is not None:
                yield step.thread, _card(step), step.rows[0].events[0].kind is Kind.BEGIN
        for blocked in self.layout.blocked:
            yield blocked.thread, _blocked(blocked), False

    def _held(self) -> None:
        for bar in self.bars:
            colour = palette.bar_colour(self.locks[bar.held.obj])
            top, bottom = bar.top + CARD_HEIGHT / 2, bar.bottom - CARD_HEIGHT / 2
            self.canvas.stroke((bar.x, top), (bar.x, bottom), color=colour, penwidth=f"{BAR_WIDTH:g}")

    def _arrows(self) -> None:
        for edge, tail, head in self._shown_arrows():
            look = palette.ARROWS[edge.kind]
            self._across(tail, head, color=look.colour, style=look.style)

    def _shown_arrows(self) -> Iterator[tuple[Edge, Step, Step]]:
        for edge in self.arrows:
            tail, head = self.layout.step_with(edge.first), self.layout.step_with(edge.second)
            if tail is not None and head is not None:
                yield edge, tail, head

    def _across(self, tail: Step, head: Step, **look: str) -> None:
        """An arrow between the facing sides of two cards."""
        to_the_right = self.layout.lane(tail).x < self.layout.lane(head).x
        out, into = ("e", "w") if to_the_right else ("w", "e")
        self.canvas.arrow(f"{_card(tail)}:{out}", f"{_card(head)}:{into}", penwidth="1.4", **look)

    def _waits(self) -> None:
        """From a blocked thread to where the holder took what it waits for."""
        look = {"color": palette.WAITS.colour, "style": palette.WAITS.style}
        for blocked, taken in self._held_against():
            self.canvas.arrow(_blocked(blocked), _card(taken), **look)

    def _held_against(self) -> Iterator[tuple[Blocked, Step]]:
        stretches = [bar.held for bar in self.bars if bar.held.last is None]
        still: dict[tuple[int | None, int | None], int] = {(h.obj, h.thread): h.first for h in stretches}
        for blocked in self.layout.blocked:
            first = still.get((blocked.obj, blocked.holder))
            taken = None if first is None else self.layout.step_with(first)
            if taken is not None:
                yield blocked, taken

    # What lies on them.

    def _headers(self) -> None:
        y = self.layout.y(-1)
        for thread, lane in self.layout.lanes.items():
            name = name_of(self.trace.thread_name(thread))
            self.canvas.box(_header(thread), name, lane.x, y, lane.width, HEADER_HEIGHT, **looks.HEADER)

    def _cards(self) -> None:
        for step, y in self.layout.placed():
            if step.thread is None:
                middle = (self.layout.gutter + self.layout.right) / 2
                self.canvas.text(card_words(step), middle, y, CARD_FONT, palette.FAINT_INK, align="c")
            else:
                self._card_at(step, y)
        for blocked, y in self.layout.placed_blocked():
            lane = self.layout.lanes[blocked.thread]
            self.canvas.box(
                _blocked(blocked), blocked.words, lane.x, y, lane.width, CARD_HEIGHT, **looks.BLOCKED
            )

    def _card_at(self, step: Step, y: float) -> None:
        lane = self.layout.lane(step)
        look = looks.card(step, self.contested, self.locks)
        self.canvas.box(_card(step), card_words(step), lane.x, y, lane.width, CARD_HEIGHT, **look)
        self.canvas.text(gutter_words(step), self.layout.gutter, y, GUTTER_FONT, palette.FAINT_INK, align="r")

    def _captions(self) -> None:
        """Title and ending above, legend below."""
        colour = palette.FAINT_INK if self.trace.outcome in (None, Outcome.PASSED) else palette.WRONG
        lines = [shortened(line.strip(), _LONGEST_LINE) for line in ending_lines(self.trace)]
        if not self.layout.steps:
            lines.insert(0, self.window.nothing_here(self.trace))
        y = self.layout.y(-1) + LINE_HEIGHT
        for line in reversed(lines):
            self.canvas.text(line, 0, y, CARD_FONT, colour)
            y += CARD_FONT * 1.5
        self.canvas.text(shortened(title(self.trace), _LONGEST_LINE), 0, y + 6, 15, palette.INK)
        self._legend().draw(self.canvas, self.layout.bottom - LINE_HEIGHT - 6, self.layout.right)

    def _legend(self) -> Legend:
        legend = Legend()
        for obj, number in self.locks.items():
            legend.bar(f"{name_of(self.trace.objects[obj].name)} held", palette.bar_colour(number))
        for location, number in self._contested_shown().items():
            legend.swatch(f"{_name(self.trace, location)}, shared", *palette.location_colours(number))
        for kind in dict.fromkeys(edge.kind for edge, _, _ in self._shown_arrows()):
            legend.arrow(palette.ARROWS[kind])
        if any(self._held_against()):
            legend.arrow(palette.WAITS)
        return legend

    def _contested_shown(self) -> dict[Location, int]:
        singles = (step.rows[0].events[0] for step in self.layout.steps if len(step.rows) == 1)
        shown = {location_of(event) for event in singles}
        return {location: number for location, number in self.contested.items() if location in shown}


_ALIVE = {"style": "solid", "penwidth": "2"}
_NOT_YET = {"style": "dotted", "penwidth": "1.5"}


def _header(thread: int) -> str:
    return f"t{thread}"


def _card(step: Step) -> str:
    return f"e{step.first}"


def _blocked(blocked: Blocked) -> str:
    return f"w{blocked.thread}"


def _name(trace: Trace, location: Location) -> str:
    obj, field = location
    name = trace.objects[obj].name
    return name_of(name if field is None else f"{name}[{field}]")
