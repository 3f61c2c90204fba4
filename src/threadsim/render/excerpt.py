"""The part of a timeline that matters: from the first of some events to the end of the story."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from threadsim.model.event import Event, Kind
from threadsim.model.trace import Outcome, Trace
from threadsim.render.rows import Row, rows_of
from threadsim.render.table import FAINT, HEAD, Line, table

_MOST_ROWS = 24
_NEAR = 2
"""How many rows around a marked one are kept where there are too many."""
_BEFORE = 3
"""How many rows of the threads come before the first marked one."""

MARK = "● "


def excerpt(trace: Trace, marked: Sequence[Event], width: int | None) -> Iterator[Line]:
    """The rows of the threads that some events are of, around these events; they are marked.

    Args:
        trace: The trace.
        marked: What it is about; if there are none, it is the end of the trace.
        width: Cells to a line; None if that does not matter.
    """
    numbers = frozenset(event.number for event in marked)
    rows = _chosen(trace, [*_rows_of_threads(trace, _threads(trace, marked), numbers)], numbers)
    if not rows:
        return
    shown = [_with_mark(row, numbers) for row, _ in rows] if numbers else [row for row, _ in rows]
    head, *lines = table(trace, shown, width)
    yield [(text, HEAD) for text, _ in head]
    yield from _with_gaps(lines, [gap for _, gap in rows])


def _threads(trace: Trace, marked: Sequence[Event]) -> set[int]:
    """Whose rows are shown; all if there is nothing to go by."""
    if not marked:
        return {thread.number for thread in trace.threads}
    threads = {event.thread for event in marked}
    if trace.ending is not None and trace.ending.failure is not None:
        threads.add(trace.ending.failure.thread)
    if trace.ending is not None and trace.outcome is Outcome.DEADLOCK:
        threads |= {waiting.thread for waiting in trace.ending.waiting if waiting.kind is not Kind.JOIN}
    return threads


def _rows_of_threads(trace: Trace, threads: set[int], marked: frozenset[int]) -> Iterator[Row]:
    """What they did until it failed, in the program's own lines unless it is marked."""
    failing = trace.failing_event
    for row in rows_of(trace, trace.events):
        if row.thread in threads and (row.failing or _is_own(row) or _is_marked(row, marked)):
            yield row
        if failing is not None and row.events[-1].number >= failing.number:
            return


def _is_own(row: Row) -> bool:
    return row.events[0].kind not in (Kind.BEGIN, Kind.END) and not row.place.startswith("<")


def _chosen(trace: Trace, rows: list[Row], numbers: frozenset[int]) -> list[tuple[Row, bool]]:
    """The rows that are shown, and whether some are left out before each."""
    marked = [n for n, row in enumerate(rows) if _is_marked(row, numbers)]
    first = max(marked[0] - _BEFORE, 0) if marked else max(len(rows) - _MOST_ROWS // 2, 0)
    kept = list(range(first, len(rows)))
    if len(kept) > _MOST_ROWS:
        points = [*marked, len(rows) - 1] if marked else [len(rows) - 1]
        kept = [n for n in kept if any(abs(n - point) <= _NEAR for point in points)]
    return [(rows[n], n - 1 not in kept and place > 0) for place, n in enumerate(kept)]


def _is_marked(row: Row, numbers: frozenset[int]) -> bool:
    return any(event.number in numbers for event in row.events)


def _with_mark(row: Row, numbers: frozenset[int]) -> Row:
    mark = MARK if _is_marked(row, numbers) else " " * len(MARK)
    return attrs.evolve(row, words=mark + row.words)


def _with_gaps(lines: list[Line], gaps: list[bool]) -> Iterator[Line]:
    """The lines with ``⋮`` where rows are left out; a row may be of several lines."""
    row = -1
    for line in lines:
        if line[0][0].strip():  # its number, where a row begins
            row += 1
            if gaps[row]:
                yield [(" ⋮", FAINT)]
        yield line
