"""Replay: the choices of a saved schedule, again."""

from __future__ import annotations

from collections.abc import Sequence

from threadsim.model.errors import Divergence
from threadsim.model.event import Kind
from threadsim.model.schedule import Run, Schedule
from threadsim.model.site import Site
from threadsim.strategy.base import C, Candidate


class Replay:
    """Follows a schedule, and checks at each switch that the program does what it did.

    Args:
        schedule: What to follow.
        same_source: Whether the program's files are as they were. If not, lines may have moved, and an
            operation is known by its kind and function alone.

    Raises:
        Divergence: In `choose`, where the program cannot be led the same way.
    """

    name = "replay"

    def __init__(self, schedule: Schedule, *, same_source: bool) -> None:
        self._runs = [(first, first + run.points, run) for first, run in schedule.starts()]
        self._same_source = same_source
        self._index = 0

    def choose(self, current: C | None, ready: Sequence[C], point: int) -> C:
        """The thread that went on at this point."""
        while self._index < len(self._runs) and self._runs[self._index][1] <= point:
            self._index += 1
        if self._index == len(self._runs):
            raise _divergence(point, "the end of the program", all_words(ready))
        first, _, run = self._runs[self._index]
        thread = next((thread for thread in ready if thread.number == run.thread), None)
        if thread is None:
            raise _divergence(point, f"T{run.thread} goes on{_from(run)}", all_words(ready))
        if first == point and not self.agrees(run, thread.kind, thread.place):
            raise _divergence(point, words(run.thread, run.kind, run.site), _words(thread))
        return thread

    def agrees(self, run: Run, kind: Kind, site: Site | None) -> bool:
        """Whether an operation is the one that the run began with."""
        if run.kind is not kind or (run.site is None) != (site is None):
            return False
        if run.site is None or site is None:
            return True
        if run.site.function != site.function:
            return False
        return not self._same_source or run.site.line == site.line

    def check_whole(self, expected: Schedule, got: Schedule) -> None:
        """Compare the schedule that was followed with the one that came of it.

        Choices that only one thread was ready for are not asked about, so they are checked afterwards.

        Raises:
            Divergence: They differ.
        """
        point = 0
        for index, wanted in enumerate(expected.runs):
            if index == len(got.runs):
                raise _divergence(
                    point, words(wanted.thread, wanted.kind, wanted.site), "the end of the program"
                )
            run = got.runs[index]
            if run.thread != wanted.thread or (index and not self.agrees(wanted, run.kind, run.site)):
                raise _divergence(
                    point,
                    words(wanted.thread, wanted.kind, wanted.site),
                    words(run.thread, run.kind, run.site),
                )
            point += min(run.points, wanted.points)
            if run.points != wanted.points:
                raise _divergence(
                    point,
                    f"T{wanted.thread} going on for {wanted.points} points",
                    f"T{run.thread} going on for {run.points}",
                )
        if len(got.runs) > len(expected.runs):
            run = got.runs[len(expected.runs)]
            raise _divergence(point, "the end of the program", words(run.thread, run.kind, run.site))


def _divergence(point: int, expected: str, got: str) -> Divergence:
    return Divergence(
        f"at scheduling point {point} the trace has {expected}, the program {got}",
        step=point,
        expected=expected,
        got=got,
    )


def words(thread: int, kind: Kind, site: Site | None) -> str:
    """An operation as ``T1 acquire at bank.py:14``."""
    return f"T{thread} {kind}" + ("" if site is None else f" at {site}")


def _words(thread: Candidate) -> str:
    return words(thread.number, thread.kind, thread.place)


def all_words(ready: Sequence[Candidate]) -> str:
    """What each of some threads would do: ``T1 acquire at bank.py:14 or T2 begin``."""
    return " or ".join(_words(thread) for thread in ready)


def _from(run: Run) -> str:
    return f" with {run.kind}" + ("" if run.site is None else f" at {run.site}")
