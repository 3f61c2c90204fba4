"""Random walk: at each scheduling point each ready thread is as likely as the others."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from threadsim.strategy.base import C


class RandomWalk:
    """Uniform among the ready threads at each point.

    Args:
        seed: The same seed gives the same choices, on every version of Python.
    """

    name = "random"

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random

    def choose(self, current: C | None, ready: Sequence[C], point: int) -> C:
        """Any of them."""
        return ready[int(self._random() * len(ready))]
