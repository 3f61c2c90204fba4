"""Adoption: locks that were made before the execution are simulated for its length.

A lock in a module, an instance, a closure or a list, and the bound methods of locks that a Condition
keeps, are found with the garbage collector and exchanged for twins. Afterwards the real ones are put back,
held or free as the program left them. OS threads that are not simulated may use them all the while: see
`threadsim.simulate.lock`.
"""

from __future__ import annotations

import _thread
import gc
import os
import sys
import threading
from collections.abc import Callable, Iterator
from types import BuiltinMethodType, CellType, FrameType, ModuleType
from typing import Any, Self
from weakref import WeakKeyDictionary, ref

import attrs

from threadsim.instrument.heap import Search
from threadsim.simulate.base_lock import FOREIGN
from threadsim.simulate.kernel import Kernel
from threadsim.simulate.lock import Lock, RLock
from threadsim.simulate.registry import Entry
from threadsim.simulate.watchdog import OUR_LOCKS

_LOCK: Any = type(_thread.allocate_lock())
_RLOCK: Any = _thread.RLock
_locks = Search(frozenset({_LOCK, _RLOCK}), lambda lock: lock not in OUR_LOCKS)
_NOT_TO_ADOPT = ("threadsim", "threading", "importlib", "_frozen_importlib", "greenlet")


@attrs.define(slots=True, eq=False)
class _Adopted:
    """A real lock, its twin, and what it is called where it is kept.

    Attributes:
        condition: The Condition whose own lock it is, None if anybody else has it, too.
    """

    real: Any
    twin: Any
    is_held: Callable[[], bool]
    kind: str
    name: str | None = None
    condition: threading.Condition | None = None
    _entry: Entry | None = attrs.field(default=None, init=False)

    @classmethod
    def of(cls, lock: Any) -> Self:
        """A lock with a new twin."""
        if type(lock) is _LOCK:
            return cls(lock, Lock.standing_for(lock), lock.locked, "Lock")
        return cls(lock, RLock.standing_for(lock), lock._is_owned, "RLock")

    def twin_of(self, original: Any) -> Any:
        """The twin of the lock, or of a bound method of it."""
        return self.twin if original is self.real else getattr(self.twin, original.__name__, None)

    def entry(self, number: int) -> Entry:
        """What an execution knows of it: once it has a name that is the same for all of them."""
        if self._entry is not None:
            return self._entry
        entry = Entry(self.kind, self.name, None)
        entry.key = "adopted", number
        if self.name is not None:
            self._entry = entry
        return entry

    def is_kept_by(self, holders: list[Any]) -> None:
        """Note who keeps it: if that is just a Condition, the two are one to the program."""
        if isinstance(holders[0], threading.Condition) and all(holder is holders[0] for holder in holders):
            self.condition = holders[0]
            self.kind = "Condition"


@attrs.frozen(slots=True, eq=False)
class _Place:
    """Where a lock is kept, or a bound method of one: an item of a dictionary or a list."""

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
        if any(self.holder is handlers for handlers in _fork_handlers):
            handlers = self.holder
            return (lambda: handlers,) * 2
        owner = _weakly(self.owner)
        if owner is None:
            return None
        if self.owner is self.holder:
            return owner, owner
        return (lambda: getattr(owner(), "__dict__", None)), owner

    def exchange(self, old: Any, new: Any) -> None:
        """Keep something else there, unless it has changed meanwhile: another OS thread may be at it, too."""
        try:
            if self.holder[self.key] is old:
                self.holder[self.key] = new
        except (KeyError, IndexError):
            pass

    def get(self) -> Any:
        """What is kept there now, None if nothing is."""
        try:
            return self.holder[self.key]
        except (KeyError, IndexError):
            return None


def _lists_of_fork_handlers() -> list[list[Any]]:
    """Where the interpreter keeps what is called when the process forks, as long as it lasts.

    Nothing tells but that a handler of ours is found there.
    """
    if not hasattr(os, "register_at_fork"):
        return []

    def ours() -> None:
        """Nothing."""

    os.register_at_fork(before=ours, after_in_parent=ours, after_in_child=ours)
    return [holder for holder in gc.get_referrers(ours) if type(holder) is list]


_fork_handlers = _lists_of_fork_handlers()


def _weakly(obj: Any) -> Callable[[], Any] | None:
    try:
        return ref(obj)
    except TypeError:
        return None


