"""The strategies by name: those for one execution, and the searches over many."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from threadsim.model.errors import ThreadsimError
from threadsim.strategy import dfs
from threadsim.strategy.base import Search, Strategy
from threadsim.strategy.dfs import Dfs
from threadsim.strategy.dpor import Dpor
from threadsim.strategy.pct import DEPTH, Pct, PctSampler
from threadsim.strategy.pos import Pos
from threadsim.strategy.random_walk import RandomWalk
from threadsim.strategy.round_robin import RoundRobin
from threadsim.strategy.seeded import Seeded, Unlearned
from threadsim.strategy.surw import Surw, SurwSampler

STRATEGIES: dict[str, Callable[[int], Strategy]] = {
    RandomWalk.name: RandomWalk,
    RoundRobin.name: RoundRobin,
    Pct.name: Pct,
    Pos.name: Pos,
    Surw.name: Surw,
}
"""What makes a strategy from a seed, for a single execution."""


def _random(seed: int) -> Search:
    return Seeded(Unlearned(RandomWalk.name, RandomWalk), seed)


def _pct(seed: int, *, depth: int = DEPTH) -> Search:
    return Seeded(PctSampler(depth), seed)


def _pos(seed: int) -> Search:
    return Seeded(Unlearned(Pos.name, Pos), seed)


def _surw(seed: int) -> Search:
    return Seeded(SurwSampler(), seed)


def _dfs(seed: int, *, preemptions: int | None = None, delays: int | None = None) -> Search:
    if delays is None:
        return Dfs(seed, bound=preemptions)
    if preemptions is not None:
        raise ThreadsimError("dfs is bounded by preemptions or by delays, not by both")
    return Dfs(seed, bound=delays, costs=dfs.delays)


def _dpor(seed: int, *, preemptions: int | None = None) -> Search:
    return Dpor(seed, preemptions=preemptions)


SEARCHES: dict[str, Callable[..., Search]] = {
    RandomWalk.name: _random,
    Pct.name: _pct,
    Pos.name: _pos,
    Surw.name: _surw,
    Dfs.name: _dfs,
    Dpor.name: _dpor,
}
"""What makes a search from a seed; what else it can be told are its keyword arguments."""

PURPOSES: dict[str, str] = {
    "depth": "how many orderings of operations it takes to bring about the bug that is looked for",
    "preemptions": "how many switches away from a thread that could go on there may be",
    "delays": "how often the scheduler may pass over the thread whose turn it is",
}
"""What each option is for."""


def make_strategy(name: str, seed: int) -> Strategy:
    """The strategy of a name.

    Raises:
        ThreadsimError: There is none; the message lists those that there are.
    """
    if name not in STRATEGIES:
        raise ThreadsimError(f"there is no strategy {name!r}; the strategies are {', '.join(STRATEGIES)}")
    return STRATEGIES[name](seed)


def make_search(name: str, seed: int, **options: Any) -> Search:
    """The search of a name.

    Args:
        name: Of the strategy.
        seed: The same seed gives the same search.
        options: What that strategy can be told.

    Raises:
        ThreadsimError: There is no such search, or it has no use for an option; the message tells what there
            is, and what the option is for.
    """
    if name not in SEARCHES:
        raise ThreadsimError(_no_search(name))
    for option in options:
        if option not in options_of(name):
            raise ThreadsimError(_no_use(name, option))
    return SEARCHES[name](seed, **options)


def options_of(name: str) -> list[str]:
    """The options that a search can be told."""
    return list(inspect.signature(SEARCHES[name]).parameters)[1:]


def _no_search(name: str) -> str:
    those = f"the strategies that search are {', '.join(SEARCHES)}"
    if name in STRATEGIES:
        return f"{name} is one schedule and nothing to search with: simulate runs it; {those}"
    return f"there is no strategy {name!r}; {those}"


def _no_use(name: str, option: str) -> str:
    users = [other for other in SEARCHES if option in options_of(other)]
    if not users:
        known = options_of(name)
        return f"{name} has no option {option!r}; " + (
            f"it has {', '.join(known)}" if known else "it has none"
        )
    purpose = PURPOSES.get(option)
    tells = f", and tells {purpose}" if purpose else ""
    return f"{name} has no use for {option}: that is for {' and '.join(users)}{tells}"
