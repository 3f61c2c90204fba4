"""CPython's own tests of the primitives in `threading`, on simulated threads."""

from __future__ import annotations

import threading
import unittest
from collections.abc import Iterator

import pytest

from support.conformance import FEW, MANY, Conformance, TestClass, conformance, names_of_tests

lock_tests = pytest.importorskip("test.lock_tests", reason="this interpreter comes without its test package")

CLASSES = {
    "LockTests": (lock_tests.LockTests, {"locktype": "Lock"}),
    "PyRLockTests": (lock_tests.RLockTests, {"locktype": "_PyRLock"}),
    "CRLockTests": (lock_tests.RLockTests, {"locktype": "_CRLock"}),
    "EventTests": (lock_tests.EventTests, {"eventtype": "Event"}),
    "ConditionTests": (lock_tests.ConditionTests, {"condtype": "Condition"}),
    "ConditionAsRLockTests": (lock_tests.RLockTests, {"locktype": "Condition"}),
    "SemaphoreTests": (lock_tests.SemaphoreTests, {"semtype": "Semaphore"}),
    "BoundedSemaphoreTests": (lock_tests.BoundedSemaphoreTests, {"semtype": "BoundedSemaphore"}),
    "BarrierTests": (lock_tests.BarrierTests, {"barriertype": "Barrier"}),
}
"""As in CPython's test_threading: the abstract class, and what in `threading` it is to test."""

LEFT_OUT = {
    (
        "ConditionAsRLockTests",
        "test_recursion_count",
    ): "Condition has no _recursion_count; CPython skips it, too",
}
"""Tests that cannot pass, with the reason."""

CASES = [
    (name, method)
    for name, (base, _) in CLASSES.items()
    for method in names_of_tests(base)
    if (name, method) not in LEFT_OUT
]


def concrete(name: str) -> TestClass:
    base, attributes = CLASSES[name]
    kinds = {attribute: staticmethod(getattr(threading, kind)) for attribute, kind in attributes.items()}
    return type(name, (base, unittest.TestCase), kinds)


@pytest.fixture(scope="module")
def atomic() -> Iterator[Conformance]:
    """Switches at the primitives alone."""
    with conformance() as inside:
        yield inside


@pytest.fixture(scope="module")
def watched() -> Iterator[Conformance]:
    """Switches at each access to what CPython's tests share, too."""
    with conformance(include=("test",)) as inside:
        yield inside


@pytest.mark.parametrize(("name", "method"), CASES)
def test_passes(name: str, method: str, atomic: Conformance) -> None:
    atomic.check(lambda: concrete(name), method, range(FEW))


@pytest.mark.parametrize(("name", "method"), CASES)
def test_passes_with_switches_anywhere(name: str, method: str, watched: Conformance) -> None:
    watched.check(lambda: concrete(name), method, range(FEW))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "method"), CASES)
def test_passes_under_many_seeds(name: str, method: str, atomic: Conformance, watched: Conformance) -> None:
    atomic.check(lambda: concrete(name), method, range(FEW, MANY))
    watched.check(lambda: concrete(name), method, range(FEW, MANY))
