"""Where everything in a space–time diagram stands: a lane a thread, a line a step, in points.

x goes to the right and y upwards, as in Graphviz, so that time goes down to negative y.

    gutter │ lane of T0       │ lane of T1
    where #│  ┌────────────┐  │
           │  │ MainThread │  │ …           headers
           │  └────────────┘  │
     a:5  0│  [start T1]      │             step 0
           │                  │▌[acquire]   step 1, with the bar of a lock to its left
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

import attrs

from threadsim.model.trace import Trace
from threadsim.render.canvas import text_width
from threadsim.render.ending import held_by, waits_for
from threadsim.render.features import Held
from threadsim.render.folding import Step
from threadsim.render.words import name_of, shortened

CARD_HEIGHT, HEADER_HEIGHT = 22.0, 26.0
LINE_HEIGHT = 33.0
CARD_FONT, HEADER_FONT, GUTTER_FONT = 11, 13, 9
BAR_WIDTH = 7.0

_LONGEST_WORDS = 44
_NARROWEST_CARD = 76.0
_LANE_GAP = 64.0
_GUTTER_GAP = 26.0


@attrs.frozen(slots=True)
class Lane:
    """A thread's column: the middle of its cards, and their width."""

    x: float
    width: float

    @property
    def left(self) -> float:
        """Where its cards begin."""
        return self.x - self.width / 2


@attrs.frozen(slots=True)
class Bar:
    """A stretch in which a lock is held, as far as it is shown."""

    held: Held
    x: float
    top: float
    bottom: float


@attrs.frozen(slots=True)
class Blocked:
    """What a thread waits for at the end, below its last step."""

    thread: int
    holder: int | None
    obj: int | None
    words: str


@attrs.frozen(slots=True)
class Layout:
    """The places of lanes and steps."""

    steps: Sequence[Step]
    blocked: Sequence[Blocked]
    lanes: dict[int, Lane]
    gutter: float
    starts: Sequence[int]  # the first event of each step

    @classmethod
    def of(cls, trace: Trace, steps: Sequence[Step], shown: frozenset[int]) -> Layout:
        """Give each thread that has a step, or is blocked at the end, a lane."""
        blocked = [b for b in _blocked(trace) if b.thread in shown]
        words: dict[int, list[str]] = {}
        for step in steps:
            if step.thread is not None:
                words.setdefault(step.thread, []).append(card_words(step))
        for waiting in blocked:
            words.setdefault(waiting.thread, []).append(waiting.words)
        gutter = max([0.0, *(text_width(gutter_words(step), GUTTER_FONT) for step in steps)])
        lanes, left = {}, gutter + _GUTTER_GAP
        for thread in sorted(words):
            header = text_width(name_of(trace.thread_name(thread)), HEADER_FONT)
            widths = [text_width(text, CARD_FONT) for text in words[thread]]
            width = max([_NARROWEST_CARD, header + 20, *(width + 14 for width in widths)])
            lanes[thread] = Lane(round(left + width / 2, 1), round(width, 1))
            left += width + _LANE_GAP
        return cls(steps, blocked, lanes, gutter, [step.first for step in steps])

    @property
    def right(self) -> float:
        """The right edge of the last lane."""
        return max([self.gutter + 300, *(lane.x + lane.width / 2 for lane in self.lanes.values())])

    @property
    def bottom(self) -> float:
        """Where the last line is."""
        return self.y(len(self.steps) + len(self.blocked) - 1)

    def y(self, index: int) -> float:
        """The middle of the line of a step, or of a blocked thread after the last one; -1 is the headers'."""
        return -(index + 1) * LINE_HEIGHT - 4

    def placed(self) -> Iterator[tuple[Step, float]]:
        """Each step with the middle of its line."""
        return ((step, self.y(line)) for line, step in enumerate(self.steps))

    def placed_blocked(self) -> Iterator[tuple[Blocked, float]]:
        """Each blocked thread likewise, below the steps."""
        return ((blocked, self.y(line)) for line, blocked in enumerate(self.blocked, len(self.steps)))

    def lane(self, step: Step) -> Lane:
        """The lane of a step of one thread."""
        assert step.thread is not None, "what is left out is of no single lane"
        return self.lanes[step.thread]

    def step_with(self, number: int) -> Step | None:
        """The step of one thread that shows an event; None if none does."""
        index = bisect_right(self.starts, number) - 1
        if index < 0 or self.steps[index].thread is None:
            return None
        shown = (event.number for row in self.steps[index].rows for event in row.events)
        return self.steps[index] if number in shown else None

    def bars(self, stretches: Sequence[Held]) -> list[Bar]:
        """The bars of the locks that are held while a step is shown, side by side where they overlap."""
        bars: list[Bar] = []
        for held in stretches:
            lines = self._lines_of(held)
            if held.thread in self.lanes and lines is not None:
                top, bottom = self.y(lines[0]), self.y(lines[1])
                beside = sum(bar.held.thread == held.thread and bar.bottom < top for bar in bars)
                x = self.lanes[held.thread].left - BAR_WIDTH / 2 - beside * (BAR_WIDTH + 2)
                bars.append(Bar(held, x, top, bottom))
        return bars

    def _lines_of(self, held: Held) -> tuple[int, int] | None:
        """The lines between which a lock is held; None if no line is."""
        first = bisect_right(self.starts, held.first) - 1
        if first < 0 or self.steps[first].last < held.first:
            first += 1  # it was taken before the window, or in what the window leaves out
        last = len(self.steps) + len(self.blocked) - 1
        if held.last is not None:
            last = bisect_right(self.starts, held.last) - 1
        return (first, last) if first < last else None


def card_words(step: Step) -> str:
    """What is written on a step's card."""
    if step.thread is None:
        return f"… {step.events:,} events left out: numbers {step.first} to {step.last} …"
    return f"… {step.events} events …" if step.folded else shortened(step.rows[0].words, _LONGEST_WORDS)


def gutter_words(step: Step) -> str:
    """What stands on the left of a step: the place in the source, and the number of its event."""
    if step.thread is None:
        return ""
    return f"{step.first}–{step.last}" if step.folded else f"{step.rows[0].place}   {step.first}".strip()


def _blocked(trace: Trace) -> list[Blocked]:
    if trace.ending is None:
        return []
    return [
        Blocked(w.thread, w.holder, w.obj, waits_for(trace, w) + held_by(trace, w))
        for w in trace.ending.waiting
    ]
