"""The choices made in an execution, enough to replay it."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from threadsim.model.event import Kind
from threadsim.model.site import Site


@attrs.frozen(slots=True)
class Run:
    """A stretch in which one thread went on without a switch.

    Attributes:
        thread: The number of the thread.
        points: How many scheduling points it passed, at least 1.
        kind: The operation that the stretch begins with: what a replay checks.
        site: Where that operation stands in the source; None for a thread's begin.
    """

    thread: int
    points: int
    kind: Kind
    site: Site | None = None


@attrs.frozen(slots=True)
class Schedule:
    """A run-length list of scheduling points.

    Points are semantic (lock operations, reads and writes in the order of the source), never
    counts of instructions, so that a schedule saved on one version of Python replays on another.
    """

    runs: tuple[Run, ...] = ()

    @property
    def points(self) -> int:
        """How many scheduling points the whole execution passed."""
        return sum(run.points for run in self.runs)

    @property
    def switches(self) -> int:
        """How often another thread went on."""
        return max(len(self.runs) - 1, 0)

    def starts(self) -> Iterator[tuple[int, Run]]:
        """Each run with the number of its first scheduling point."""
        point = 0
        for run in self.runs:
            yield point, run
            point += run.points
