"""Runs tests of CPython's own, made for `unittest`, inside the simulator."""

from __future__ import annotations

import inspect
import unittest
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from unittest import mock

import pytest

from threadsim.model.trace import Outcome
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

    def check(
        self,
        make_class: Callable[[], TestClass],
        method: str,
        seeds: Sequence[int],
        *,
        may_fail: bool = False,
    ) -> None:
        """Run a test, and fail as it fails; skipped if it skips itself.

        Args:
            make_class: Called within each execution, so that what the class refers to is simulated.
            method: The name of the test.
            seeds: Of the random walk.
            may_fail: Whether a thread of the test's may end in an exception that nobody catches.
        """
        self._make_case = lambda: make_class()(method)
        for seed in seeds:
            execution = self.simulator.execute(RandomWalk(seed), seed)
            if not (may_fail and execution.outcome is Outcome.FAILED):
                execution.assert_passed()
            _check(execution.result, seed)


@contextmanager
def conformance(include: Sequence[str] = (), *, collects: bool = False) -> Iterator[Conformance]:
    """For the length of a module of tests.

    Args:
        include: Packages whose shared accesses are scheduling points, too.
        collects: Whether the tests need the garbage collector. Most of CPython's collect garbage thrice
            before and after each, which takes nearly all of the time, though counting references would do.
    """
    inside = Conformance(include)
    with nullcontext() if collects else mock.patch("test.support.gc_collect"), inside.simulator:
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


def starts_processes(method: Callable[..., object]) -> bool:
    """Whether a test runs another interpreter, or forks: nothing of it is simulated but the waiting."""
    text = inspect.getsource(method)
    return any(word in text for word in ("assert_python_", "fork", "spawn_python", "run_in_subinterp"))
