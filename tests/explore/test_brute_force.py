"""The witness: all interleavings of a litmus program. How many classes they are: see `test_dpor_classes`."""

from __future__ import annotations

from support.brute_force import interleavings
from support.litmus.shape import LITMUS, Litmus
from support.litmus_table import by_brute_force


def _named(name: str) -> Litmus:
    return next(litmus for litmus in LITMUS if litmus.name == name)


def _results(name: str) -> set[str]:
    return {result for _, result, *_ in by_brute_force(_named(name)).finals}


def test_interleavings_of_two_threads_with_a_point_each() -> None:
    """Beginning is a step too, and so is the start of the second thread, which others cannot precede."""
    assert by_brute_force(_named("two_sets")).count == 19


def test_store_buffering_never_shows_what_only_a_weak_memory_would() -> None:
    assert _results("store_buffering") == {"(0, 1)", "(1, 0)", "(1, 1)"}


def test_message_that_is_flagged_has_arrived() -> None:
    assert _results("message_passing") == {"'hello'", "None"}


def test_deadlock_is_found_and_so_is_its_absence() -> None:
    outcomes = {outcome for outcome, *_ in by_brute_force(_named("two_locks_in_opposite_orders")).finals}
    assert outcomes == {"passed", "deadlock"}


def test_nothing_to_choose_is_one_interleaving() -> None:
    assert interleavings(_named("barrier_that_one_does_not_reach").program).count == 1
