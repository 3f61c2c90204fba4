"""What has a twin during an execution, and was bound before: a parameter's default, an attribute.

``def __init__(self, timer=time.monotonic)`` keeps the real function, whatever its module says later. Such
places are found with the garbage collector, and exchanged for the length of each execution. Other tables, in
which somebody keeps the real functions on purpose, are left alone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from types import FunctionType, ModuleType
from typing import Any

import attrs

from threadsim.simulate.places import Place, Twins, owners_of, places_in, referrers_of


class _Default(Place):
    """The default of a function's parameter, by its place among those that have one."""

    def get(self) -> Any:
        defaults = self.holder.__defaults__ or ()
        return defaults[self.key] if self.key < len(defaults) else None

    def put(self, new: Any) -> None:
        defaults = list(self.holder.__defaults__)
        defaults[self.key] = new
        self.holder.__defaults__ = tuple(defaults)


class _KeywordDefault(Place):
    """The same of one that is given by its name only."""

    def get(self) -> Any:
        return (self.holder.__kwdefaults__ or {}).get(self.key)

    def put(self, new: Any) -> None:
        self.holder.__kwdefaults__[self.key] = new


@attrs.frozen
class _Known:
    """A place as it was found; keeps nothing alive but a module's functions."""

    holder: Callable[[], Any]
    owner: Callable[[], Any]
    place: Callable[[Any, Any], Place]

    @classmethod
    def of(cls, place: Place) -> _Known | None:
        """None if it cannot be kept."""
        lasting = place.lasting()
        if lasting is None:
            return None
        kind, key, original, twin = type(place), place.key, place.original, place.twin
        return cls(*lasting, lambda holder, owner: kind(holder, key, original, twin, owner))

    def now(self) -> Place | None:
        """The place, if it is still there."""
        holder, owner = self.holder(), self.owner()
        return None if holder is None or owner is None else self.place(holder, owner)


_NO_OWNERS = (tuple, dict, list, set, ModuleType, FunctionType)

_counts: tuple[int, ...] = ()
"""How often the originals were referred to when the places were looked for."""

_known: list[_Known] = []


class Early:
    """The places that there are now, outside of modules.

    Args:
        twins: Of the originals.
        ignored: Ids of what is to keep the originals.
    """

    def __init__(self, twins: Twins, ignored: Iterable[int]) -> None:
        if _references(twins) == _counts:
            self._places = [place for known in _known if (place := known.now()) is not None]
        else:
            self._places = list(_search(twins, set(ignored)))
            _remember(self._places, twins)

    def install(self) -> None:
        """Keep the twins there."""
        for place in self._places:
            place.exchange(place.original, place.twin)

    def remove(self) -> None:
        """Keep the originals there again."""
        for place in self._places:
            place.exchange(place.twin, place.original)


def _references(twins: Twins) -> tuple[int, ...]:
    return tuple([sys.getrefcount(original) for original, _ in twins.values()])


def _remember(places: list[Place], twins: Twins) -> None:
    """If all of them can be kept; else they are looked for each time."""
    global _counts
    known = [_Known.of(place) for place in places]
    _known[:] = [each for each in known if each is not None]
    kept = len(places)  # each refers to an original, until it is forgotten
    _counts = _references(twins) if len(_known) == kept else ()


def _search(twins: Twins, ignored: set[int]) -> Iterator[Place]:
    originals = [original for original, _ in twins.values()]
    ignored.add(id(originals))
    holders = [each for each in referrers_of(originals) if id(each) not in ignored]
    attributes = [
        each for each in holders if type(each) is not dict or "__loader__" not in each
    ]  # no module's
    for owner in owners_of(attributes):
        if not isinstance(owner, _NO_OWNERS) and _is_anothers(owner):
            yield from (place for _, place in places_in(owner, twins))
    for function in referrers_of([each for each in holders if type(each) in (tuple, dict)]):
        if isinstance(function, FunctionType) and _is_anothers(function):
            yield from _defaults(function, twins)


def _defaults(function: FunctionType, twins: Twins) -> Iterator[Place]:
    for index, value in enumerate(function.__defaults__ or ()):
        if id(value) in twins:
            yield _Default(function, index, *twins[id(value)], function)
    for name, value in (function.__kwdefaults__ or {}).items():
        if id(value) in twins:
            yield _KeywordDefault(function, name, *twins[id(value)], function)


def _is_anothers(owner: Any) -> bool:
    """Whether it is neither ours nor the interpreter's."""
    if type(owner) is staticmethod:
        return True
    module = getattr(owner if isinstance(owner, type | FunctionType) else type(owner), "__module__", None)
    return isinstance(module, str) and module.partition(".")[0] not in ("threadsim", "builtins")