class _Cell(_Place):
    """The cell of a closure; `key` does not count."""

    def exchange(self, old: Any, new: Any) -> None:
        if self.get() is old:
            self.holder.cell_contents = new

    def get(self) -> Any:
        try:
            return self.holder.cell_contents
        except ValueError:
            return None


class _Slot(_Place):
    """A slot of an instance."""

    def exchange(self, old: Any, new: Any) -> None:
        if self.get() is old:
            object.__setattr__(self.holder, self.key, new)

    def get(self) -> Any:
        return getattr(self.holder, self.key, None)


@attrs.frozen(slots=True)
class _Remembered:
    """What was found out about a lock the last time, for as long as it holds.

    To look for what refers to an object is to look at all objects there are. A lock that has as many
    references as it had, and is where it was, needs no such look. Only what keeps nothing alive is
    remembered: namespaces of modules, and instances by weak references.
    """

    references: int
    places: tuple[tuple[Callable[[], Any], Callable[[], Any], type[_Place], Any, bool], ...]
    """Holder, owner, kind, key, and whether it is a bound method that is kept."""
    name: str | None


_remembered: WeakKeyDictionary[Any, _Remembered] = WeakKeyDictionary()


class Adoption:
    """The locks that there are now, to be exchanged and given back as often as one likes."""

    def __init__(self) -> None:
        locks = _locks.objects()
        counts = {id(lock): sys.getrefcount(lock) for lock in locks}
        self._adopted = {id(lock): _Adopted.of(lock) for lock in locks}
        self._places: list[_Place] = []
        unknown = [lock for lock in locks if not self._remember(lock, counts[id(lock)])]
        if unknown:
            self._find(unknown, counts, [locks, unknown])
        kept = {id(place.twin) for place in self._places}
        self._adopted = {key: lock for key, lock in self._adopted.items() if id(lock.twin) in kept}

    def _remember(self, lock: Any, references: int) -> bool:
        """Take the places of a lock from memory; whether that could be."""
        known = _remembered.get(lock)
        if known is None or known.references != references:
            return False
        adopted = self._adopted[id(lock)]
        places = []
        for holder_of, owner_of, kind, key, is_method in known.places:
            holder, owner = holder_of(), owner_of()
            value = None if holder is None else kind(holder, key, None, None).get()
            if (value.__self__ if is_method and type(value) is BuiltinMethodType else value) is not lock:
                return False
            places.append(kind(holder, key, value, adopted.twin_of(value), owner))
        self._places += places
        adopted.name = known.name
        if places:
            adopted.is_kept_by([place.owner for place in places])
        return True

    def _find(self, locks: list[Any], counts: dict[int, int], lists: list[Any]) -> None:
        """Look for the places of locks, and remember them."""
        wanted = {id(lock) for lock in locks}
        ignored = {id(self._adopted), id(lists), *map(id, lists), *_ids_of_internals()}
        holders, methods = [], []
        for holder in gc.get_referrers(*locks):
            if type(holder) is BuiltinMethodType and id(holder.__self__) in wanted:
                methods.append(holder)
            elif id(holder) not in ignored and not isinstance(holder, FrameType | _Adopted | _Place):
                holders.append(holder)
        twins: dict[int, tuple[Any, Any]] = {id(lock): (lock, self._adopted[id(lock)].twin) for lock in locks}
        for method in methods:
            twins[id(method)] = method, self._adopted[id(method.__self__)].twin_of(method)
        elsewhere = _not_in(holders, methods)  # a Condition keeps them beside the lock, and was found already
        if elsewhere:
            known = {id(holder) for holder in holders} | ignored | {id(methods), id(elsewhere), id(twins)}
            found = gc.get_referrers(*elsewhere)
            holders += [
                obj for obj in found if id(obj) not in known and not isinstance(obj, FrameType | _Place)
            ]
        by_lock: dict[int, list[tuple[str | None, _Place]]] = {key: [] for key in wanted}
        for holder in _instances_of(holders):
            for name, place in _places_in(holder, twins):
                original = place.original
                lock = original.__self__ if type(original) is BuiltinMethodType else original
                by_lock[id(lock)].append((name, place))
        for lock in locks:
            self._keep(lock, by_lock[id(lock)], counts[id(lock)])

    def _keep(self, lock: Any, found: list[tuple[str | None, _Place]], references: int) -> None:
        adopted = self._adopted[id(lock)]
        places = [place for _, place in found]
        self._places += places
        adopted.name = next((name for name, place in found if name and place.original is lock), None)
        if places:
            adopted.is_kept_by([place.owner for place in places])
        lasting = [place.lasting() for place in places]
        if None not in lasting:
            _remembered[lock] = _Remembered(
                references,
                tuple(
                    (*those, type(place), place.key, place.original is not lock)
                    for those, place in zip(lasting, places, strict=True)
                    if those is not None
                ),
                adopted.name,
            )

    def install(self, kernel: Kernel) -> None:
        """Exchange them; each twin is held if its original is."""
        for number, lock in enumerate(self._adopted.values()):
            lock.twin._adopt(kernel, FOREIGN if lock.is_held() else None)
            entry = lock.entry(number)
            kernel.registry.add_lasting(lock.twin, entry)
            if lock.condition is not None:
                kernel.registry.add_lasting(lock.condition, entry)
        for place in self._places:
            place.exchange(place.original, place.twin)

    def remove(self) -> None:
        """Give them back."""
        for place in self._places:
            place.exchange(place.twin, place.original)  # the program may have put something else there

    def let_go(self) -> None:
        """Forget them all, at once: what refers to a lock is what the next adoption looks for."""
        self._places.clear()
        self._adopted.clear()


