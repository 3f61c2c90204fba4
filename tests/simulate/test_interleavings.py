"""Which interleavings there are: all that can be, none that cannot, and the same again for the same seed."""

from __future__ import annotations

import threading
from collections import Counter

import pytest

from support.simulation import executions_of, outcomes_of, story
from threadsim import ThreadsimError, simulate
from threadsim.strategy.table import STRATEGIES


def two_threads(locked: bool) -> int:
    lock = threading.Lock()
    total = 0

    def add() -> None:
        nonlocal total
        for _ in range(2):
            if locked:
                with lock:
                    total += 1
            else:
                total += 1

    threads = [threading.Thread(target=add) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return total


def unlocked() -> int:
    return two_threads(False)


def locked() -> int:
    return two_threads(True)


def test_counter_without_a_lock_loses_updates() -> None:
    assert outcomes_of(unlocked, range(500)) == {2, 3, 4}


def test_counter_with_a_lock_never_does() -> None:
    assert outcomes_of(locked, range(500)) == {4}


@pytest.mark.slow
def test_counter_with_a_lock_never_does_in_ten_thousand_executions() -> None:
    assert outcomes_of(locked, range(10_000)) == {4}


def test_each_seed_has_its_own_interleaving() -> None:
    stories = Counter(tuple(story(execution)) for execution in executions_of(unlocked, range(20)))
    assert len(stories) > 15


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_same_seed_same_trace(strategy: str) -> None:
    traces = [simulate(unlocked, seed=3, strategy=strategy).trace for _ in range(2)]
    assert traces[0] == traces[1]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_one_simulator_gives_what_many_give(strategy: str) -> None:
    once = [story(execution) for execution in executions_of(unlocked, range(5), strategy)]
    assert once == [story(simulate(unlocked, seed=seed, strategy=strategy)) for seed in range(5)]


def test_round_robin_takes_turns() -> None:
    def program() -> str:
        said = []
        threads = [
            threading.Thread(target=lambda name=name: [said.append(name) for _ in range(6)]) for name in "ab"
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return "".join(said)

    assert "ababab" in simulate(program, strategy="round-robin").result
    assert "aabb" in simulate(program, strategy="round-robin", seed=1).result


def test_unknown_strategy_is_an_error_that_lists_those_there_are() -> None:
    with pytest.raises(ThreadsimError, match="no strategy 'best'; the strategies are random, round-robin"):
        simulate(unlocked, strategy="best")
