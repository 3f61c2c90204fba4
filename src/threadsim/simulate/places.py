"""Where an object is kept, so that another can be kept there for a while.

An item of a dictionary, a list, a tuple or a set, the cell of a closure, a slot, an attribute of a class: all
that the garbage collector tells of.
"""

from __future__ import annotations

import ctypes
import gc
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from types import CellType, MappingProxyType, ModuleType
from typing import Any
from weakref import ref

import attrs

Twins = Mapping[int, tuple[Any, Any]]
"""By the id of an object: the object, and what is to be kept in its place."""


@attrs.frozen(slots=True, eq=False)
class Place:
    """An item of a dictionary or a list."""

    holder: Any
    key: Any
    original: Any
    twin: Any
    owner: Any = None
    """The instance whose dictionary it is, or the holder itself."""

    def lasting(self) -> tuple[Callable[[], Any], Callable[[], Any]] | None:
        """What gives holder and owner as long as they live, and keeps neither alive; None if nothing can."""
        if type(self.holder) is dict and self.owner is self.holder:
            if "__spec__" not in self.holder:
                return None
            namespace = self.holder  # a module's
            return (lambda: namespace,) * 2
        owner = _weakly(self.owner)
        if owner is None:
            return None
        if self.owner is self.holder:
            return owner, owner
        return (lambda: getattr(owner(), "__dict__", None)), owner

    def exchange(self, old: Any, new: Any) -> None:
        """Keep something else there, unless it has changed meanwhile: another OS thread may be at it, too."""
        if self.get() is old:
            try:
                self.put(new)
            except (KeyError, IndexError):
                pass

    def get(self) -> Any:
        """What is kept there now, None if nothing is."""
        try:
            return self.holder[self.key]
        except (KeyError, IndexError):
            return None

    def put(self, new: Any) -> None:
        """Keep something else there."""
        self.holder[self.key] = new


def _weakly(obj: Any) -> Callable[[], Any] | None:
    try:
        return ref(obj)
    except TypeError:
        return None


class _Cell(Place):
    """The cell of a closure; `key` does not count."""

    def get(self) -> Any:
        try:
            return self.holder.cell_contents
        except ValueError:
            return None

    def put(self, new: Any) -> None:
        self.holder.cell_contents = new


class _Slot(Place):
    """A slot of an instance."""

    def get(self) -> Any:
        return getattr(self.holder, self.key, None)

    def put(self, new: Any) -> None:
        object.__setattr__(self.holder, self.key, new)


class _Static(Place):
    """What a static method of a class stands for; `key` does not count."""

    def get(self) -> Any:
        return self.holder.__func__

    def put(self, new: Any) -> None:
        self.holder.__init__(new)


class _OfClass(Place):
    """An attribute of a class."""

    def get(self) -> Any:
        return vars(self.holder).get(self.key)

    def put(self, new: Any) -> None:
        setattr(self.holder, self.key, new)


class _Member(Place):
    """A member of a set; `key` does not count."""

    def exchange(self, old: Any, new: Any) -> None:
        if old in self.holder:
            self.holder.remove(old)
            self.holder.add(new)

    def get(self) -> Any:
        return next((each for each in (self.original, self.twin) if each in self.holder), None)


class _OfTuple(Place):
    """An item of a tuple: such as a parameter's default, or the arguments of a `functools.partial`.

    The tuple has to stay the same, since nobody knows where it is kept; CPython offers no way to change one.
    """

    def put(self, new: Any) -> None:
        item = ctypes.c_void_p.from_address(
            id(self.holder) + tuple.__basicsize__ + self.key * ctypes.sizeof(ctypes.c_void_p)
        )
        old = self.holder[self.key]
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(new))
        item.value = id(new)
        ctypes.pythonapi.Py_DecRef(ctypes.py_object(old))


def owners_of(holders: list[Any]) -> list[Any]:
    """The same, in the place of a dictionary the instance (up to 3.12) or the class whose it is."""
    dictionaries = {id(holder): holder for holder in holders if type(holder) is dict}
    owners: dict[int, Any] = {}
    for obj in gc.get_referrers(*dictionaries.values()):
        attributes = obj.__dict__ if _is_class(obj) else getattr(obj, "__dict__", None)
        if isinstance(obj, ModuleType):
            continue
        if type(attributes) is MappingProxyType:
            attributes = next((each for each in gc.get_referents(attributes) if type(each) is dict), None)
        if type(attributes) is dict and id(attributes) in dictionaries:
            owners[id(attributes)] = obj
    return [owners.get(id(holder), holder) for holder in holders]


def _is_class(obj: Any) -> bool:
    return isinstance(obj, type)


def places_in(holder: Any, twins: Twins) -> Iterator[tuple[str | None, Place]]:
    """The places in one object that keep one of the originals, with the name that the place gives."""
    if type(holder) is dict:
        yield from _in_dict(holder, twins, "", holder)
    elif type(holder) in (list, deque):
        yield from _in_sequence(holder, twins, Place)
    elif isinstance(holder, tuple):
        yield from _in_sequence(holder, twins, _OfTuple)
    elif isinstance(holder, set):
        for value in list(holder):
            if id(value) in twins:
                yield None, _Member(holder, None, *twins[id(value)], holder)
    elif type(holder) is CellType:
        yield None, _Cell(holder, None, *twins[id(holder.cell_contents)], holder)
    elif type(holder) is staticmethod:
        yield None, _Static(holder, None, *twins[id(holder.__func__)], holder)
    elif isinstance(holder, type):
        for name, place in _in_dict(dict(vars(holder)), twins, f"{holder.__name__}.", holder):
            yield name, _OfClass(holder, place.key, place.original, place.twin, holder)
    elif not isinstance(holder, ModuleType):
        yield from _in_instance(holder, twins)


def _in_sequence(holder: Any, twins: Twins, kind: type[Place]) -> Iterator[tuple[None, Place]]:
    for index, value in enumerate(list(holder)):
        if id(value) in twins:
            yield None, kind(holder, index, *twins[id(value)], holder)


def _in_dict(
    holder: dict[Any, Any], twins: Twins, prefix: str, owner: Any
) -> Iterator[tuple[str | None, Place]]:
    for key, value in list(holder.items()):
        if id(value) in twins and twins[id(value)][1] is not None:
            yield (
                prefix + key if isinstance(key, str) else None,
                Place(holder, key, *twins[id(value)], owner),
            )


def _in_instance(holder: Any, twins: Twins) -> Iterator[tuple[str | None, Place]]:
    cls = type(holder)
    if cls.__module__.partition(".")[0] == "threadsim":
        return
    prefix = "" if cls.__module__ in ("threading", "queue") else f"{cls.__name__}."
    attributes = getattr(holder, "__dict__", None)
    if type(attributes) is dict:
        for name, place in _in_dict(attributes, twins, prefix, holder):
            yield name if prefix else None, place
    for base in cls.__mro__:
        slots = base.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            value = getattr(holder, name, None)
            if id(value) in twins:
                yield prefix + name, _Slot(holder, name, *twins[id(value)], holder)
