"""How far a search is, on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from threadsim.explore.loop import Watch
from threadsim.explore.settings import Settings
from threadsim.explore.tally import Tally

if TYPE_CHECKING:
    from rich.progress import Progress

EVERY = 0.1
"""Seconds between two looks."""


@contextmanager
def shown_progress(settings: Settings, *, hidden: bool) -> Iterator[Watch]:
    """A bar on standard error while a search goes on, if that is a terminal."""
    if hidden or sys.stderr is None or not sys.stderr.isatty():
        yield lambda tally: None
        return
    with _new_bar() as bar:
        yield _Watching(bar, settings)


def _new_bar() -> Progress:
    """Drawn from here only: a thread of the bar's own would meet the threads under simulation."""
    from rich.console import Console  # only here, for it starts slowly
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[words]}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        auto_refresh=False,
        redirect_stdout=False,
        redirect_stderr=False,
        transient=True,
    )


class _Watching:
    """Tells the bar about a search."""

    def __init__(self, bar: Progress, settings: Settings) -> None:
        self._bar = bar
        self._settings = settings
        self._began = self._looked = monotonic()
        self._task = bar.add_task(settings.strategy, total=1.0, words="")

    def __call__(self, tally: Tally) -> None:
        """Look, if it is time to."""
        now = monotonic()
        if now - self._looked < EVERY:
            return
        self._looked = now
        passed = now - self._began
        self._bar.update(self._task, completed=self._share(tally, passed), words=self._words(tally, passed))
        self._bar.refresh()

    def _share(self, tally: Tally, passed: float) -> float:
        """What part of the budget is used."""
        most, seconds = self._settings.most, self._settings.seconds
        shares = [tally.executions / most if most else 0.0, passed / seconds if seconds else 0.0]
        return min(max(shares), 1.0)

    def _words(self, tally: Tally, passed: float) -> str:
        outcomes = ", ".join(f"{number:,} {outcome}" for outcome, number in sorted(tally.outcomes.items()))
        words = f"{outcomes}; {len(tally.interleavings):,} distinct; {tally.executions / passed:,.0f}/s"
        return f"{words}; {self._left(tally, passed)} left"

    def _left(self, tally: Tally, passed: float) -> str:
        most, seconds = self._settings.most, self._settings.seconds
        parts = [f"{most - tally.executions:,} schedules"] if most else []
        return " or ".join(parts + ([f"{max(seconds - passed, 0):.0f} s"] if seconds else []))
