"""Seeded: searches that go from seed to seed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from threadsim.strategy.base import Strategy
from threadsim.strategy.steps import History

LEARNING = 5
"""How many executions are learnt from.

The first alone may have gone an unusual way. After these nothing changes any more: the strategy of a later
execution follows from its seed alone, so that several processes can share the seeds among them.
"""


class Sampler(Protocol):
    """Makes strategies of one kind from seeds, and learns of the program from the first executions."""

    name: str

    def make(self, seed: int, *, learning: bool) -> Strategy:
        """The strategy of an execution.

        Args:
            seed: What it follows from, besides what is known of the program.
            learning: Whether that execution will be learnt from.
        """

    def learn(self, history: History) -> None:
        """What happened in the execution whose strategy was made last."""


class Unlearned:
    """Makes strategies that nothing need be known for.

    Args:
        name: Of the strategy.
        make: Makes one from a seed.
    """

    def __init__(self, name: str, make: Callable[[int], Strategy]) -> None:
        self.name = name
        self._make = make

    def make(self, seed: int, *, learning: bool) -> Strategy:
        """The strategy of a seed."""
        return self._make(seed)

    def learn(self, history: History) -> None:
        """There is nothing to learn."""


class Seeded:
    """A search whose execution number i has the seed `seed` + i. It never tells when all has been tried.

    Args:
        sampler: Makes the strategies.
        seed: Of the first execution.

    Attributes:
        seed: Of the execution that begins or has begun.
    """

    exhausted = False

    def __init__(self, sampler: Sampler, seed: int) -> None:
        self.name = sampler.name
        self.seed = seed
        self._sampler = sampler
        self._ended = 0

    @property
    def _is_learning(self) -> bool:
        return self._ended < LEARNING

    def begin(self) -> Strategy:
        """The strategy of the next seed."""
        return self._sampler.make(self.seed, learning=self._is_learning)

    def end(self, history: History) -> None:
        """Learn from it, if it is one of the first; on to the next seed."""
        if self._is_learning:
            self._sampler.learn(history)
        self.skip(1)

    def skip(self, executions: int) -> None:
        """Go on as if so many more had ended, which others carry out.

        Everybody who shares a search begins with the first `LEARNING` executions, or with a copy of a search
        that has ended them.
        """
        self._ended += executions
        self.seed += executions
