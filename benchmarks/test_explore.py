"""What a search costs: executions a second for each strategy, and executions to the first failure."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

import measured_programs as programs
import pytest

from threadsim import Outcome, explore
from threadsim.simulate.execution import Execution
from threadsim.simulate.program import Function
from threadsim.simulate.simulator import Simulator
from threadsim.strategy.table import SEARCHES, make_search

ROUNDS = 20
EXECUTIONS = 200
"""In a round."""

MOST = 10_000
"""Executions after which a strategy has not found what it was to find."""


class Account:
    def __init__(self, balance: int) -> None:
        self.balance = balance

    def withdraw(self, amount: int) -> None:
        if self.balance >= amount:
            self.balance -= amount


def bank() -> None:
    """Two threads withdraw what is there but once: a check, and an act that comes too late."""
    account = Account(100)
    threads = [threading.Thread(target=account.withdraw, args=(100,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert account.balance == 0, account.balance


def philosophers() -> None:
    """Three of them, each of whom takes the fork to his left first, twice."""
    forks = [threading.Lock() for _ in range(3)]

    def dine(left: threading.Lock, right: threading.Lock) -> None:
        for _ in range(2):
            with left, right:
                pass

    threads = [threading.Thread(target=dine, args=(forks[i], forks[(i + 1) % 3])) for i in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


PROGRAMS: dict[str, Callable[[], Any]] = {
    "counter": programs.counter,
    "bank": bank,
    "philosophers": philosophers,
}


def executions(simulator: Simulator, strategy: str, seed: int) -> Iterator[Execution]:
    """One after the other, until the search has nothing left to try."""
    search = make_search(strategy, seed)
    while (chooser := search.begin()) is not None:
        execution = simulator.execute(chooser, search.seed)
        search.end(execution.history)
        yield execution


def endless(simulator: Simulator, strategy: str) -> Iterator[Execution]:
    """The same, and begun again."""
    seed = 0
    while True:
        yield from executions(simulator, strategy, seed)
        seed += 1


def take(some: Iterator[Execution]) -> None:
    for _ in range(EXECUTIONS):
        next(some)


@pytest.mark.parametrize("strategy", SEARCHES)
@pytest.mark.parametrize("program", PROGRAMS)
def test_executions_a_second(measured: Callable[..., None], program: str, strategy: str) -> None:
    with Simulator(Function(PROGRAMS[program])) as simulator:
        some = endless(simulator, strategy)
        measured(f"{program} {strategy}", lambda: take(some), units=EXECUTIONS, rounds=ROUNDS)


def test_dpor_to_its_end(measured: Callable[..., None]) -> None:
    """All 328 classes of the counter, and all that a search needs."""

    def search() -> None:
        with Simulator(Function(programs.counter)) as simulator:
            assert len(list(executions(simulator, "dpor", 0))) == 328

    measured("328 classes by dpor", search, units=328, rounds=ROUNDS)


def test_dpor_to_its_proof(measured: Callable[..., None]) -> None:
    """The same for a person: some executions are repeated, and a hundred random ones put it to the test."""

    def prove() -> None:
        exploration = explore(programs.counter, strategy="dpor", schedules=MOST)
        assert exploration.exhausted
        assert exploration.executions == 328

    measured("328 classes, proved", prove, units=328, rounds=ROUNDS)


def first_failure(program: Callable[[], Any], strategy: str, seed: int) -> int:
    """How many executions it takes."""
    with Simulator(Function(program)) as simulator:
        for number, execution in enumerate(executions(simulator, strategy, seed), start=1):
            if execution.outcome is not Outcome.PASSED:
                return number
            if number == MOST:
                break
    raise AssertionError(f"{strategy} has not found the failure in {MOST:,} executions")


@pytest.mark.parametrize("strategy", SEARCHES)
@pytest.mark.parametrize("program", ["bank", "philosophers"])
def test_executions_to_the_first_failure(
    benchmark: Any, capsys: pytest.CaptureFixture[str], program: str, strategy: str
) -> None:
    numbers: list[int] = []

    def search() -> None:
        numbers[:] = [first_failure(PROGRAMS[program], strategy, seed) for seed in range(20)]

    benchmark.pedantic(search, rounds=1)
    benchmark.extra_info["executions to the first failure"] = numbers
    with capsys.disabled():
        print(
            f" {program} {strategy}: {min(numbers)} to {max(numbers)}, median {median(numbers):g} executions"
        )
