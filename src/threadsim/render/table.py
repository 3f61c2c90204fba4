"""Rows laid out in lines of text, for a terminal of some width or for none.

Done by hand rather than with `rich.table`, which measures and wraps every cell of every column and so takes
about a minute for 100,000 events; here a row has one cell of words, and it is measured once.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import attrs
from rich.cells import cell_len, chop_cells

from threadsim.model.trace import Trace
from threadsim.render.rows import Row
from threadsim.render.words import name_of

if TYPE_CHECKING:
    from rich.segment import Segment

Part = tuple[str, str]
"""A stretch of a line, and the name of rich's style that it is shown in."""
Line = list[Part]

PLAIN, FAINT, HEAD, FAILING, MARK = "", "dim", "bold", "bold red", "bold yellow"

_WIDEST_COLUMN = 36
"""Words longer than this run on over the columns to the right (which are empty in that row)."""
_WIDEST_UNBOUNDED = 240
"""Where nothing bounds the width, more than this is no longer read with a column a thread."""
_NARROWEST_WORDS = 24
_GAP = "  "
_RULE = "│ "


def segments(lines: Iterable[Line]) -> Iterator[Segment]:
    """The lines for rich's console."""
    from rich.segment import Segment  # only here: most traces go to no terminal, and rich starts slowly
    from rich.style import Style

    for line in lines:
        for text, style in line:
            yield Segment(text, Style.parse(style) if style else None)
        yield Segment.line()


def table(trace: Trace, rows: Sequence[Row], width: int | None) -> Iterator[Line]:
    """The rows with a column a thread, or a column with the thread's name where those do not fit.

    Args:
        trace: The trace that they are of.
        rows: What to show, in order.
        width: Cells to a line; None if that does not matter.
    """
    gutter = _Gutter.of(rows)
    columns = _Columns.of(trace, rows)
    if gutter.width + columns.width <= (width or _WIDEST_UNBOUNDED):
        yield from columns.lines(rows, gutter, width)
    else:
        yield from thread_list(trace, rows, width)


def thread_list(
    trace: Trace, rows: Sequence[Row], width: int | None, marked: frozenset[int] | None = None
) -> Iterator[Line]:
    """The rows with a column for the name of the thread.

    Args:
        trace: The trace that they are of.
        rows: What to show, in order.
        width: Cells to a line; None if that does not matter.
        marked: Numbers of the events to mark with ``>``; None leaves out the header and room for marks.
    """
    gutter = _Gutter.of(rows)
    names = {row.thread: name_of(trace.thread_name(row.thread)) for row in rows}
    name_width = max([len("thread"), *map(cell_len, names.values())])
    indent = gutter.width + name_width + len(_GAP) + (2 if marked is not None else 0)
    if marked is None:
        yield [*gutter.head(), (_padded("thread", name_width) + _GAP, HEAD), ("what", HEAD)]
    for row in rows:
        before = [*gutter.cells(row), (_padded(names[row.thread], name_width) + _GAP, PLAIN)]
        if marked is not None:
            before.insert(0, ("> " if any(e.number in marked for e in row.events) else "  ", MARK))
        yield from _wrapped(before, row, indent, width)


@attrs.frozen(slots=True)
class _Gutter:
    """The columns on the left: number, file and line."""

    number_width: int
    place_width: int

    @classmethod
    def of(cls, rows: Sequence[Row]) -> _Gutter:
        return cls(
            max([len("#"), *(len(str(row.number)) for row in rows)]),
            max([len("where"), *(cell_len(row.place) for row in rows)]),
        )

    @property
    def width(self) -> int:
        return self.number_width + self.place_width + 2 * len(_GAP)

    def head(self) -> Line:
        return [(f"{'#':>{self.number_width}}{_GAP}{_padded('where', self.place_width)}{_GAP}", HEAD)]

    def cells(self, row: Row) -> Line:
        return [
            (f"{row.number:>{self.number_width}}{_GAP}{_padded(row.place, self.place_width)}{_GAP}", FAINT)
        ]


@attrs.frozen(slots=True)
class _Columns:
    """A column for each thread that has a row, in order of the threads."""

    names: dict[int, str]
    widths: dict[int, int]

    @classmethod
    def of(cls, trace: Trace, rows: Sequence[Row]) -> _Columns:
        names = {
            number: name_of(trace.thread_name(number)) for number in sorted({row.thread for row in rows})
        }
        widths = {number: cell_len(name) for number, name in names.items()}
        for row in rows:
            widths[row.thread] = max(widths[row.thread], min(cell_len(row.words), _WIDEST_COLUMN))
        return cls(names, widths)

    @property
    def width(self) -> int:
        return sum(width + len(_RULE) + 1 for width in self.widths.values())

    def lines(self, rows: Sequence[Row], gutter: _Gutter, width: int | None) -> Iterator[Line]:
        head = (self._rule(n) + _padded(name, self.widths[n]) for n, name in self.names.items())
        yield [*gutter.head(), *((text, HEAD) for text in head)]
        before, after = self._before(), self._after()
        for row in rows:
            start = [*gutter.cells(row), (before[row.thread], FAINT)]
            indent = gutter.width + len(before[row.thread])
            fits = cell_len(row.words) <= self.widths[row.thread]
            rest = [(after[row.thread], FAINT)] if fits else []
            yield from _wrapped(start, row, indent, width, self.widths[row.thread] if fits else 0, rest)

    def _rule(self, number: int) -> str:
        return _RULE if number == next(iter(self.names)) else " " + _RULE

    def _before(self) -> dict[int, str]:
        """What stands to the left of each thread's column."""
        texts, text = {}, ""
        for number, width in self.widths.items():
            text += self._rule(number)
            texts[number] = text
            text += " " * width
        return texts

    def _after(self) -> dict[int, str]:
        """What stands to the right of it."""
        texts, text = {}, ""
        for number, width in reversed(self.widths.items()):
            texts[number] = text
            text = self._rule(number) + " " * width + text
        return texts


def _wrapped(
    before: Line, row: Row, indent: int, width: int | None, column: int = 0, after: Sequence[Part] = ()
) -> Iterator[Line]:
    """A row's line; the words that would run over the edge go on below, under their beginning."""
    style = FAILING if row.failing else PLAIN
    room = max(width - indent, _NARROWEST_WORDS) if width is not None else None
    if room is None or cell_len(row.words) <= room:
        yield [*before, (_padded(row.words, column), style), *after]
        return
    first, *more = (part for words in textwrap.wrap(row.words, room) for part in chop_cells(words, room))
    yield [*before, (first, style)]
    for words in more:
        yield [(" " * indent, PLAIN), (words, style)]


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))
