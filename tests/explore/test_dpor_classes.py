"""DPOR runs one execution for each class that brute force finds, no more and no fewer."""

from __future__ import annotations

import pytest

from support.dpor import assert_each_class_once, searched
from support.litmus.philosophers import three_philosophers
from support.litmus.shape import Litmus
from support.litmus_table import PARAMETERS, by_brute_force


@pytest.mark.parametrize("litmus", PARAMETERS)
def test_one_execution_for_each_class(litmus: Litmus) -> None:
    """Both in one test: all interleavings take long, and the next test may be in another process."""
    all_there_are = by_brute_force(litmus)
    assert len(all_there_are.classes) == litmus.classes  # as was counted by a person
    assert_each_class_once(searched(litmus.program, litmus.keys), all_there_are)


def test_three_philosophers_deadlock_in_one_class_of_seven() -> None:
    """Each fork goes to one neighbour first: 2³ ways, less two that go round, and the deadlock."""
    found = searched(three_philosophers)
    assert len(found.classes) == len(set(found.classes)) == 7
    assert {outcome for outcome, *_ in found.finals} == {"passed", "deadlock"}
    assert found.search.exhausted
