"""CPython's own tests of `queue` and `sched`, on simulated threads."""

from __future__ import annotations

import queue
import unittest
from collections.abc import Iterator

import pytest

from support.conformance import FEW, Conformance, TestClass, conformance, names_of_tests

queue_tests = pytest.importorskip("test.test_queue", reason="this interpreter comes without its test package")
sched_tests = pytest.importorskip("test.test_sched")

SIMPLE = "BaseSimpleQueueTest"

CLASSES = {
    name: getattr(queue_tests, name)
    for name in ("QueueTest", "LifoQueueTest", "PriorityQueueTest", "FailingQueueTest", SIMPLE)
}


def concrete(name: str) -> TestClass:
    def set_up(self: unittest.TestCase) -> None:
        self.type2test = queue.SimpleQueue  # type: ignore[attr-defined]
        CLASSES[SIMPLE].setUp(self)

    own = {"queue": queue} | ({"setUp": set_up} if name == SIMPLE else {})
    return type(name, (CLASSES[name], unittest.TestCase), own)


@pytest.fixture(scope="module")
def inside() -> Iterator[Conformance]:
    with conformance() as found:
        yield found


@pytest.mark.parametrize(
    ("name", "method"), [(name, method) for name, base in CLASSES.items() for method in names_of_tests(base)]
)
def test_queue_passes(name: str, method: str, inside: Conformance) -> None:
    takes_long = "many_threads" in method or method == "test_references"
    inside.check(lambda: concrete(name), method, range(1 if takes_long else FEW))


@pytest.mark.parametrize("method", names_of_tests(sched_tests.TestCase))
def test_scheduler_passes(method: str, inside: Conformance) -> None:
    inside.check(lambda: sched_tests.TestCase, method, range(FEW))
