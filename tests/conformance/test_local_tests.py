"""CPython's own tests of thread-local data, on simulated threads."""

from __future__ import annotations

import threading
import unittest
from collections.abc import Iterator

import pytest

from support.conformance import FEW, Conformance, TestClass, conformance, names_of_tests

local_tests = pytest.importorskip(
    "test.test_threading_local", reason="this interpreter comes without its test package"
)


@pytest.fixture(scope="module")
def inside() -> Iterator[Conformance]:
    with conformance(collects=True) as found:
        yield found


def local_test() -> TestClass:
    return type("LocalTest", (unittest.TestCase, local_tests.BaseLocalTest), {"_local": threading.local})


@pytest.mark.parametrize("method", names_of_tests(local_tests.BaseLocalTest))
def test_local_data_passes(method: str, inside: Conformance) -> None:
    inside.check(local_test, method, range(FEW))
