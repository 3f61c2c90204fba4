"""Where an object is kept, so that another can be kept there for a while.

An item of a dictionary, a list, a tuple or a set, the cell of a closure, a slot, an attribute of a class: all
that the garbage collector tells of.
"""

from __future__ import annotations

import ctypes
import gc
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import thread as pools
from functools import partial
from itertools import filterfalse
from types import BuiltinMethodType, CellType, FunctionType, MappingProxyType, ModuleType
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
    """The instance whose dictionary it is, a function whose closure it is in, or the holder itself."""

    def lasting(self) -> tuple[Callable[[], Any], Callable[[], Any]] | None:
        """What gives holder and owner as long as they live, and keeps neither alive; None if nothing can."""
        if type(self.holder) is dict and self.owner is self.holder:
            if "__spec__" not in self.holder:
                return None
            namespace = self.holder  # a module's
            return (lambda: namespace,) * 2
        if type(self.holder) is list and _is_for_forks(self.holder):
            calls = self.holder
            return (lambda: calls,) * 2
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


def _is_for_forks(values: list[Any]) -> bool:
    """Whether it is one of the interpreter's own lists of what to call around a fork; those are for good.

    The methods of this lock are in each of them, and in no other list. Were it looked for in each execution,
    that would take longer than all the rest of a short one.
    """
    lock = pools._global_shutdown_lock
    return any(type(value) is BuiltinMethodType and value.__self__ is lock for value in values)


def _weakly(obj: Any) -> Callable[[], Any] | None:
    try:
        return ref(obj)
    except TypeError:
        return None


class _Cell(Place):
    """The cell of a closure; `key` does not count."""

    def lasting(self) -> tuple[Callable[[], Any], Callable[[], Any]] | None:
        """By the function: nothing refers weakly to a cell."""
        if type(self.owner) is not FunctionType:
            return None
        closure = self.owner.__closure__ or ()
        index = next(index for index, cell in enumerate(closure) if cell is self.holder)
        function = ref(self.owner)
        return (lambda: _cell_of(function(), index)), function

    def get(self) -> Any:
        try:
            return self.holder.cell_contents
        except ValueError:
            return None

    def put(self, new: Any) -> None:
        self.holder.cell_contents = new


def _cell_of(function: FunctionType | None, index: int) -> Any:
    return None if function is None or function.__closure__ is None else function.__closure__[index]


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
    """An attribute of a class. Set as such: the interpreter remembers what it has looked up in one."""

    def get(self) -> Any:
        return vars(self.holder).get(self.key)

    def put(self, new: Any) -> None:
        type.__setattr__(self.holder, self.key, new)


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


def referrers_of(objects: Sequence[Any]) -> list[Any]:
    """What refers to some of them, other than the call that asks."""
    mark = object()  # tells the tuple of the arguments from a closure that has the same in it
    found = gc.get_referrers(*objects, mark) if objects else []
    return [*filterfalse(partial(_is_of_the_call, objects, mark), found)]


def _is_of_the_call(objects: Sequence[Any], mark: object, each: Any) -> bool:
    return each is objects or (type(each) is tuple and bool(each) and each[-1] is mark)


def owners_of(holders: list[Any]) -> list[Any]:
    """The same, a class or an instance in the place of its dictionary.

    That is what refers to an attribute: of a class always, of an instance up to 3.12.
    """
    dictionaries = {id(holder): holder for holder in holders if type(holder) is dict}
    owners = {}
    for obj in referrers_of(list(dictionaries.values())):
        if isinstance(obj, type):
            attributes = next((each for each in gc.get_referents(obj) if id(each) in dictionaries), None)
        else:
            attributes = getattr(obj, "__dict__", None) if not isinstance(obj, ModuleType) else None
        if type(attributes) is dict and id(attributes) in dictionaries:
            owners[id(attributes)] = obj
    return [owners.get(id(holder), holder) for holder in holders]


def functions_with(cells: list[Any]) -> dict[int, FunctionType]:
    """By the id of a cell: a function that has it in its closure."""
    closures = [each for each in referrers_of(cells) if type(each) is tuple]
    functions = [each for each in referrers_of(closures) if type(each) is FunctionType]
    return {id(cell): function for function in functions for cell in function.__closure__ or ()}


def places_in(
    holder: Any, twins: Twins, functions: Mapping[int, FunctionType] = MappingProxyType({})
) -> Iterator[tuple[str | None, Place]]:
    """The places in one object that keep one of the originals, with the name that the place gives.

    Args:
        holder: The object.
        twins: The originals.
        functions: Some that have cells in their closures, by the ids of these.
    """
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
        original, twin = twins[id(holder.cell_contents)]
        yield None, _Cell(holder, None, original, twin, functions.get(id(holder), holder))
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
