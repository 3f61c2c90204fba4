"""Adoption: locks that were made before the execution are simulated for its length, and so are queues in C.

A lock in a module, an instance, a closure or a list, and the bound methods of locks that a Condition
keeps, are found with the garbage collector and exchanged for twins. Afterwards the real ones are put back,
held or free as the program left them. OS threads that are not simulated may use them all the while: see
`threadsim.simulate.lock`.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from types import BuiltinMethodType, CellType, FrameType, ModuleType
from typing import Any
from weakref import WeakKeyDictionary

import attrs

from threadsim.instrument.heap import Search
from threadsim.simulate.adopted import LOCK, QUEUE, RLOCK, Adopted, adopted
from threadsim.simulate.kernel import Kernel
from threadsim.simulate.places import Place, functions_with, owners_of, places_in, referrers_of
from threadsim.simulate.watchdog import OUR_LOCKS

_locks = Search(frozenset({LOCK, RLOCK, QUEUE}), lambda lock: lock not in OUR_LOCKS)
_OUR_REFERENCES = 3
"""How many references to a lock are ours when they are counted."""

_NOT_TO_ADOPT = ("threadsim", "threading", "importlib", "_frozen_importlib", "greenlet")


@attrs.frozen(slots=True)
class _Remembered:
    """What was found out about a lock the last time, for as long as it holds.

    To look for what refers to an object is to look at all objects there are. A lock that has as many
    references as it had, and is where it was, needs no such look. Only what keeps nothing alive is
    remembered: namespaces of modules, the lists of `os.register_at_fork`, and instances by weak references.
    """

    references: int
    places: tuple[tuple[Callable[[], Any], Callable[[], Any], type[Place], Any, bool], ...]
    """Holder, owner, kind, key, and whether it is a bound method that is kept."""
    name: str | None


_remembered: WeakKeyDictionary[Any, _Remembered] = WeakKeyDictionary()


class Adoption:
    """The locks that there are now, to be exchanged and given back as often as one likes."""

    def __init__(self) -> None:
        locks = _locks.objects()
        counts = {id(lock): sys.getrefcount(lock) for lock in locks}
        self._adopted = {id(lock): adopted(lock) for lock in locks}
        self._places: list[Place] = []
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
        for holder in referrers_of(locks):
            if type(holder) is BuiltinMethodType and id(holder.__self__) in wanted:
                methods.append(holder)
            elif id(holder) not in ignored and not isinstance(holder, FrameType | Adopted | Place):
                holders.append(holder)
        twins: dict[int, tuple[Any, Any]] = {id(lock): (lock, self._adopted[id(lock)].twin) for lock in locks}
        for method in methods:
            twins[id(method)] = method, self._adopted[id(method.__self__)].twin_of(method)
        elsewhere = _not_in(holders, methods)  # a Condition keeps them beside the lock, and was found already
        if elsewhere:
            known = {id(holder) for holder in holders} | ignored | {id(methods), id(elsewhere), id(twins)}
            known |= set(map(id, twins.values()))
            found = referrers_of(elsewhere)
            holders += [
                obj for obj in found if id(obj) not in known and not isinstance(obj, FrameType | Place)
            ]
        by_lock: dict[int, list[tuple[str | None, Place]]] = {key: [] for key in wanted}
        functions = functions_with([holder for holder in holders if type(holder) is CellType])
        for holder in filter(_may_be_exchanged, owners_of(holders)):
            for name, place in places_in(holder, twins, functions):
                original = place.original
                lock = original.__self__ if type(original) is BuiltinMethodType else original
                by_lock[id(lock)].append((name, place))
        for lock in locks:
            self._keep(lock, by_lock[id(lock)], counts[id(lock)])

    def _keep(self, lock: Any, found: list[tuple[str | None, Place]], references: int) -> None:
        adopted = self._adopted[id(lock)]
        places = [place for _, place in found]
        if type(lock) is QUEUE and references > len(places) + _OUR_REFERENCES:
            return  # a function has it in hand, perhaps one that another OS thread is in and waits for it
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
            lock.begin(kernel, number)
        for place in self._places:
            place.exchange(place.original, place.twin)

    def remove(self) -> None:
        """Give them back."""
        for place in self._places:
            place.exchange(place.twin, place.original)  # the program may have put something else there
        for lock in self._adopted.values():
            lock.end()

    def let_go(self) -> None:
        """Forget them all, at once: what refers to a lock is what the next adoption looks for."""
        self._places.clear()
        self._adopted.clear()


def _ids_of_internals() -> Iterator[int]:
    """Namespaces that keep their real locks: what we and the interpreter's own machinery stand on."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in _NOT_TO_ADOPT and isinstance(module, ModuleType):
            yield id(module.__dict__)
    yield id(getattr(threading, "_shutdown_locks", None))  # up to 3.12
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


def _may_be_exchanged(holder: Any) -> bool:
    """Whether it is no namespace of those that keep their real locks."""
    if type(holder) is not dict or not ("__builtins__" in holder or "__spec__" in holder):
        return True
    name = holder.get("__name__")
    return not isinstance(name, str) or name.partition(".")[0] not in _NOT_TO_ADOPT
