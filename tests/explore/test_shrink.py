"""A failure is made as small as it can be, stays the same failure, and replays."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.cli import process
from threadsim import Outcome, explore, replay
from threadsim.explore.directed import Turn, plan_of
from threadsim.model.event import Kind
from threadsim.model.schedule import Run, Schedule

ROOT = Path(__file__).parents[2]
PROGRAMS = [
    *(ROOT / "examples" / name for name in ("lost_update.py", "deadlock.py")),
    *(ROOT / "tests" / "programs" / name for name in ("lost_update.py", "bank.py")),
]


def run_threads(*bodies: Callable[[], Any]) -> None:
    threads = [threading.Thread(target=body) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_plan_has_a_turn_for_each_switch() -> None:
    stretches = [(0, 3), (1, 2), (0, 1), (2, 1)]
    schedule = Schedule(tuple(Run(thread, points, Kind.BEGIN) for thread, points in stretches))

    assert plan_of(schedule) == (Turn(0, 3, 1), Turn(1, 2, 0), Turn(0, 4, 2))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("strategy", ["random", "pct", "pos"])
def test_noise_goes_and_the_one_preemption_that_matters_stays(strategy: str, seed: int) -> None:
    def program() -> None:
        values = {"count": 0}
        noise = {"a": 0}
        lock = threading.Lock()

        def add() -> None:
            count = values["count"]
            values["count"] = count + 1

        def make_noise() -> None:
            for _ in range(4):
                with lock:
                    noise["a"] += 1

        run_threads(add, make_noise, add, make_noise)
        assert values["count"] == 2

    failure = explore(program, strategy=strategy, seed=seed).failure

    assert failure is not None
    assert failure.preemptions == 1
    assert failure.switches <= 6  # to each of the four and back, and once for the preemption


def test_bug_that_needs_two_preemptions_keeps_two() -> None:
    def program() -> None:
        values = {"a": 0}
        seen: list[int] = []

        def write() -> None:
            values["a"] = 1
            values["a"] = 2

        def read() -> None:
            seen.append(values["a"])
            seen.append(values["a"])
            seen.append(values["a"])

        run_threads(write, read)
        assert seen != [0, 1, 2]

    failure = explore(program, strategy="random", schedules=2000).failure

    assert failure is not None
    assert failure.preemptions in (2, 3)


def test_order_of_two_needs_no_preemption() -> None:
    def program() -> None:
        order: list[int] = []
        run_threads(lambda: order.append(1), lambda: order.append(2))
        assert order == [1, 2]

    for seed in range(5):
        failure = explore(program, strategy="random", seed=seed).failure
        assert failure is not None
        assert (failure.preemptions, failure.switches) == (0, 3)


def test_another_failure_on_the_way_is_not_taken_for_it() -> None:
    def program() -> None:
        order: list[int] = []

        def work(number: int) -> None:
            order.append(number)

        run_threads(*(lambda number=number: work(number) for number in range(3)))
        if order[0] == 2:
            raise LookupError(order)
        if order[0] == 1:
            raise ValueError(order)

    exploration = explore(program, strategy="random", stop_on_first=False, schedules=200)

    assert {type(each.error) for each in exploration.failures} == {LookupError, ValueError}


def test_shrinking_is_the_same_each_time() -> None:
    one, other = (explore(PROGRAMS[1], strategy="random", seed=4).failure for _ in range(2))

    assert one is not None
    assert other is not None
    assert one.trace == other.trace


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_saved_failure_replays_in_this_process_and_in_another(program: Path, tmp_path: Path) -> None:
    failure = explore(program, schedules=300).failure
    assert failure is not None
    saved = tmp_path / "failure.jsonl"
    failure.trace.save(saved)

    again = replay(program, saved)
    assert (again.outcome, str(again.error)) == (failure.outcome, str(failure.error))
    assert again.trace.schedule == failure.trace.schedule

    ran = process("replay", "--json", str(saved))
    assert ran.status == 1, ran
    assert f'"message": "{failure.message.splitlines()[0]}' in ran.out


def test_livelock_replays_as_one() -> None:
    def program() -> None:
        flag = [False]

        def spin() -> None:
            while not flag[0]:
                pass

        run_threads(spin)

    failure = explore(program, max_steps=300).failure

    assert failure is not None
    assert replay(program, failure.trace).outcome is Outcome.LIVELOCK
