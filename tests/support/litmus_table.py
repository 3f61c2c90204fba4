"""All litmus programs, and what brute force finds of each: worked out once a session."""

from __future__ import annotations

from functools import cache

import pytest

from support.brute_force import Interleavings, interleavings
from support.litmus import containers, locks, memory, queues, signals, threads
from support.litmus.shape import LITMUS, Litmus

PARAMETERS = [
    pytest.param(litmus, id=litmus.name, marks=[pytest.mark.slow] if litmus.slow else []) for litmus in LITMUS
]
"""For ``pytest.mark.parametrize``: those with many interleavings are slow."""

_WRITTEN_DOWN = (memory, locks, signals, queues, containers, threads)


@cache
def by_brute_force(litmus: Litmus) -> Interleavings:
    """All interleavings of a program of the table."""
    return interleavings(litmus.program, litmus.keys)
