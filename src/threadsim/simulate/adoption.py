"""Adoption: locks that were made before the execution are simulated for its length.

A lock in a module, an instance, a closure or a list, and the bound methods of locks that a Condition keeps, are
found with the garbage collector and exchanged for twins. Afterwards the real ones are put back, held or free as
the program left them.
"""

from __future__ import annotations

import _thread
import gc
import sys
import threading
from collections.abc import Callable, Iterator
from types import BuiltinMethodType, CellType, FrameType, ModuleType
from typing import Any, Self

import attrs

from threadsim.simulate.kernel import Kernel
from threadsim.simulate.lock import FOREIGN, Lock, RLock
from threadsim.simulate.registry import Entry

_LOCK: type = type(_thread.allocate_lock())
_RLOCK: type = _thread.RLock
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

    @classmethod
    def of(cls, lock: Any) -> Self:
        """A lock with a new twin."""
        if type(lock) is _LOCK:
            return cls(lock, Lock(), lock.locked, "Lock")
        return cls(lock, RLock(), lock._is_owned, "RLock")

    def is_kept_by(self, holders: list[Any]) -> None:
        """Note who keeps it: if that is just a Condition, the two are one to the program."""
        if isinstance(holders[0], threading.Condition) and all(holder is holders[0] for holder in holders):
            self.condition = holders[0]
            self.kind = "Condition"

    def make_held(self, held: bool) -> None:
        """Leave the real one as the program left its twin."""
        if held and not self.is_held():
            self.real.acquire(False)
        elif not held:
            while self.is_held():
                self.real.release()


@attrs.frozen(slots=True, eq=False)
class _Place:
    """Where something is kept, and how to keep something else there."""

    put: Callable[[Any], None]
    get: Callable[[], Any]
    original: Any
    twin: Any


class Adoption:
    """The locks that there are now, to be exchanged and given back as often as one likes."""

    def __init__(self) -> None:
        locks = [obj for obj in gc.get_objects() if type(obj) is _LOCK or type(obj) is _RLOCK]
        self._adopted = {id(lock): _Adopted.of(lock) for lock in locks}
        self._places: list[_Place] = []
        if locks:
            self._find(locks)
        kept = {id(place.twin) for place in self._places}
        self._adopted = {key: lock for key, lock in self._adopted.items() if id(lock.twin) in kept}

    def _find(self, locks: list[Any]) -> None:
        ignored = {id(locks), id(self._adopted), *_ids_of_internals()}
        methods = [
            obj
            for obj in gc.get_referrers(*locks)
            if type(obj) is BuiltinMethodType and id(obj.__self__) in self._adopted
        ]
        twins: dict[int, tuple[Any, Any]] = {key: (lock.real, lock.twin) for key, lock in self._adopted.items()}
        for method in methods:
            twins[id(method)] = method, getattr(self._adopted[id(method.__self__)].twin, method.__name__, None)
        ignored |= {id(methods), id(twins)}
        holders = [
            holder
            for holder in gc.get_referrers(*locks, *methods)
            if id(holder) not in ignored and not isinstance(holder, FrameType | _Adopted | _Place)
        ]
        kept_by: dict[int, list[Any]] = {}
        for holder in _instances_of(holders):
            for name, place in _places_in(holder, twins):
                self._places.append(place)
                adopted = self._adopted.get(id(place.original))
                if adopted is not None:
                    kept_by.setdefault(id(place.original), []).append(holder)
                    adopted.name = adopted.name or name
        for key, those in kept_by.items():
            self._adopted[key].is_kept_by(those)

    def install(self, kernel: Kernel) -> None:
        """Exchange them; each twin is held if its original is."""
        for lock in self._adopted.values():
            lock.twin._adopt(kernel, FOREIGN if lock.is_held() else None)
            entry = Entry(lock.kind, lock.name, None)
            kernel.registry.add_lasting(lock.twin, entry)
            if lock.condition is not None:
                kernel.registry.add_lasting(lock.condition, entry)
        for place in self._places:
            place.put(place.twin)

    def remove(self) -> None:
        """Give them back."""
        for place in self._places:
            if place.get() is place.twin:  # the program may have put something else there
                place.put(place.original)
        for lock in self._adopted.values():
            lock.make_held(lock.twin.owner is not None)


def _ids_of_internals() -> Iterator[int]:
    """Namespaces that keep their real locks: what we and the interpreter's own machinery stand on."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in _NOT_TO_ADOPT and isinstance(module, ModuleType):
            yield id(module.__dict__)
    for thread in list(threading._dangling):  # type: ignore[attr-defined]
        yield id(thread)
        yield id(thread.__dict__)


def _instances_of(holders: list[Any]) -> list[Any]:
    """The same, with an instance in the place of its dictionary (up to 3.12 that is what refers to the lock)."""
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
        if isinstance(owner, str) and owner.partition(".")[0] in _NOT_TO_ADOPT:
            return
        yield from _in_dict(holder, twins, "")
    elif type(holder) is list:
        for index, value in enumerate(holder):
            if id(value) in twins:
                yield None, _place(holder, index, *twins[id(value)])
    elif type(holder) is CellType:
        yield None, _Place(
            lambda value: setattr(holder, "cell_contents", value),
            lambda: holder.cell_contents,
            *twins[id(holder.cell_contents)],
        )
    elif not isinstance(holder, type | ModuleType):
        yield from _in_instance(holder, twins)


def _in_dict(holder: dict[Any, Any], twins: dict[int, tuple[Any, Any]], prefix: str) -> Iterator[Any]:
    for key, value in list(holder.items()):
        if id(value) in twins and twins[id(value)][1] is not None:
            yield prefix + key if isinstance(key, str) else None, _place(holder, key, *twins[id(value)])


def _in_instance(holder: Any, twins: dict[int, tuple[Any, Any]]) -> Iterator[Any]:
    cls = type(holder)
    if cls.__module__.partition(".")[0] == "threadsim":
        return  # another simulator's watchdog, whose thread is a real one
    prefix = "" if cls.__module__ in ("threading", "queue") else f"{cls.__name__}."
    attributes = getattr(holder, "__dict__", None)
    if type(attributes) is dict:
        for name, place in _in_dict(attributes, twins, prefix):
            yield name if prefix else None, place
    for base in cls.__mro__:
        slots = base.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            value = getattr(holder, name, None)
            if id(value) in twins:
                yield prefix + name, _slot(holder, name, *twins[id(value)])


def _place(holder: Any, key: Any, original: Any, twin: Any) -> _Place:
    return _Place(lambda value: holder.__setitem__(key, value), lambda: _item(holder, key), original, twin)


def _item(holder: Any, key: Any) -> Any:
    try:
        return holder[key]
    except (KeyError, IndexError):
        return None


def _slot(holder: Any, name: str, original: Any, twin: Any) -> _Place:
    return _Place(
        lambda value: object.__setattr__(holder, name, value),
        lambda: getattr(holder, name, None),
        original,
        twin,
    )
