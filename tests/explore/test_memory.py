"""Memory stays flat, however many executions there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.cli import python

STATM = Path("/proc/self/statm")

SEARCH = """
import resource, sys
from pathlib import Path
from support.searched import five_thousand_orders, order_of_three
from threadsim.simulate.program import Function
from threadsim.simulate.simulator import Simulator
from threadsim.strategy.table import make_search
from threadsim.explore.tally import Tally

strategy, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6

tally = Tally()
program = five_thousand_orders if strategy == "dpor" else order_of_three
search = make_search(strategy, 0)
with Simulator(Function(program)) as simulator:
    while tally.executions < last:
        chooser = search.begin()
        if chooser is None:
            search = make_search(strategy, 0)
            continue
        execution = simulator.execute(chooser, search.seed)
        search.end(execution.history)
        tally.count(execution)
        if tally.executions == first:
            before = resident()
print(resident() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(not STATM.exists(), reason="tells memory by Linux's /proc")
@pytest.mark.parametrize(("strategy", "last"), [("random", 100_000), ("dpor", 40_000)])
def test_many_executions_take_no_more_than_ten_thousand(strategy: str, last: int) -> None:
    tests = str(Path(__file__).parents[1])
    source = str(Path(__file__).parents[2] / "src")
    done = python("-c", SEARCH, strategy, "10000", str(last), PYTHONPATH=f"{source}:{tests}", seconds=600)

    assert done.status == 0, done.err
    assert float(done.out) < 20, "megabytes"
