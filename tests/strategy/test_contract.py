"""Each strategy keeps the promises that a strategy makes."""

from __future__ import annotations

import pytest

from support.strategy_contract import strategy_contract
from support.threads import FakeKernel, accesses, executions
from threadsim.strategy.base import Strategy
from threadsim.strategy.seeded import LEARNING, Seeded
from threadsim.strategy.table import SEARCHES, STRATEGIES, make_search

SEEDED = [name for name in SEARCHES if isinstance(make_search(name, 0), Seeded)]


@pytest.mark.parametrize("name", STRATEGIES)
def test_strategy_for_one_execution(name: str) -> None:
    strategy_contract(STRATEGIES[name])


@pytest.mark.parametrize("name", SEEDED)
def test_strategy_of_a_search_that_knows_the_program(name: str) -> None:
    def make(seed: int) -> Strategy:
        search = make_search(name, seed)
        executions(search, lambda: FakeKernel(accesses("xxy.x"), accesses("yx")), LEARNING)
        strategy = search.begin()
        assert strategy is not None
        return strategy

    strategy_contract(make)
