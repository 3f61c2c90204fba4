"""Runs tests of CPython's own, made for `unittest`, inside the simulator."""

from __future__ import annotations

import unittest
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from unittest import mock

import pytest

from threadsim.simulate.program import Function
from threadsim.simulate.simulator import Simulator
from threadsim.strategy.random_walk import RandomWalk

TestClass = type[unittest.TestCase]

FEW, MANY = 5, 20
"""How many seeds a conformance test runs under: always, and when there is time."""


class Conformance:
    """One simulator for many tests. Each runs in executions of its own, one a seed."""

    def __init__(self, include: Sequence[str] = ()) -> None:
        self._make_case: Callable[[], unittest.TestCase] = unittest.TestCase
        self.simulator = Simulator(Function(self._program), include=include)

    def _program(self) -> unittest.TestResult:
        result = unittest.TestResult()
        unittest.TestSuite([self._make_case()]).run(result)
        return result

    def check(self, make_class: Callable[[], TestClass], method: str, seeds: Sequence[int]) -> None:
        """Run a test, and fail as it fails; skipped if it skips itself.

        Args:
            make_class: Called within each execution, so that what the class refers to is simulated.
            method: The name of the test.
            seeds: Of the random walk.
        """
        self._make_case = lambda: make_class()(method)
        for seed in seeds:
            execution = self.simulator.execute(RandomWalk(seed), seed)
            execution.assert_passed()
            _check(execution.result, seed)


@contextmanager
def conformance(include: Sequence[str] = ()) -> Iterator[Conformance]:
    """For the length of a module of tests.

    CPython's tests collect garbage thrice before and after each of them, which would take nearly all of the
    time. What they test is let go of by counting references.
    """
    inside = Conformance(include)
    with mock.patch("test.support.gc_collect"), inside.simulator:
        yield inside


def _check(result: unittest.TestResult, seed: int) -> None:
    if result.skipped:
        pytest.skip(result.skipped[0][1])
    told = "\n".join(text for _, text in result.failures + result.errors)
    assert not told, f"under seed {seed}: {told}"
    assert result.testsRun == 1


def names_of_tests(base: type) -> list[str]:
    """The names of a test class's methods that are tests."""
    return unittest.defaultTestLoader.getTestCaseNames(base)  # type: ignore[arg-type]
