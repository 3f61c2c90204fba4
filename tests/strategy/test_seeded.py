"""Searches that go from seed to seed: the same seed gives the same, in one process or shared among many."""

from __future__ import annotations

import pickle

import pytest

from support.threads import FakeKernel, accesses, executions, order_of
from threadsim.strategy.base import Search
from threadsim.strategy.seeded import LEARNING, Seeded
from threadsim.strategy.table import make_search

NAMES = ("random", "pct", "pos", "surw")


def program() -> FakeKernel:
    return FakeKernel(accesses("xy.x.yx"), accesses("y..x"), accesses("xx"))


def orders(search: Search, times: int = 20) -> list[str]:
    return [order_of(kernel) for kernel in executions(search, program, times)]


@pytest.mark.parametrize("name", NAMES)
def test_same_seed_same_executions(name: str) -> None:
    assert orders(make_search(name, 3)) == orders(make_search(name, 3))
    assert orders(make_search(name, 3)) != orders(make_search(name, 300))


@pytest.mark.parametrize("name", NAMES)
def test_each_execution_has_the_next_seed_and_never_is_the_last(name: str) -> None:
    search = make_search(name, 7)

    assert search.name == name
    assert search.seed == 7
    orders(search, 3)
    assert search.seed == 10
    assert not search.exhausted


@pytest.mark.parametrize("name", NAMES)
def test_shared_among_processes_it_gives_the_same(name: str) -> None:
    whole = orders(make_search(name, 0))

    learned = make_search(name, 0)
    orders(learned, LEARNING)
    other = pickle.loads(pickle.dumps(learned))
    assert isinstance(other, Seeded)
    other.skip(12 - LEARNING)

    assert orders(other, 8) == whole[12:]


@pytest.mark.parametrize("name", ["pct", "surw"])
def test_what_is_known_of_the_program_counts(name: str) -> None:
    """The first executions are learnt from: a search that begins with them goes on differently."""
    learned, fresh = make_search(name, 0), make_search(name, LEARNING)
    orders(learned, LEARNING)

    assert orders(learned) != orders(fresh)


def test_random_walk_and_pos_know_nothing() -> None:
    for name in ("random", "pos"):
        learned, fresh = make_search(name, 0), make_search(name, LEARNING)
        orders(learned, LEARNING)
        assert orders(learned) == orders(fresh)
