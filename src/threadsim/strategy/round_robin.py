"""Round robin: each ready thread in turn, one operation each."""

from __future__ import annotations

from collections.abc import Sequence

from threadsim.strategy.base import C


class RoundRobin:
    """The next thread by number, after the last the first.

    Args:
        seed: How many operations each thread does in its turn, less one: 0 switches at every point.
    """

    name = "round-robin"

    def __init__(self, seed: int) -> None:
        self._length = seed + 1
        self._left = self._length
        self._last = 0

    def choose(self, current: C | None, ready: Sequence[C], point: int) -> C:
        """The next in turn."""
        if current is not None and current.number == self._last and self._left > 1:
            self._left -= 1
            return current
        chosen = next((thread for thread in ready if thread.number > self._last), ready[0])
        self._last, self._left = chosen.number, self._length
        return chosen
