"""A search for all interleavings in parts: each class once, whoever finds it and whenever."""

from __future__ import annotations

import pickle
from collections import deque
from typing import Any, TypeVar

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.brute_force import Class, class_of, simulator_of
from support.dpor import searched
from support.litmus.shape import LITMUS, Litmus
from support.litmus_table import PARAMETERS
from threadsim.simulate.simulator import Simulator
from threadsim.strategy.base import Search
from threadsim.strategy.dpor import Dpor
from threadsim.strategy.subtrees import Division

T = TypeVar("T")


@attrs.frozen
class Way:
    """How a search is divided.

    Attributes:
        first: After how many executions.
        bundle: How many parts somebody gets at once.
        turn: After how many executions he tells what is left of them.
        helpers: How many have parts at the same time.
        is_late: Whether what was given out last is carried out first.
    """

    first: int = 1
    bundle: int = 1
    turn: int | None = None
    helpers: int = 1
    is_late: bool = False


BY_NAME = {litmus.name: litmus for litmus in LITMUS}

WAYS = [
    Way(),
    Way(turn=3, bundle=2, helpers=4),
    Way(first=2, turn=1, helpers=3, is_late=True),
    Way(first=5, turn=7, bundle=3, helpers=5, is_late=True),
]


@attrs.define
class Sum:
    """What came of all parts together."""

    classes: list[Class] = attrs.field(factory=list)
    redundant: int = 0
    lacks: bool = False


def run(search: Search, simulator: Simulator, litmus: Litmus, most: int | None) -> list[Class]:
    classes: list[Class] = []
    while (most is None or len(classes) < most) and (strategy := search.begin()) is not None:
        execution = simulator.execute(strategy, 0)
        search.end(execution.history)
        classes.append(class_of(execution.trace, litmus.keys))
    return classes


def elsewhere(value: T) -> T:
    """As it is in another process."""
    copied: T = pickle.loads(pickle.dumps(value))
    return copied


def in_parts(litmus: Litmus, way: Way) -> Sum:
    search = Dpor()
    with simulator_of(litmus.program) as simulator:
        found = Sum(run(search, simulator, litmus, way.first))
        if not search.can_be_divided:
            found.classes += run(search, simulator, litmus, None)
            return attrs.evolve(found, redundant=search.redundant)
        division = Division(search)
        under_way: deque[Any] = deque()
        while division.waiting or under_way:
            while division.waiting and len(under_way) < way.helpers:
                under_way.append(elsewhere(division.take(way.bundle)))
            part = under_way.pop() if way.is_late else under_way.popleft()
            found.classes += run(part, simulator, litmus, way.turn)
            found.redundant += part.redundant
            division.put(elsewhere(part.told()))
    return attrs.evolve(found, redundant=found.redundant + search.redundant, lacks=division.lacks)


def assert_parts_make_the_whole(found: Sum, classes: set[Class]) -> None:
    assert not found.lacks
    assert found.redundant == 0
    assert len(found.classes) == len(set(found.classes))
    assert set(found.classes) == classes


@pytest.mark.parametrize("name", ["counter_3x1", "semaphore_of_two_for_three", "counter_2x2"])
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_parts_find_each_class_once(name: str, way: Way) -> None:
    whole = searched(BY_NAME[name].program, BY_NAME[name].keys).classes

    assert_parts_make_the_whole(in_parts(BY_NAME[name], way), set(whole))


@given(
    way=st.builds(
        Way,
        first=st.integers(1, 40),
        bundle=st.integers(1, 5),
        turn=st.integers(1, 50),
        helpers=st.integers(1, 8),
        is_late=st.booleans(),
    )
)
@settings(max_examples=5, deadline=None)
def test_counter_has_328_classes_however_it_is_divided(way: Way) -> None:
    found = in_parts(BY_NAME["counter_2x3"], way)

    assert_parts_make_the_whole(found, set(found.classes))
    assert len(found.classes) == 328


@pytest.mark.slow
@pytest.mark.parametrize("litmus", PARAMETERS)
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_parts_of_a_litmus_program_find_the_classes_that_it_has(litmus: Litmus, way: Way) -> None:
    whole = searched(litmus.program, litmus.keys).classes

    assert_parts_make_the_whole(in_parts(litmus, way), set(whole))


def test_part_that_is_told_of_before_it_began_is_given_out_again() -> None:
    litmus = BY_NAME["counter_2x2"]
    search = Dpor()
    with simulator_of(litmus.program) as simulator:
        run(search, simulator, litmus, 1)
    division = Division(search)
    waiting = division.waiting

    division.put(division.take(1).told())

    assert division.waiting == waiting
