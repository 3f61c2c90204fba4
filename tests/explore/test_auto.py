"""Auto: a few random executions, then all there are if they promise to end, else random ones again."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from support import searched
from threadsim import explore
from threadsim.explore.auto import A_FEW, FAIR_TRY, FIRST, Auto
from threadsim.simulate.execution import Execution

WARM_UP = A_FEW * len(FIRST)


def strategies_of(program: object, **settings: object) -> list[str]:
    """What chose in each execution."""
    used: list[str] = []

    def note(execution: Execution) -> None:
        used.append(execution.strategy)

    explore(program, check=note, **settings)  # type: ignore[arg-type]
    return used


def test_small_program_is_tried_out_after_a_few_random_executions() -> None:
    used = strategies_of(searched.order_of_three)

    assert used[:WARM_UP] == ["random", "pct"] * A_FEW
    assert set(used[WARM_UP:]) == {"dpor"}


def test_large_program_gets_the_random_ones_in_turn() -> None:
    used = strategies_of(searched.five_thousand_orders, schedules=200)

    assert used[WARM_UP : WARM_UP + FAIR_TRY] == ["dpor"] * FAIR_TRY
    rest = used[WARM_UP + FAIR_TRY :]
    assert rest == (["random", "pct", "pos", "surw"] * 50)[: len(rest)]
    assert len(used) == 200


@pytest.mark.slow
def test_large_budget_keeps_it_going() -> None:
    exploration = explore(searched.five_thousand_orders, schedules=6000)

    assert exploration.exhausted
    assert exploration.reason == "all 5,040 interleavings were tried"


def test_small_budget_is_kept() -> None:
    assert strategies_of(searched.order_of_three, schedules=2) == ["random", "pct"]


@pytest.mark.parametrize("skipped", [(1, 2, 3), (6,), (4, 4, 4, 1)])
def test_skipping_is_as_if_others_had_carried_them_out(skipped: Sequence[int]) -> None:
    one, other = Auto(5, None), Auto(5, None)
    for number in skipped:
        one.skip(number)
    other.skip(sum(skipped))

    assert one._turn == other._turn
    assert {name: search.seed for name, search in one._random.items()} == {
        name: search.seed for name, search in other._random.items()
    }
