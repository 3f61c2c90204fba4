"""A program that does not do the same under the same schedule is noticed, with the first difference."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from threadsim import NondeterminismError, explore


def run_threads(*bodies: Callable[[], Any]) -> None:
    threads = [threading.Thread(target=body) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_difference_in_what_is_done_is_said_with_both_sides() -> None:
    times = itertools.count()
    values: dict[str, int] = {}

    def program() -> None:
        name = "first" if next(times) == 0 else "other"
        run_threads(lambda: values.update({name: 1}), lambda: print(name))

    exploration = explore(program, strategy="random", schedules=5)

    trouble = exploration.trouble
    assert isinstance(trouble, NondeterminismError)
    assert "first" in trouble.expected
    assert "other" in trouble.got
    assert f"expected {trouble.expected}" in str(trouble)
    assert f"got {trouble.got}" in str(trouble)
    assert "test_determinism.py:" in str(trouble)
    assert not exploration.exhausted
    assert exploration.reason.startswith("not exhausted: the program is not deterministic")
    with pytest.raises(NondeterminismError):
        exploration.assert_passed()


@pytest.mark.parametrize("strategy", ["auto", "random", "dfs", "dpor"])
def test_what_an_execution_leaves_behind_is_noticed_by_every_strategy(strategy: str) -> None:
    kept: list[int] = []

    def program() -> None:
        def work() -> None:
            for _ in kept:
                kept[0] += 1
            kept.append(0)

        run_threads(work, work)

    exploration = explore(program, strategy=strategy, schedules=20)

    assert isinstance(exploration.trouble, NondeterminismError)
    assert not exploration.exhausted


def test_file_that_changes_is_noticed(tmp_path: Path) -> None:
    log = tmp_path / "log"

    def program() -> None:
        def work() -> None:
            with open(log, "a") as file:
                file.write("x")
            print(os.path.getsize(log))

        run_threads(work)

    trouble = explore(program).trouble

    assert isinstance(trouble, NondeterminismError)
    assert "output" in trouble.expected
    assert "output" in trouble.got


def test_real_clock_is_noticed() -> None:
    def program() -> None:
        seen = {}

        def work() -> None:
            seen["time"] = os.times().elapsed

        run_threads(work, lambda: seen.get("time"))

    real = itertools.count(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "times", lambda: type("Times", (), {"elapsed": next(real)}))
        trouble = explore(program).trouble

    assert isinstance(trouble, NondeterminismError)
    assert (trouble.expected.count("= 1"), trouble.got.count("= 2")) == (1, 1)


def test_change_that_comes_late_forbids_a_proof() -> None:
    executed = []

    def program() -> None:
        executed.append(1)
        if len(executed) > 4:
            run_threads(lambda: print("late"))
        else:
            run_threads(lambda: print("early"))

    exploration = explore(program, strategy="random", schedules=6)

    assert isinstance(exploration.trouble, NondeterminismError)


@pytest.mark.parametrize("odd", range(2, 9))
def test_execution_that_differs_from_all_others_forbids_a_proof(odd: int) -> None:
    executed = []

    def program() -> None:
        values: list[int] = []
        executed.append(1)
        is_odd = len(executed) == odd
        run_threads(lambda: print("odd") if is_odd else values.append(1), lambda: values.append(2))

    exploration = explore(program, strategy="dpor")

    assert not exploration.exhausted or len(executed) < odd


def test_failure_that_does_not_come_again_is_none() -> None:
    executed = []

    def program() -> None:
        executed.append(1)
        run_threads(lambda: None)
        assert len(executed) != 3

    exploration = explore(program, strategy="random")

    assert exploration.failure is None
    assert isinstance(exploration.trouble, NondeterminismError)


def test_address_in_a_text_does_not_count() -> None:
    def program() -> None:
        kept.append(object())
        run_threads(lambda: print(kept[-1]))
        kept.append(kept.pop())

    kept: list[object] = []

    assert explore(program, strategy="random", schedules=3).trouble is None


def test_virtual_time_and_seeded_random_numbers_are_the_same_again() -> None:
    import random
    import time

    def program() -> None:
        run_threads(lambda: print(time.time(), random.random()))

    exploration = explore(program, schedules=10, strategy="random")

    assert exploration.trouble is None
    assert exploration.executions == 10
