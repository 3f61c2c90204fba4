"""Programs that can be imported in another process."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any

from threadsim.simulate.execution import Execution

DIES_IF = "DIES_IF_THERE_IS"


def run_threads(*bodies: Callable[[], Any]) -> None:
    """Start a thread for each, and wait for all."""
    threads = [threading.Thread(target=body) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def order_of_three() -> str:
    """Six orders, more than six interleavings; all pass."""
    order: list[str] = []
    lock = threading.Lock()

    def put(letter: str) -> None:
        with lock:
            order.append(letter)

    run_threads(lambda: put("a"), lambda: put("b"), lambda: put("c"))
    return "".join(order)


def is_not_cba(execution: Execution) -> bool:
    """A check that one order in six fails."""
    return bool(execution.result != "cba")


def counter() -> int:
    """Two threads add to it twice each; an addition may be lost."""
    value = 0

    def add() -> None:
        nonlocal value
        value += 1
        value += 1

    run_threads(add, add)
    return value


def many_additions() -> int:
    """Two threads add to it four times each: 3,334 classes."""
    value = 0

    def add() -> None:
        nonlocal value
        for _ in range(4):
            value += 1

    run_threads(add, add)
    return value


def nothing_is_lost(execution: Execution) -> bool:
    """A check of `counter`."""
    return bool(execution.result == 4)


def fails_rarely() -> None:
    """One order in 120 fails."""
    assert _order_of(5) != [2, 0, 1, 3, 4]


def five_thousand_orders() -> None:
    """Too many for a small budget."""
    _order_of(7)


def _order_of(number: int) -> list[int]:
    order: list[int] = []

    def body(each: int) -> Callable[[], None]:
        return lambda: order.append(each)

    run_threads(*map(body, range(number)))
    return order


def dies_once() -> None:
    """The process ends if there is a file, which it takes away before; afterwards all is well."""
    run_threads(lambda: None)
    path = os.environ.get(DIES_IF)
    if path is not None and os.path.exists(path):
        os.remove(path)
        os._exit(3)


def dies() -> None:
    """The process ends, unless it is the one that said so."""
    run_threads(lambda: None)
    if os.environ.get(DIES_IF) != str(os.getpid()):
        os._exit(3)
