"""Three dining philosophers (Dijkstra 1971): too many interleavings to go through all of them."""

from __future__ import annotations

import threading
from typing import Any

from support.litmus.shape import run


def three_philosophers() -> None:
    """Each takes the fork to his left first."""
    forks = threading.Lock(), threading.Lock(), threading.Lock()

    def dine(left: Any, right: Any) -> None:
        with left, right:
            pass

    run(*[lambda i=i: dine(forks[i], forks[(i + 1) % 3]) for i in range(3)])
