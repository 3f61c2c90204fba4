"""The searches by name: those of the table, and the one that is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from threadsim.explore.auto import Auto
from threadsim.strategy import table
from threadsim.strategy.base import Search
from threadsim.strategy.dpor import Dpor
from threadsim.strategy.seeded import LEARNING
from threadsim.strategy.subtrees import Subtrees

SEARCH_NAMES: tuple[str, ...] = (Auto.name, *table.SEARCHES)

_AUTOS_OPTIONS = ("depth",)


def options_of(name: str) -> tuple[str, ...]:
    """What a search can be told besides its seed."""
    return _AUTOS_OPTIONS if name == Auto.name else tuple(table.options_of(name))


def users_of(option: str) -> list[str]:
    """The searches that have a use for an option."""
    return [name for name in SEARCH_NAMES if option in options_of(name)]


def make_search(name: str, seed: int, most: int | None, **options: Any) -> Search:
    """The search of a name.

    Args:
        name: One of `SEARCH_NAMES`.
        seed: The same seed gives the same search.
        most: How many executions there will be at most, None if nobody knows.
        options: What that search can be told.
    """
    if name == Auto.name:
        return Auto(seed, most, **options)
    return table.make_search(name, seed, **options)


@runtime_checkable
class Divisible(Protocol):
    """A search of which several processes can carry out a part each."""

    def split(self, parts: int) -> Sequence[Search]:
        """What is left of it, in about so many parts."""


@runtime_checkable
class Skipping(Protocol):
    """A search of which others may carry out some executions, each of which follows from its seed alone."""

    def skip(self, executions: int) -> None:
        """Go on as if so many more had ended."""


BEFORE_DIVISION = 20
"""Executions after which there is something to divide."""


def can_divide(search: Search, executions: int) -> bool:
    """Whether what is left of a search can be shared after so many executions."""
    if isinstance(search, Auto):
        return search.settled or _is_sure(search.systematic)
    if isinstance(search, Dpor):
        return executions >= BEFORE_DIVISION and search.can_be_divided
    if isinstance(search, Divisible):
        return executions >= BEFORE_DIVISION
    return isinstance(search, Skipping) and executions >= LEARNING


def _is_sure(search: Search | None) -> bool:
    return isinstance(search, Dpor) and search.can_be_divided


def divided(search: Search, parts: int) -> tuple[Search, ...]:
    """What is left of it, as searches; one that can skip or tells what is left is left as it is."""
    if isinstance(search, Auto) and search.systematic is not None:
        return (search.systematic,)
    return tuple(search.split(parts)) if isinstance(search, Divisible) else (search,)


def tells(search: Search) -> bool:
    """Whether a part of a search, when it ends, has something to tell whoever gave it out."""
    return isinstance(search, Subtrees)
