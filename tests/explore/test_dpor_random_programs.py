"""DPOR against brute force on programs that nobody thought of."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, example, given, reject, settings
from hypothesis import strategies as st

from support.brute_force import TooManyError, interleavings
from support.dpor import assert_each_class_once, searched
from support.litmus.generated import WORDS, program_of

KEYS = {"counts": frozenset("a")}

Scripts = Sequence[Sequence[str]]


def scripts(threads: int, longest: int) -> st.SearchStrategy[Scripts]:
    """What each of some threads does, in words."""
    script = st.lists(st.sampled_from(WORDS), min_size=1, max_size=longest)
    return st.lists(script, min_size=threads, max_size=threads)


def agree(scripts: Scripts, limit: int) -> None:
    program = program_of(scripts)
    try:
        expected = interleavings(program, KEYS, limit=limit)
    except TooManyError:
        reject()
    assert_each_class_once(searched(program, KEYS), expected)


fast = settings(derandomize=True, deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
slow = settings(fast, max_examples=80)


@fast
@given(scripts(threads=2, longest=2))
@example(
    [["acquire lock for a second"], ["acquire lock"]]
)  # the lock is lost at the point before it is taken
def test_two_threads(scripts: Scripts) -> None:
    agree(scripts, limit=250)


@pytest.mark.slow
@slow
@given(scripts(threads=2, longest=3))
def test_two_threads_at_length(scripts: Scripts) -> None:
    agree(scripts, limit=2000)


@pytest.mark.slow
@settings(slow, max_examples=40)
@given(scripts(threads=3, longest=2))
def test_three_threads_at_length(scripts: Scripts) -> None:
    agree(scripts, limit=1000)
