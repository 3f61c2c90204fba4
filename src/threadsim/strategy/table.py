"""The strategies by name."""

from __future__ import annotations

from collections.abc import Callable

from threadsim.model.errors import ThreadsimError
from threadsim.strategy.base import Strategy
from threadsim.strategy.random_walk import RandomWalk
from threadsim.strategy.round_robin import RoundRobin

STRATEGIES: dict[str, Callable[[int], Strategy]] = {
    RandomWalk.name: RandomWalk,
    RoundRobin.name: RoundRobin,
}
"""What makes a strategy from a seed."""


def make_strategy(name: str, seed: int) -> Strategy:
    """The strategy of a name.

    Raises:
        ThreadsimError: There is none; the message lists those that there are.
    """
    if name not in STRATEGIES:
        raise ThreadsimError(f"there is no strategy {name!r}; the strategies are {', '.join(STRATEGIES)}")
    return STRATEGIES[name](seed)
