"""Programs that tell whether a lock excludes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any


def in_two_threads(work: Callable[[], object]) -> Callable[[], None]:
    def program() -> None:
        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return program


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
