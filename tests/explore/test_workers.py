"""The same search spread over processes: the same findings."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from support import searched
from threadsim import Exploration, ThreadsimError, explore

EXAMPLES = Path(__file__).parents[2] / "examples"


def findings(exploration: Exploration) -> dict[str, Any]:
    """All that should not depend on who did the work."""
    return {
        "said": str(exploration),
        "outcomes": exploration.outcomes,
        "races": exploration.races,
        "failures": [(each.where, each.kind, each.message) for each in exploration.failures],
        "schedules": [each.trace.schedule for each in exploration.failures],
    }


def both(program: Any, **settings: Any) -> tuple[Exploration, Exploration]:
    return explore(program, **settings), explore(program, jobs=2, **settings)


@pytest.mark.parametrize(
    ("program", "settings"),
    [
        (searched.order_of_three, {"strategy": "random", "schedules": 130}),
        (searched.order_of_three, {"strategy": "dpor", "check": searched.is_not_cba, "stop_on_first": False}),
        (searched.fails_rarely, {"strategy": "pct", "schedules": 300, "stop_on_first": False}),
        (EXAMPLES / "deadlock.py", {"strategy": "surw", "schedules": 230, "stop_on_first": False}),
        (EXAMPLES / "lost_update.py", {"strategy": "pos", "races": True, "schedules": 120}),
    ],
)
def test_findings_are_those_of_one_process(program: Any, settings: dict[str, Any]) -> None:
    one, two = both(program, **settings)

    assert findings(one) == findings(two)


@pytest.mark.parametrize(
    "settings",
    [{"strategy": "dpor"}, {"strategy": "dfs", "preemptions": 1}, {"strategy": "dfs", "delays": 2}],
    ids=lambda settings: " ".join(map(str, settings.values())),
)
def test_tree_is_shared_by_its_branches(settings: dict[str, Any]) -> None:
    one, two = both(searched.counter, schedules=5000, **settings)

    assert two.exhausted is one.exhausted
    assert two.reason == one.reason
    assert two.distinct == one.distinct
    assert two.outcomes.keys() == one.outcomes.keys()
    if settings["strategy"] == "dpor":
        assert two.executions == one.executions


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["dpor", "auto"])
def test_every_class_of_a_large_tree_is_tried_once(strategy: str) -> None:
    one, two = both(searched.many_additions, strategy=strategy, schedules=10_000)

    assert one.exhausted
    assert findings(two) == findings(one)
    assert two.executions == two.distinct == one.executions > 3_000


def test_budget_is_kept_by_all_together() -> None:
    exploration = explore(searched.many_additions, strategy="dpor", schedules=300, jobs=2)

    assert exploration.executions == 300
    assert exploration.reason == "not exhausted: the budget of 300 schedules is used"


def test_branches_fail_as_the_whole_tree_does() -> None:
    settings: dict[str, Any] = {"check": searched.nothing_is_lost, "stop_on_first": False, "schedules": 5000}
    one, two = both(searched.counter, strategy="dpor", **settings)

    assert one.failure is not None
    assert {(each.where, each.kind) for each in two.failures} == {
        (each.where, each.kind) for each in one.failures
    }
    assert two.outcomes == one.outcomes


def test_auto_shares_its_portfolio() -> None:
    one, two = both(searched.five_thousand_orders, schedules=300)

    assert one.executions == 300
    assert findings(one) == findings(two)


def test_failure_is_the_first_one_of_the_search() -> None:
    one, two = both(searched.fails_rarely, strategy="random", schedules=300)

    assert one.failure is not None
    assert two.failure is not None
    assert two.failure.schedule_number == two.executions == one.executions
    assert two.failure.schedule_number > 100  # so it was found after the first part
    assert isinstance(two.failure.error, AssertionError)


def test_budget_of_time_is_kept() -> None:
    exploration = explore(searched.order_of_three, strategy="random", seconds=1.0, jobs=2)

    assert exploration.reason == "not exhausted: the budget of 1 seconds is used"
    assert exploration.seconds < 10


@pytest.mark.parametrize(
    ("program", "check"), [(lambda: None, None), (searched.order_of_three, lambda execution: True)]
)
def test_what_cannot_be_sent_is_refused(program: Callable[[], Any], check: Any) -> None:
    with pytest.raises(ThreadsimError, match=r"cannot be sent to another process: .* a script or a function"):
        explore(program, jobs=2, check=check)


def test_process_that_dies_is_said_and_its_part_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = tmp_path / "bomb"
    bomb.touch()
    monkeypatch.setenv(searched.DIES_IF, str(bomb))

    exploration = explore(searched.dies_once, strategy="random", schedules=10, jobs=2)

    assert exploration.executions == 10
    assert len(exploration.warnings) == 1
    assert exploration.warnings[0].startswith("a process was lost after schedule 0, and its part run again")
    exploration.assert_passed()


def test_process_that_dies_again_and_again_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(searched.DIES_IF, str(os.getpid()))

    exploration = explore(searched.dies, strategy="random", schedules=10, jobs=2)

    assert not exploration.exhausted
    assert len(exploration.warnings) == 2
    with pytest.raises(ThreadsimError, match="a process was lost 3 times after schedule 0"):
        exploration.assert_passed()


# Somebody else's executor.


def test_executor_finds_the_same_though_its_workers_are_threads() -> None:
    alone = explore(searched.fails_rarely, strategy="random", schedules=300, stop_on_first=False)

    with ThreadPoolExecutor(2) as executor:
        shared = explore(
            searched.fails_rarely,
            strategy="random",
            schedules=300,
            stop_on_first=False,
            executor=executor,
            jobs=2,
        )

    assert alone.failure is not None
    assert findings(alone) == findings(shared)


def test_executor_whose_process_dies_is_not_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = tmp_path / "bomb"
    bomb.touch()
    monkeypatch.setenv(searched.DIES_IF, str(bomb))

    with ThreadPoolExecutor(1) as executor:
        exploration = explore(searched.dies_once, strategy="random", schedules=10, executor=executor)

    assert exploration.executions == 10
    assert "ended with status 3" in exploration.warnings[0]


@pytest.mark.slow
def test_dask_cluster_of_processes_finds_the_same() -> None:
    distributed = pytest.importorskip("distributed")
    alone = explore(searched.fails_rarely, strategy="random", schedules=300, stop_on_first=False)

    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        shared = explore(
            searched.fails_rarely,
            strategy="random",
            schedules=300,
            stop_on_first=False,
            executor=client.get_executor(),
            jobs=2,
        )

    assert findings(alone) == findings(shared)
