"""CPython's own tests of `threading`, as far as they stay within one process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.conformance import (
    FEW,
    Conformance,
    conformance,
    names_of_tests,
    starts_processes,
)

threading_tests = pytest.importorskip(
    "test.test_threading", reason="this interpreter comes without its test package"
)

CLASSES = ("ThreadTests", "ThreadingExceptionTests", "ExceptHookTests", "TimerTests")

LEFT_OUT = {
    "test_PyThreadState_SetAsyncExc": "raises in an OS thread, by the number that the OS has for it",
    "test_disallow_instantiation": "the class makes the locks, as that of the real ones does from 3.13 on",
    "test_excepthook_thread_None": "C code prints the number that the OS has for the thread",
    "test_foreign_thread": "what `threading` knows of a thread that it did not start stays, as before 3.13",
}
"""Tests that cannot pass, with the reason."""

CASES = [
    (name, method)
    for name in CLASSES
    for method in names_of_tests(getattr(threading_tests, name))
    if method not in LEFT_OUT and not starts_processes(getattr(getattr(threading_tests, name), method))
]


@pytest.fixture(scope="module")
def inside() -> Iterator[Conformance]:
    with conformance() as found:
        yield found


@pytest.mark.parametrize(("name", "method"), CASES)
def test_threading_passes(name: str, method: str, inside: Conformance) -> None:
    inside.check(
        lambda: getattr(threading_tests, name), method, range(FEW), may_fail=name == "ExceptHookTests"
    )
