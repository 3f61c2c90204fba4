"""What a search finds, how far it goes, and what it says of it."""

from __future__ import annotations

import inspect
import queue
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from threadsim import Outcome, ThreadsimError, UnmanagedBlock, explore
from threadsim.explore.settings import Settings
from threadsim.simulate.execution import Execution
from threadsim.simulate.watchdog import Watchdog

LOST_UPDATE = Path(__file__).parents[2] / "examples" / "lost_update.py"


def run_threads(*bodies: Callable[[], Any]) -> None:
    threads = [threading.Thread(target=body) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def lost_update() -> None:
    values = {"count": 0}

    def add() -> None:
        count = values["count"]
        values["count"] = count + 1

    run_threads(add, add)
    assert values["count"] == 2, "an addition is lost"


def locked() -> None:
    values = {"count": 0}
    lock = threading.Lock()

    def add() -> None:
        with lock:
            values["count"] += 1

    run_threads(add, add)
    assert values["count"] == 2


def philosophers() -> None:
    forks = [threading.Lock() for _ in range(3)]

    def eat(left: threading.Lock, right: threading.Lock) -> Callable[[], None]:
        def body() -> None:
            with left, right:
                pass

        return body

    run_threads(*(eat(forks[n], forks[(n + 1) % 3]) for n in range(3)))


def missed_notify() -> None:
    condition = threading.Condition()

    def waiter() -> None:
        with condition:
            condition.wait()

    def notifier() -> None:
        with condition:
            condition.notify()

    run_threads(waiter, notifier)


def producers_and_consumers() -> None:
    channel: queue.Queue[int] = queue.Queue(maxsize=1)
    got: list[int] = []
    run_threads(
        lambda: channel.put(1),
        lambda: channel.put(2),
        lambda: got.append(channel.get()),
        lambda: got.append(channel.get()),
    )
    assert sorted(got) == [1, 2]


# What is found.


@pytest.mark.parametrize("seed", range(20))
def test_lost_update_is_found_within_ten_schedules_and_needs_one_preemption(seed: int) -> None:
    exploration = explore(LOST_UPDATE, seed=seed)
    failure = exploration.failure

    assert failure is not None
    assert (failure.kind, failure.summary) == ("failed", "AssertionError: expected 2, got 1")
    assert failure.schedule_number <= 10
    assert failure.schedule_number == exploration.executions
    assert failure.preemptions == 1


@pytest.mark.parametrize("strategy", ["auto", "random", "pct", "pos", "surw"])
@pytest.mark.parametrize(
    ("program", "kind"),
    [(lost_update, "failed"), (philosophers, "deadlock"), (missed_notify, "deadlock")],
)
def test_each_strategy_finds_the_usual_bugs(program: Callable[[], None], kind: str, strategy: str) -> None:
    failure = explore(program, strategy=strategy, schedules=200).failure

    assert failure is not None
    assert failure.kind == kind
    assert failure.preemptions <= 2


def test_deadlock_says_who_waits_for_whom() -> None:
    failure = explore(philosophers).failure

    assert failure is not None
    assert failure.message.startswith("deadlock:\n")
    assert failure.message.count("held by") == 3


def test_right_program_passes() -> None:
    exploration = explore(producers_and_consumers, schedules=150)

    assert exploration.failure is None
    assert exploration.outcomes == {Outcome.PASSED: exploration.executions}
    exploration.assert_passed()


def test_livelock_is_a_failure_and_no_proof() -> None:
    def program() -> None:
        flag = [False]

        def spin() -> None:
            while not flag[0]:
                pass

        run_threads(spin)

    exploration = explore(program, max_steps=200)

    assert exploration.failure is not None
    assert exploration.failure.kind == "livelock"
    assert not exploration.exhausted


def spin_until_it_is_set() -> None:
    flag = [False]

    def spin() -> None:
        while not flag[0]:
            pass

    def set_it() -> None:
        flag[0] = True

    run_threads(spin, set_it)


@pytest.mark.parametrize("strategy", ["auto", "dfs", "dpor"])
def test_livelock_that_only_an_unfair_schedule_has_is_no_failure_and_no_proof(strategy: str) -> None:
    exploration = explore(spin_until_it_is_set, strategy=strategy, max_steps=2_000, schedules=50)

    assert exploration.failure is None
    assert not exploration.exhausted


def test_livelock_that_only_an_unfair_schedule_has_ends_the_systematic_search() -> None:
    exploration = explore(spin_until_it_is_set, max_steps=2_000, schedules=300)

    assert exploration.outcomes[Outcome.LIVELOCK] <= 1
    assert exploration.executions == 300


def test_the_same_seed_finds_the_same() -> None:
    one, other = explore(philosophers, seed=5), explore(philosophers, seed=5)

    assert str(one) == str(other)
    assert one.failure is not None
    assert other.failure is not None
    assert one.failure.trace.schedule == other.failure.trace.schedule


# The error.


def test_assert_passed_raises_the_programs_own_error_with_its_traceback_and_how_it_was_found() -> None:
    exploration = explore(lost_update, seed=3)

    with pytest.raises(AssertionError, match="an addition is lost") as caught:
        exploration.assert_passed()

    assert exploration.failure is not None
    (note,) = caught.value.__notes__
    assert note.startswith(f"threadsim: found at {exploration.failure.where}, shrunk to ")
    assert exploration.failure.explanation in note
    assert note.endswith("run it again with threadsim.replay(program, FILE)")
    assert caught.traceback[-1].name == "lost_update"


def test_assert_passed_tells_a_deadlock() -> None:
    with pytest.raises(ThreadsimError, match=r"deadlock:\n.* waits for"):
        explore(philosophers).assert_passed()


def test_failure_is_an_execution() -> None:
    failure = explore(lost_update).failure

    assert isinstance(failure, Execution)
    assert failure.outcome is Outcome.FAILED
    assert failure.trace.outcome is Outcome.FAILED
    assert failure.trace.header.seed == failure.seed
    assert "an addition is lost" in failure.explanation


# The user's own look.


def test_check_that_returns_false_is_a_failure() -> None:
    def program() -> list[int]:
        order: list[int] = []
        run_threads(lambda: order.append(1), lambda: order.append(2))
        return order

    exploration = explore(program, check=lambda execution: execution.result == [1, 2])

    assert exploration.failure is not None
    assert (exploration.failure.kind, exploration.failure.result) == ("check", [2, 1])
    assert exploration.failure.preemptions == 0
    with pytest.raises(ThreadsimError, match="check returned False"):
        exploration.assert_passed()


def test_check_that_raises_is_a_failure_and_its_error_is_the_one() -> None:
    def check(execution: Execution) -> None:
        assert execution.output == "ab", "out of order"

    exploration = explore(
        lambda: run_threads(lambda: print("a", end=""), lambda: print("b", end="")), check=check
    )

    assert exploration.failure is not None
    assert exploration.failure.kind == "check"
    with pytest.raises(AssertionError, match="out of order"):
        exploration.assert_passed()


def test_check_that_returns_nothing_has_no_objection() -> None:
    exploration = explore(locked, check=lambda execution: None, schedules=20)

    assert exploration.failure is None


# Data races.


def racy_but_right() -> None:
    values: list[Any] = [None]

    def write() -> None:
        values[0] = 1

    run_threads(write, write)
    assert values == [1]


def test_race_is_a_failure_only_if_asked_for() -> None:
    assert explore(racy_but_right, schedules=20).failure is None

    exploration = explore(racy_but_right, races=True, schedules=20)

    assert exploration.failure is not None
    assert (exploration.failure.kind, exploration.failure.outcome) == ("race", Outcome.PASSED)
    assert exploration.failure.preemptions == 0
    assert len(exploration.races) == 1
    assert exploration.races[0].startswith("data race on values[0]: ")
    with pytest.raises(ThreadsimError, match="data race on"):
        exploration.assert_passed()


def test_race_is_told_once_for_each_two_places() -> None:
    exploration = explore(racy_but_right, races=True, stop_on_first=False, schedules=30)

    assert exploration.executions > 1
    assert len(exploration.races) == len(exploration.failures) == 1


def test_locks_order_accesses() -> None:
    assert explore(locked, races=True, schedules=50).races == ()


# How far it goes.


def test_program_without_a_second_thread_is_said_to_be_one() -> None:
    exploration = explore(lambda: 42)

    assert (exploration.executions, exploration.exhausted) == (1, True)
    assert exploration.reason == "the program started no second thread: there is one interleaving"


def test_budget_of_schedules_ends_the_search_and_it_proves_nothing() -> None:
    exploration = explore(locked, strategy="random", schedules=7)

    assert (exploration.executions, exploration.exhausted) == (7, False)
    assert exploration.reason == "not exhausted: the budget of 7 schedules is used"


def test_budget_of_time_ends_the_search() -> None:
    exploration = explore(locked, strategy="random", seconds=0.05)

    assert exploration.executions > 0
    assert exploration.reason == "not exhausted: the budget of 0.05 seconds is used"


def test_search_goes_on_after_a_failure_if_wished() -> None:
    def program() -> None:
        order: list[int] = []
        run_threads(lambda: order.append(1), lambda: order.append(2))
        if order == [2, 1]:
            raise LookupError
        raise ValueError

    exploration = explore(program, strategy="random", stop_on_first=False, schedules=20)

    assert exploration.executions == 20
    assert exploration.outcomes == {Outcome.FAILED: 20}
    assert [type(each.error) for each in exploration.failures] in (
        [LookupError, ValueError],
        [ValueError, LookupError],
    )
    assert exploration.failures[0].schedule_number == 1


def test_ctrl_c_ends_it_with_what_was_found() -> None:
    executed = []

    def program() -> None:
        executed.append(1)
        if len(executed) == 5:
            raise KeyboardInterrupt
        run_threads(lambda: None)

    exploration = explore(program, strategy="random")

    assert exploration.interrupted
    assert exploration.executions == 2  # and two that repeated them
    assert exploration.reason == "not exhausted: interrupted after 2 schedules"
    with pytest.raises(ThreadsimError, match="interrupted"):
        exploration.assert_passed()


def test_ctrl_c_between_two_executions_waits_until_the_interpreter_is_ready() -> None:
    asked = []

    def check(execution: Execution) -> None:
        asked.append(1)
        if len(asked) == 4:
            signal.raise_signal(signal.SIGINT)
            asked.append(0)  # it goes on here

    exploration = explore(lambda: run_threads(lambda: None), strategy="random", check=check)

    assert exploration.interrupted
    assert exploration.executions == 4
    assert asked[-1] == 0


def test_call_that_is_not_managed_ends_it_without_a_result() -> None:
    one, other = socket.socketpair()

    def program() -> None:
        run_threads(lambda: other.recv(1))

    with one, other, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules["threadsim.simulate.simulator"], "Watchdog", lambda limit: Watchdog(0.2))
        exploration = explore(program)

    assert isinstance(exploration.trouble, UnmanagedBlock)
    assert not exploration.exhausted
    assert "recv(1)" in exploration.reason
    with pytest.raises(UnmanagedBlock):
        exploration.assert_passed()


