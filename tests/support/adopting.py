"""Programs that tell whether a lock excludes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from support.searched import run_threads


def in_two_threads(work: Callable[[], object]) -> Callable[[], None]:
    """A program that does the same in two threads."""
    return lambda: run_threads(work, work)


def held_by(lock: Callable[[], Any]) -> Callable[[], None]:
    """A program in which a lost update shows that the lock does not exclude."""
    total = 0

    def add() -> None:
        nonlocal total
        with lock():
            seen = total
            total = seen + 1

    def program() -> None:
        nonlocal total
        total = 0
        in_two_threads(add)()
        assert total == 2

    return program