def _ids_of_internals() -> Iterator[int]:
    """Namespaces that keep their real locks: what we and the interpreter's own machinery stand on."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in _NOT_TO_ADOPT and isinstance(module, ModuleType):
            yield id(module.__dict__)
    references = list(threading._dangling.data)  # type: ignore[attr-defined]  # at once: others may start some
    for thread in [reference() for reference in references]:
        if thread is not None:
            yield id(thread)
            yield id(thread.__dict__)


def _not_in(holders: list[Any], methods: list[Any]) -> list[Any]:
    """Those of the methods that none of the dictionaries and instances has."""
    kept = set()
    for holder in holders:
        attributes = holder if type(holder) is dict else getattr(holder, "__dict__", None)
        if type(attributes) is dict and "_waiters" in attributes:
            kept |= {id(value) for value in attributes.values()}
    return [method for method in methods if id(method) not in kept]


def _instances_of(holders: list[Any]) -> list[Any]:
    """The same, an instance in the place of its dictionary (up to 3.12 that is what refers to the lock)."""
    dictionaries = {id(holder): holder for holder in holders if type(holder) is dict}
    instances = {}
    for obj in gc.get_referrers(*dictionaries.values()):
        attributes = getattr(obj, "__dict__", None) if not isinstance(obj, ModuleType | type) else None
        if type(attributes) is dict and id(attributes) in dictionaries:
            instances[id(attributes)] = obj
    return [instances.get(id(holder), holder) for holder in holders]


def _places_in(holder: Any, twins: dict[int, tuple[Any, Any]]) -> Iterator[tuple[str | None, _Place]]:
    """The places in one object that keep one of the originals, with the name that the place gives."""
    if type(holder) is dict:
        owner = holder.get("__name__") if "__builtins__" in holder or "__spec__" in holder else None
        if not isinstance(owner, str) or owner.partition(".")[0] not in _NOT_TO_ADOPT:
            yield from _in_dict(holder, twins, "", holder)
    elif type(holder) is list:
        for index, value in enumerate(holder):
            if id(value) in twins:
                yield None, _Place(holder, index, *twins[id(value)], holder)
    elif type(holder) is CellType:
        yield None, _Cell(holder, None, *twins[id(holder.cell_contents)], holder)
    elif not isinstance(holder, type | ModuleType):
        yield from _in_instance(holder, twins)


def _in_dict(
    holder: dict[Any, Any], twins: dict[int, tuple[Any, Any]], prefix: str, owner: Any
) -> Iterator[tuple[str | None, _Place]]:
    for key, value in list(holder.items()):
        if id(value) in twins and twins[id(value)][1] is not None:
            yield (
                prefix + key if isinstance(key, str) else None,
                _Place(holder, key, *twins[id(value)], owner),
            )


def _in_instance(holder: Any, twins: dict[int, tuple[Any, Any]]) -> Iterator[tuple[str | None, _Place]]:
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