def test_virtual_time_takes_none() -> None:
    exploration = explore(lambda: run_threads(lambda: time.sleep(1000)), strategy="random", schedules=5)

    assert exploration.failure is None
    assert exploration.seconds < 10


# Settings.


def test_parameters_are_the_settings() -> None:
    parameters = inspect.signature(explore).parameters
    others = {"program", "check", "arguments", "executor"}

    assert parameters.keys() - others == {field.name for field in attrs.fields(Settings)}
    for field in attrs.fields(Settings):
        assert parameters[field.name].default == field.default


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"schedules": 0}, "schedules is 0: it must be more than 0"),
        ({"seconds": -1.0}, "seconds is -1.0: it must be more than 0"),
        ({"seconds": float("nan")}, "seconds is nan: it must be more than 0"),
        ({"jobs": 0}, "jobs is 0: it must be more than 0"),
        ({"max_steps": 0}, "max_steps is 0: it must be more than 0"),
        ({"strategy": "pct", "depth": 0}, "depth is 0: it must be more than 0"),
        (
            {"strategy": "luck"},
            "there is no strategy 'luck'; the strategies are auto, random, pct, pos, ",
        ),
        ({"strategy": "pos", "depth": 2}, "the strategy pos has no use for depth: that is for auto and pct"),
    ],
    ids=lambda value: "",
)
def test_setting_that_makes_no_sense_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ThreadsimError) as caught:
        explore(locked, **settings)

    assert str(caught.value).startswith(message)
