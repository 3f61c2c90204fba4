"""Depth-first search: each schedule within the bound, the cheapest first, none twice at one bound."""

from __future__ import annotations

import pickle
import threading

import pytest

from support.searched import counter, run_threads
from threadsim.model.errors import Divergence
from threadsim.simulate.program import Function
from threadsim.simulate.simulator import Simulator
from threadsim.strategy.base import Search
from threadsim.strategy.dfs import Dfs, delays, preemptions
from threadsim.strategy.dpor import Dpor

Found = list[tuple[int, int]]
"""Of each execution: which interleaving, and what it returned."""


def run(search: Search, simulator: Simulator, most: int | None = None) -> Found:
    found: Found = []
    while (most is None or len(found) < most) and (strategy := search.begin()) is not None:
        execution = simulator.execute(strategy, 0)
        search.end(execution.history)
        found.append((execution.interleaving, execution.result))
    return found


@pytest.mark.parametrize(
    ("current", "costs"),
    [(1, [(0, 1), (1, 0), (1, 2)]), (None, [(0, 0), (0, 1), (0, 2)])],
)
def test_to_leave_a_thread_that_could_go_on_is_a_preemption(
    current: int | None, costs: list[tuple[int, int]]
) -> None:
    assert preemptions(current, [0, 1, 2]) == costs


@pytest.mark.parametrize(
    ("current", "costs"),
    [(1, [(0, 1), (1, 2), (2, 0)]), (None, [(0, 0), (1, 1), (2, 2)])],
)
def test_to_pass_over_a_thread_is_a_delay(current: int | None, costs: list[tuple[int, int]]) -> None:
    assert delays(current, [0, 1, 2]) == costs


def test_finds_each_result_that_dpor_finds() -> None:
    with Simulator(Function(counter)) as simulator:
        bounded = run(Dfs(bound=3), simulator, 3000)
        reduced = run(Dpor(), simulator)

    assert {result for _, result in bounded} == {result for _, result in reduced} == {2, 3, 4}


def test_without_a_preemption_nothing_is_lost_and_with_one_it_is() -> None:
    with Simulator(Function(counter)) as simulator:
        none, one = Dfs(bound=0), Dfs(bound=1)
        assert {result for _, result in run(none, simulator)} == {4}
        assert {result for _, result in run(one, simulator)} == {2, 4}

    assert none.is_bounded
    assert one.is_bounded
    assert not none.exhausted


def test_smaller_bounds_come_first_and_no_schedule_twice_within_one() -> None:
    with Simulator(Function(counter)) as simulator:
        alone = [run(Dfs(bound=bound), simulator) for bound in range(3)]

    assert alone[2][: len(alone[1])] == alone[1]
    assert alone[1][: len(alone[0])] == alone[0]
    deepest = alone[2][len(alone[1]) :]
    assert len(set(deepest)) == len(deepest)


def test_without_a_bound_it_ends_with_all_schedules() -> None:
    search = Dfs()
    with Simulator(Function(last_of_two)) as simulator:
        found = run(search, simulator)

    assert search.exhausted
    assert not search.is_bounded
    assert {result for _, result in found} == {1, 2}


def test_delays_reach_as_much_as_preemptions() -> None:
    with Simulator(Function(last_of_two)) as simulator:
        delayed = run(Dfs(bound=3, costs=delays), simulator)

    assert {result for _, result in delayed} == {1, 2}


def last_of_two() -> int:
    """Which of two threads writes last."""
    last = 0

    def come(number: int) -> None:
        nonlocal last
        last = number

    one, two = threading.Thread(target=come, args=(1,)), threading.Thread(target=come, args=(2,))
    one.start()
    two.start()
    one.join()
    two.join()
    return last


@pytest.mark.parametrize("first", [1, 7, 40])
def test_parts_are_the_whole(first: int) -> None:
    with Simulator(Function(counter)) as simulator:
        whole = run(Dfs(bound=2), simulator)
        search = Dfs(bound=2)
        found = run(search, simulator, first)
        for part in search.split(2):
            found += run(pickle.loads(pickle.dumps(part)), simulator)

    assert set(found) == set(whole)


def test_program_that_changes_is_noticed() -> None:
    calls = []

    def program() -> None:
        calls.append(None)
        run_threads(*[lambda: None] * (1 + len(calls)))

    search = Dfs(bound=1)
    with Simulator(Function(program)) as simulator:
        first = simulator.execute(search.begin(), 0)  # type: ignore[arg-type]
        search.end(first.history)
        second = simulator.execute(search.begin(), 0)  # type: ignore[arg-type]

    assert isinstance(second.error, Divergence)
    assert "could go on before, and now" in str(second.error)
