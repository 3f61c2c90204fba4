"""What has a twin during an execution, and was bound before: a parameter's default, an attribute.

``def __init__(self, timer=time.monotonic)`` keeps the real function, whatever its module says later. Such
places are found with the garbage collector, and exchanged for the length of each execution.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from types import CellType, FrameType, FunctionType, ModuleType
from typing import Any

from threadsim.simulate.places import Place, Twins, owners_of, places_in, referrers_of

_counts: tuple[int, ...] = ()
_known: list[Place] = []
"""The places as they were found the last time, and how often the originals were referred to then."""


class Early:
    """The places that there are now, outside of modules.

    Args:
        twins: Of the originals.
        ignored: Ids of what is to keep the originals.
    """

    def __init__(self, twins: Twins, ignored: Iterable[int]) -> None:
        global _counts
        counts = tuple([sys.getrefcount(original) for original, _ in twins.values()])
        if counts != _counts:
            _known[:] = _search(twins, set(ignored))
            _counts = tuple([sys.getrefcount(original) for original, _ in twins.values()])
        self._places = list(_known)

    def install(self) -> None:
        """Keep the twins there."""
        for place in self._places:
            place.exchange(place.original, place.twin)

    def remove(self) -> None:
        """Keep the originals there again."""
        for place in self._places:
            place.exchange(place.twin, place.original)


def _search(twins: Twins, ignored: set[int]) -> list[Place]:
    originals = [original for original, _ in twins.values()]
    ignored.add(id(originals))
    holders = [
        holder
        for holder in referrers_of(originals)
        if id(holder) not in ignored and not (type(holder) is dict and "__loader__" in holder)  # a module's
    ]
    return [
        place
        for holder in owners_of(holders)
        if _is_to_change(holder)
        for _, place in places_in(holder, twins)
    ]


def _is_to_change(holder: Any) -> bool:
    """Whether it is a class or an instance, or the defaults of a function; and not ours.

    A table in which somebody keeps the real functions on purpose is left alone.
    """
    if isinstance(holder, FrameType | ModuleType | Place | FunctionType | CellType | list | set):
        return False
    if isinstance(holder, tuple | dict):
        return any(
            isinstance(function, FunctionType)
            and (function.__defaults__ is holder or function.__kwdefaults__ is holder)
            and not _is_ours(function)
            for function in referrers_of([holder])
        )
    return not _is_ours(holder)


def _is_ours(holder: Any) -> bool:
    module = getattr(holder if isinstance(holder, type | FunctionType) else type(holder), "__module__", None)
    return isinstance(module, str) and module.partition(".")[0] == "threadsim"
