"""Fewer steps than a trace has rows: what no arrow or colour points at is folded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

import attrs

from threadsim.render.rows import Row

MOST_STEPS = 70
"""A diagram with more steps than this can no longer be read: its middle is left out."""

_BEGINNING = 20
"""How many steps stay before a middle that is left out; the failure is at the end, so more stay there."""
_LONG_RUN = 6
"""Folding fewer rows than this saves less than it hides."""


@attrs.frozen(slots=True)
class Step:
    """What takes one line of a diagram: a row, a folded run of one thread, or a middle that is left out.

    Attributes:
        rows: At least one.
        thread: The number of the thread; None for a middle, which is of several.
    """

    rows: Sequence[Row]
    thread: int | None

    @property
    def folded(self) -> bool:
        """Whether it stands for several rows of one thread."""
        return self.thread is not None and len(self.rows) > 1

    @property
    def first(self) -> int:
        """The number of its first event."""
        return self.rows[0].number

    @property
    def last(self) -> int:
        """The number of its last event."""
        return self.rows[-1].events[-1].number

    @property
    def events(self) -> int:
        """How many events it stands for."""
        return sum(len(row.events) for row in self.rows)


def steps_of(rows: Iterable[Row], interesting: Callable[[Row], bool]) -> list[Step]:
    """The steps of a diagram, in order.

    Args:
        rows: The rows of the trace.
        interesting: Which of them must be seen (unless the whole is too long).
    """
    steps = list(_runs_folded(rows, interesting))
    return steps if len(steps) <= MOST_STEPS else _middle_left_out(steps)


def _runs_folded(rows: Iterable[Row], interesting: Callable[[Row], bool]) -> Iterator[Step]:
    for (thread, shown), group in groupby(rows, key=lambda row: (row.thread, interesting(row))):
        run = tuple(group)
        if shown or len(run) < _LONG_RUN:
            yield from (Step((row,), thread) for row in run)
        else:
            yield Step(run, thread)


def _middle_left_out(steps: Sequence[Step]) -> list[Step]:
    end = len(steps) - (MOST_STEPS - _BEGINNING - 1)
    middle = tuple(row for step in steps[_BEGINNING:end] for row in step.rows)
    return [*steps[:_BEGINNING], Step(middle, None), *steps[end:]]
