"""DPOR run to its end, and the classes that it met on the way."""

from __future__ import annotations

import attrs

from support.brute_force import Class, Final, Interleavings, Program, class_of, final_of, simulator_of
from support.touches import NO_KEYS, Keys
from threadsim.strategy.dpor import Dpor


@attrs.frozen
class Searched:
    """What a search came to.

    Attributes:
        classes: That of each execution.
        finals: What came of them.
        search: The search itself.
    """

    classes: list[Class]
    finals: set[Final]
    search: Dpor


def searched(program: Program, keys: Keys = NO_KEYS) -> Searched:
    """Run DPOR on a program until there is nothing left to try."""
    search = Dpor(seed=0)
    found = Searched([], set(), search)
    with simulator_of(program) as simulator:
        while (strategy := search.begin()) is not None:
            execution = simulator.execute(strategy, search.seed)
            search.end(execution.history)
            found.classes.append(class_of(execution.trace, keys))
            found.finals.add(final_of(execution))
    return found


def assert_each_class_once(found: Searched, expected: Interleavings) -> None:
    """Check that a search met all that there is, each class in one execution, and says so."""
    assert found.finals == expected.finals
    assert set(found.classes) == set(expected.classes)
    assert len(found.classes) == len(expected.classes)
    assert found.search.redundant == 0
    assert found.search.exhausted
