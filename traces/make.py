"""Make the saved interleavings of this folder again: ``python traces/make.py``, from the project's root.

Those of the guide's programs print, line for line, what the guide prints for them. The lost update and the
deadlock are the failing interleavings with the fewest switches among the first thousand seeds; the
philosophers and the missed notify are what `explore` finds, and makes small.

Each is named ``PROGRAM.OUTCOME.jsonl``, so that no trace that the command line saves here by itself takes its
place.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import threadsim
from threadsim.model.event import Kind
from threadsim.simulate.program import Script
from threadsim.simulate.simulator import Simulator
from threadsim.strategy.base import C
from threadsim.strategy.random_walk import RandomWalk

HERE = Path(__file__).parent
SEEDS = range(1000)

GUIDE = {
    "empty_thread": [0],
    "thread_with_arguments": [1] * 5 + [0],
    "timer": [1] * 5 + [0],
    "two_threads": [1, 1, 2, 1, 1, 2, 2, 2, 2, 1, 0],
    "two_threads_with_lock": [1] * 10 + [2] * 10 + [0],
}
"""Programs of the guide, and which thread prints each of the lines that it shows."""


class ByLines:
    """Lets a thread print a whole line, then the thread that is to print the next one."""

    name = "by-lines"

    def __init__(self, printers: Sequence[int]) -> None:
        self._printers = list(printers)
        self._writes = 0

    def choose(self, current: C | None, ready: Sequence[C], point: int) -> C:
        """Whoever is to print; while that cannot go on, the first who can."""
        wanted = next((thread for thread in ready if self._printers[:1] == [thread.number]), ready[0])
        if wanted.kind is Kind.OUTPUT:
            self._writes += 1  # print() writes the text, and then the end of the line
            if self._writes == 2:
                self._writes = 0
                del self._printers[:1]
        return wanted


def from_guide(name: str, printers: Sequence[int]) -> threadsim.Trace:
    """The interleaving that prints what the guide shows."""
    with Simulator(Script(f"examples/{name}.py")) as simulator:
        return simulator.execute(ByLines(printers), None).trace


def simplest(name: str, outcome: threadsim.Outcome) -> threadsim.Trace:
    """Of the interleavings with an outcome, one with the fewest switches."""
    with Simulator(Script(f"examples/{name}.py")) as simulator:
        found = [simulator.execute(RandomWalk(seed), seed) for seed in SEEDS]
    return min(
        (execution.trace for execution in found if execution.outcome is outcome),
        key=lambda trace: (trace.schedule.switches, len(trace.events)),
    )


SEARCHED = {
    "lost_update": threadsim.Outcome.FAILED,
    "lost_update_locked": threadsim.Outcome.PASSED,
    "deadlock": threadsim.Outcome.DEADLOCK,
    "bounded_queue": threadsim.Outcome.PASSED,
}
"""Programs of which an interleaving with this outcome is looked for."""


EXPLORED = ("philosophers", "missed_notify")
"""Programs that `explore` is to find a failure of."""


def explored(name: str) -> threadsim.Trace:
    """The failure, shrunk."""
    failure = threadsim.explore(f"examples/{name}.py").failure
    assert failure is not None
    return failure.trace


def main(folder: Path = HERE) -> None:
    """Write them all."""
    made = {name: from_guide(name, printers) for name, printers in GUIDE.items()}
    made |= {name: simplest(name, outcome) for name, outcome in SEARCHED.items()}
    made |= {name: explored(name) for name in EXPLORED}
    for name, trace in made.items():
        trace.save(folder / f"{name}.{trace.outcome}.jsonl")


if __name__ == "__main__":
    main()
