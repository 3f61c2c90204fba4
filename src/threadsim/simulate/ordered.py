"""Sets that keep the order of insertion, for code that iterates over sets of objects.

A plain set's order hangs on the addresses of what is in it, and differs from one execution to the next.
Where the standard library keeps threads or futures in sets, and takes their locks in that order, it does so
during an execution in the order in which they were added.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Self

from threadsim.simulate.stage import here


class OrderedSet(dict[Any, None]):
    """As much of a set as the standard library asks for."""

    def __init__(self, items: Iterable[Any] = ()) -> None:
        if items:
            super().__init__(dict.fromkeys(sorted(items, key=ordinal) if isinstance(items, set) else items))

    def add(self, item: Any) -> None:
        """As ``set.add``."""
        self[item] = None

    def discard(self, item: Any) -> None:
        """As ``set.discard``."""
        self.pop(item, None)

    def remove(self, item: Any) -> None:
        """As ``set.remove``."""
        del self[item]

    def difference_update(self, items: Iterable[Any]) -> None:
        """As ``set.difference_update``."""
        for item in items:
            self.pop(item, None)

    def __sub__(self, items: Collection[Any]) -> Self:
        return type(self)(item for item in self if item not in items)


class InOrder(set[Any]):
    """A set that is gone through in the order in which its members were made, as far as that is known."""

    def __iter__(self) -> Iterator[Any]:
        return iter(sorted(super().__iter__(), key=ordinal))


def new_set(items: Iterable[Any] = ()) -> set[Any] | OrderedSet:
    """In the place of ``set``: a plain one, for whoever is not simulated."""
    return set(items) if here() is None else OrderedSet(items)


def ordinal(obj: object) -> int:
    """In the place of ``id``: numbers that tell objects apart, in the order in which they are asked about."""
    kernel = here()
    if kernel is None:
        return id(obj)
    return kernel.registry.ordinal(obj)


_NAMES: dict[str, dict[str, Any]] = {
    "concurrent.futures.thread": {"set": new_set},
    "concurrent.futures._base": {"set": new_set, "id": ordinal},
}
"""By module: the builtins that mean something else in it."""


def install() -> None:
    """Give the modules that have been imported their own builtins."""
    for module, names in _NAMES.items():
        if module in sys.modules:
            vars(sys.modules[module]).update(names)


def remove() -> None:
    """Let them have the common ones again."""
    for module, names in _NAMES.items():
        if module in sys.modules:
            for name in names:
                vars(sys.modules[module]).pop(name, None)
