"""The searches by name: those of the table, and the one that is made of them."""

from __future__ import annotations

from typing import Any

from threadsim.explore.auto import Auto
from threadsim.strategy import table
from threadsim.strategy.base import Search

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
