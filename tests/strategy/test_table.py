"""Strategies by name, and what is said of a wrong one."""

from __future__ import annotations

import pytest

from threadsim import ThreadsimError
from threadsim.strategy.table import PURPOSES, SEARCHES, STRATEGIES, make_search, make_strategy, options_of


def test_name_is_the_strategys_own() -> None:
    assert [make_strategy(name, 0).name for name in STRATEGIES] == list(STRATEGIES)
    assert [make_search(name, 0).name for name in SEARCHES] == list(SEARCHES)


def test_option_goes_to_the_strategy_that_it_belongs_to() -> None:
    assert "depth" in options_of("pct")
    make_search("pct", 0, depth=5)


def test_each_option_has_a_purpose() -> None:
    assert {option for name in SEARCHES for option in options_of(name)} == set(PURPOSES)


def test_option_that_a_strategy_has_no_use_for_is_an_error_that_says_what_it_is_for() -> None:
    with pytest.raises(
        ThreadsimError, match=r"pos has no use for depth: that is for pct, and tells how many orderings"
    ):
        make_search("pos", 0, depth=3)


def test_option_that_nobody_knows_is_an_error_that_tells_those_there_are() -> None:
    with pytest.raises(ThreadsimError, match=r"pct has no option 'deep'; it has depth$"):
        make_search("pct", 0, deep=3)
    with pytest.raises(ThreadsimError, match=r"pos has no option 'deep'; it has none$"):
        make_search("pos", 0, deep=3)


def test_unknown_search_is_an_error_that_lists_those_there_are() -> None:
    with pytest.raises(
        ThreadsimError, match="no strategy 'best'; the strategies that search are random, pct"
    ):
        make_search("best", 0)


def test_round_robin_is_no_search() -> None:
    with pytest.raises(ThreadsimError, match=r"round-robin .* nothing to search with: simulate runs it; the"):
        make_search("round-robin", 0)
