"""What has a twin during an execution, and was bound before: a parameter's default, an attribute.

``def __init__(self, timer=time.monotonic)`` keeps the real function, whatever its module says later. Such
places are found with the garbage collector, and exchanged for the length of each execution. Other tables, in
which somebody keeps the real functions on purpose, are left alone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
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
    kind: type[Place]
    key: Any

    @classmethod
    def of(cls, place: Place) -> _Known | None:
        """None if it cannot be kept."""
        lasting = place.lasting()
        return None if lasting is None else cls(*lasting, type(place), place.key)

    def now(self, twins: Twins) -> Place | None:
        """The place, if it is still there and keeps one of the originals."""
        holder, owner = self.holder(), self.owner()
        if holder is None or owner is None:
            return None
        value = self.kind(holder, self.key, None, None).get()
        return self.kind(holder, self.key, *twins[id(value)], owner) if id(value) in twins else None


_NO_OWNERS = (tuple, dict, list, set, ModuleType, FunctionType)

_counts: tuple[int, ...] = ()
"""How often the originals were referred to when the places were looked for."""

_known: list[_Known] = []


class Early:
    """The places that there are now, outside of modules.

    Args:
        twins: Of the originals.
    """

    def __init__(self, twins: Twins) -> None:
        references = tuple([sys.getrefcount(original) for original, _ in twins.values()])
        if references == _counts:
            self._places = [place for known in _known if (place := known.now(twins)) is not None]
        else:
            self._places = list(_search(twins))
            _remember(self._places, references)

    def install(self) -> None:
        """Keep the twins there."""
        for place in self._places:
            place.exchange(place.original, place.twin)

    def remove(self) -> None:
        """Keep the originals there again."""
        for place in self._places:
            place.exchange(place.twin, place.original)

    def let_go(self) -> None:
        """Forget them: what refers to an original is what the next one looks for."""
        self._places.clear()


def _remember(places: list[Place], references: tuple[int, ...]) -> None:
    """If all of them can be kept; else they are looked for each time."""
    global _counts
    known = [_Known.of(place) for place in places]
    _known[:] = [each for each in known if each is not None]
    _counts = references if len(_known) == len(places) else ()


def _search(twins: Twins) -> Iterator[Place]:
    holders = referrers_of([original for original, _ in twins.values()])
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
