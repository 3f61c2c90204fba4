"""A trace as text: a column a thread, a row an event."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from threadsim.model.trace import Outcome, Trace
from threadsim.render.ending import SEPARATOR, ending_lines, title
from threadsim.render.rows import rows_of
from threadsim.render.table import FAILING, FAINT, HEAD, PLAIN, Line, segments, table, thread_list
from threadsim.render.window import WHOLE, Window

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult


class Timeline:
    """A trace for rich's console: its failing event in red, as wide as the terminal."""

    def __init__(self, trace: Trace, window: Window = WHOLE) -> None:
        self.trace = trace
        self.window = window

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from segments(_lines(self.trace, self.window, options.max_width))


def timeline(trace: Trace, window: Window = WHOLE) -> Timeline:
    """A trace to be shown on a terminal with ``rich.print``.

    Where the output is none (piped, or a file), write `to_text` instead: it is not bound to a width.
    """
    return Timeline(trace, window)


def to_text(trace: Trace, window: Window = WHOLE, *, width: int | None = None) -> str:
    """A trace as plain text, without colours.

    Args:
        trace: What to show.
        window: Which part of it.
        width: Cells to a line; None lets the lines be as long as they need to be.

    Raises:
        ThreadsimError: The window names a thread that there is not.
    """
    return _joined(_lines(trace, window, width))


def rows_around(trace: Trace, numbers: Iterable[int], context: int = 3) -> str:
    """The rows around some events, for a message.

    Args:
        trace: The trace that they are in.
        numbers: The numbers of the events; their rows are marked with ``>``.
        context: How many events are shown before and after each.

    Returns:
        Plain text, with ``…`` where events are left out between two groups.
    """
    marked = frozenset(numbers)
    near = {n for number in marked for n in range(number - context, number + context + 1)}
    shown = sorted(n for n in near if 0 <= n < len(trace.events))
    rows = list(rows_of(trace, [trace.events[number] for number in shown]))
    text: list[str] = []
    last = shown[0] - 1 if shown else -1
    for row, line in zip(rows, thread_list(trace, rows, None, marked), strict=True):
        if row.number != last + 1:
            text.append("  …\n")
        text.append(_joined([line]))
        last = row.events[-1].number
    return "".join(text)


def one_line(trace: Trace) -> str:
    """The whole schedule in a line: who went on, and for how many steps, from switch to switch.

    A step is a scheduling point of a simulation, or an event of a recorded run.

    Returns:
        As ``T0 5 · T1 3 · T2 7 · failed``: main passed five points, then T1 three, then T2 seven.
    """
    runs = [(run.thread, run.points) for run in trace.schedule.runs]
    if not runs:
        stretches = groupby(trace.events, key=lambda event: event.thread)
        runs = [(thread, sum(1 for _ in events)) for thread, events in stretches]
    steps = [f"T{thread} {points}" for thread, points in runs]
    return SEPARATOR.join([*steps, trace.outcome or "incomplete"])


def _lines(trace: Trace, window: Window, width: int | None) -> Iterator[Line]:
    events = window.events(trace)
    yield from _paragraph([title(trace)], HEAD, width)
    if window != WHOLE and events:
        yield [(f"events {window}: {len(events)} of {len(trace.events)}", FAINT)]
    yield []
    if events:
        yield from table(trace, list(rows_of(trace, events)), width)
    else:
        yield from _paragraph([window.nothing_here(trace)], PLAIN, width)
    ending = ending_lines(trace)
    if ending:
        yield []
        yield from _paragraph(ending, PLAIN if trace.outcome is Outcome.PASSED else FAILING, width)


def _paragraph(lines: Iterable[str], style: str, width: int | None) -> Iterator[Line]:
    for line in lines:
        parts = [line] if width is None else textwrap.wrap(line, max(width, 20), subsequent_indent="  ")
        yield from ([(part, style)] for part in parts)


def _joined(lines: Iterable[Line]) -> str:
    return "".join("".join(text for text, _ in line).rstrip() + "\n" for line in lines)
