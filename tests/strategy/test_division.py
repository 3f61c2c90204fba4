"""A search for all interleavings in parts: each class once, whoever finds it."""

from __future__ import annotations

import pickle
from collections import deque

import pytest

from support.litmus.shape import Litmus
from support.litmus_table import PARAMETERS
from support.searched import counter, order_of_three
from threadsim.simulate.program import Function
from threadsim.simulate.simulator import Simulator
from threadsim.strategy.division import Division
from threadsim.strategy.dpor import Dpor

Found = list[tuple[int, str]]
"""Of each execution: which interleaving, and what it returned."""


def run(search: Dpor, simulator: Simulator, most: int | None = None) -> Found:
    found: Found = []
    while (most is None or len(found) < most) and (strategy := search.begin()) is not None:
        execution = simulator.execute(strategy, 0)
        search.end(execution.history)
        found.append((execution.interleaving, f"{execution.outcome} {execution.result}"))
    return found


def in_parts(program: object, first: int) -> tuple[Found, int]:
    """What is found if the search is divided after so many executions, and how many were in vain."""
    function = Function(program)  # type: ignore[arg-type]
    search = Dpor()
    with Simulator(function) as simulator:
        found = run(search, simulator, first)
    states = search.divide()
    assert states is not None
    division = Division(states, 0)
    parts = deque(division.parts())
    redundant = 0
    while parts:
        part = pickle.loads(pickle.dumps(parts.popleft()))
        with Simulator(function) as simulator:
            found += run(part, simulator)
        assert part.exhausted
        redundant += part.redundant
        parts += division.further(pickle.loads(pickle.dumps(part.outside)))
    return found, redundant


def whole(program: object) -> Found:
    with Simulator(Function(program)) as simulator:  # type: ignore[arg-type]
        return run(Dpor(), simulator)


@pytest.mark.parametrize("program", [counter, order_of_three])
@pytest.mark.parametrize("first", [1, 3, 5])
def test_parts_find_what_the_whole_finds(program: object, first: int) -> None:
    found, redundant = in_parts(program, first)
    expected = whole(program)

    assert redundant == 0
    assert len(found) == len(expected)
    assert {result for _, result in found} == {result for _, result in expected}


@pytest.mark.slow
@pytest.mark.parametrize("litmus", PARAMETERS)
@pytest.mark.parametrize("first", [1, 2])
def test_parts_of_a_litmus_program_find_as_many_classes_as_it_has(litmus: Litmus, first: int) -> None:
    found, redundant = in_parts(litmus.program, first)

    assert len(found) - redundant == litmus.classes
