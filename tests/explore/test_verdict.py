"""Who may say *exhausted*, and from which evidence."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from threadsim import Outcome, ThreadsimError, explore
from threadsim.explore.settings import Settings
from threadsim.explore.tally import Stop, Tally
from threadsim.explore.verdict import verdict

DPOR = Settings(strategy="dpor")
ENDED = Tally(
    executions=328,
    interleavings=set(range(330)),
    stop=Stop.NOTHING_LEFT,
    exhausted=True,
    tried=Counter(random=5, dpor=328),
)


def test_search_that_came_to_its_end_without_a_gap_is_exhausted() -> None:
    assert verdict(ENDED, DPOR).exhausted
    assert verdict(ENDED, DPOR).reason == "all 328 interleavings were tried"


@pytest.mark.parametrize(
    ("gap", "reason"),
    [
        ({"stop": Stop.SCHEDULES}, "the budget of 328 schedules is used"),
        ({"stop": Stop.SECONDS}, "the budget of 2 seconds is used"),
        ({"stop": Stop.FAILURE}, "the first failure ended the search"),
        ({"stop": Stop.INTERRUPTED}, "interrupted after 328 schedules"),
        ({"stop": Stop.TROUBLE, "trouble": ThreadsimError("no luck")}, "no luck"),
        ({"stop": None}, "the search is not over"),
        ({"cut": "an execution was cut off"}, "an execution was cut off"),
        ({"exhausted": False}, "the strategy dpor proves nothing"),
    ],
    ids=lambda value: "",
)
def test_any_gap_forbids_it(gap: dict[str, Any], reason: str) -> None:
    said = verdict(attrs.evolve(ENDED, **gap), attrs.evolve(DPOR, seconds=2))

    assert not said.exhausted
    assert said.reason == f"not exhausted: {reason}"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (Settings(strategy="dfs", preemptions=2), "2 preemptions"),
        (Settings(strategy="dfs", preemptions=1), "1 preemption"),
        (Settings(strategy="dfs", delays=0), "0 delays"),
    ],
)
def test_bound_is_said(settings: Settings, words: str) -> None:
    said = verdict(attrs.evolve(ENDED, exhausted=False), settings)

    assert not said.exhausted
    assert said.reason == f"not exhausted, but all 328 interleavings were tried that there are within {words}"


def test_bounded_dpor_does_not_say_what_was_tried_within_the_bound() -> None:
    said = verdict(attrs.evolve(ENDED, exhausted=False), Settings(strategy="dpor", preemptions=2))

    assert said.reason == "not exhausted: schedules with more than 2 preemptions were left out"


# From a program to what is said of it.


def run_threads(*bodies: Callable[[], Any]) -> None:
    threads = [threading.Thread(target=body) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def three_additions_each() -> None:
    values = {"count": 0}

    def add() -> None:
        for _ in range(3):
            count = values["count"]
            values["count"] = count + 1

    run_threads(add, add)


@pytest.mark.parametrize("strategy", ["auto", "dpor"])
def test_counter_has_328_classes(strategy: str) -> None:
    exploration = explore(three_additions_each, strategy=strategy)

    assert exploration.exhausted
    assert exploration.reason == "all 328 interleavings were tried"
    assert exploration.outcomes == {Outcome.PASSED: exploration.executions}


def test_bounded_search_is_not_exhausted() -> None:
    exploration = explore(three_additions_each, strategy="dfs", preemptions=1)

    assert not exploration.exhausted
    assert exploration.reason.endswith("within 1 preemption")
    exploration.assert_passed()


def test_budget_that_is_just_too_small_forbids_it() -> None:
    exploration = explore(three_additions_each, strategy="dpor", schedules=327)

    assert not exploration.exhausted
    assert exploration.reason == "not exhausted: the budget of 327 schedules is used"


def test_failing_program_can_be_exhausted() -> None:
    def program() -> None:
        order: list[int] = []
        run_threads(lambda: order.append(1), lambda: order.append(2))
        assert order == [1, 2]

    exploration = explore(program, strategy="dpor", stop_on_first=False)

    assert exploration.exhausted
    assert exploration.outcomes == {Outcome.PASSED: 1, Outcome.FAILED: 1}
    assert len(exploration.failures) == 1


def test_step_limit_forbids_it() -> None:
    def program() -> None:
        flag = [False]

        def spin() -> None:
            while not flag[0]:
                pass

        def end_it() -> None:
            flag[0] = True

        run_threads(spin, end_it)

    exploration = explore(program, strategy="dpor", stop_on_first=False, max_steps=100, schedules=50)

    assert not exploration.exhausted


def test_program_without_a_second_thread_that_fails_is_exhausted_only_if_nothing_stopped_it() -> None:
    def program() -> None:
        raise LookupError

    assert not explore(program).exhausted
    assert explore(program, stop_on_first=False).exhausted
