"""The test of a proof: do threads, under random schedules, see anything but what they saw in the search?

DPOR leaves out what differs only in the order of steps that touch nothing in common, as far as threadsim sees
what they touch. What code that it does not rewrite does to an object behind its back, it does not see: an
iterator that two threads share, a cache inside of an extension module, an attribute set by ``setattr`` from
a library. Then two of the executions that it takes for one come to different ends. So before a search
may say that it is exhausted, some random schedules are tried; each has to be one that was seen before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import attrs

from threadsim.explore.defects import Judge
from threadsim.explore.sight import sight
from threadsim.explore.tally import Found, Stop, Tally
from threadsim.simulate.execution import Execution
from threadsim.simulate.simulator import Simulator
from threadsim.strategy.random_walk import RandomWalk

FEWEST: Final = 100
MOST: Final = 1_000
"""How many random schedules are tried: a tenth of those that the search took, within these limits."""

REASON: Final = (
    "under a random schedule, threads saw what they saw in none of them; they share something that "
    "threadsim does not see"
)


@attrs.frozen
class Doubt:
    """Why a proof is none.

    Attributes:
        reason: In words.
        found: A failure that the search had missed, None if it is none.
    """

    reason: str
    found: Found | None = None


def proves_by_reduction(tally: Tally) -> bool:
    """Whether a search is over and claims to have seen all, though it left executions out."""
    return tally.exhausted and tally.stop is Stop.NOTHING_LEFT and tally.cut is None and bool(tally.seen)


def put_to_the_test(
    simulator: Simulator, judge: Judge, tally: Tally, seed: int, heed_ctrl_c: Callable[[], None]
) -> Doubt | None:
    """Try random schedules; what the first one tells that does not fit, None if all do.

    Args:
        simulator: Executes the program; it is entered.
        judge: Tells what is wrong with an execution.
        tally: What came of the search.
        seed: Of the program's own random numbers in it.
        heed_ctrl_c: Called when nothing is under way.
    """
    for number in range(min(max(tally.executions // 10, FEWEST), MOST)):
        heed_ctrl_c()
        execution = simulator.execute(RandomWalk(number), seed)
        if sight(execution) not in tally.seen:
            return _doubt(execution, judge, tally)
    return None


def _doubt(execution: Execution, judge: Judge, tally: Tally) -> Doubt:
    defects = [defect for defect in judge.defects(execution) if defect.key not in tally.failures]
    found = Found.of(tally.executions + 1, execution, defects[0]) if defects else None
    return Doubt(REASON, found)


def take_to_heart(tally: Tally, doubt: Doubt | None) -> None:
    """A search of which there is a doubt has a gap."""
    if doubt is not None:
        tally.cut = doubt.reason
        if doubt.found is not None:
            tally.add_failure(doubt.found)
