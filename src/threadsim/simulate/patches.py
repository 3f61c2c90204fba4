"""The names that stand for something else during an execution, and the way back.

Three kinds: functions and types of `_thread` and `time`, wherever a module has a name for them; methods of
`threading` and `queue`, whose code is led through `threadsim.simulate.operations`; and the tables in which
`threading` keeps its threads.
"""

from __future__ import annotations

import _thread
import importlib
import itertools
import queue
import sys
import threading
import time
from _threading_local import local
from _weakrefset import WeakSet
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace
from typing import Any

from threadsim.instrument.methods import MethodSwap
from threadsim.simulate import operations, ordered, pools, randomness, stage, thread_twin, virtual_time
from threadsim.simulate.journal import NAMES
from threadsim.simulate.lock import Lock, RLock
from threadsim.simulate.ordered import OrderedSet
from threadsim.strategy.steps import Mode

Place = tuple[dict[str, Any], str, Any, Any]
"""A namespace, a name in it, the original and its twin."""

_NOT_OURS_TO_PATCH = ("threadsim", "greenlet", "_threading_local", "builtins")

_THREAD_TWINS: dict[str, Any] = {
    "allocate_lock": Lock,
    "allocate": Lock,
    "LockType": Lock,
    "lock": Lock,
    "RLock": RLock,
    "start_new_thread": thread_twin.start_new_thread,
    "start_new": thread_twin.start_new_thread,
    "get_ident": thread_twin.get_ident,
    "get_native_id": thread_twin.get_native_id,
    "_local": local,
    "_count": thread_twin.count,
    "_set_sentinel": thread_twin.set_sentinel,  # 3.11, 3.12
    "start_joinable_thread": thread_twin.start_joinable_thread,  # from here on 3.13
    "_ThreadHandle": thread_twin.ThreadHandle,
    "_make_thread_handle": thread_twin.make_thread_handle,
    "_get_main_thread_ident": thread_twin.get_main_thread_ident,
    "_shutdown": thread_twin.shutdown,
}


def _twins() -> dict[int, tuple[Any, Any]]:
    """By the id of an original: the original, and what stands for it."""
    pairs = [(getattr(_thread, name), twin) for name, twin in _THREAD_TWINS.items() if hasattr(_thread, name)]
    pairs += [(getattr(time, name), twin) for name, twin in virtual_time.twins().items()]
    pairs += randomness.twins()
    pairs.append((queue.SimpleQueue, queue._PySimpleQueue))  # type: ignore[attr-defined]
    return {id(original): (original, twin) for original, twin in pairs if original is not twin}


_TWINS = _twins()
_METHODS = MethodSwap(operations.table())
_searched: dict[int, tuple[ModuleType, list[Place]]] = {}
"""By the id of a module out of scope: the module, and where it has names for originals."""


class Patches:
    """All of them, to be installed and removed together, as often as one likes.

    Args:
        is_own: Whether a module, by file, is the program's: its names may change from one time to the next.
        excepthook: Stands for ``threading.excepthook``, unless the program sets its own.
    """

    def __init__(self, is_own: Callable[[str], bool], excepthook: Callable[[Any], None]) -> None:
        self._is_own = is_own
        self._excepthook = excepthook
        self._places = [place for module in list(sys.modules.values()) for place in self._places_in(module)]
        self._state: dict[str, Any] = {}
        self._pools: pools.State = {}
        self._installed: list[Place] = []

    def _places_in(self, module: ModuleType) -> list[Place]:
        known = _searched.get(id(module))
        if known is not None and known[0] is module:
            return known[1]
        name = getattr(module, "__name__", None)
        if not isinstance(module, ModuleType) or not isinstance(name, str):
            return []
        if name.partition(".")[0] in _NOT_OURS_TO_PATCH:
            return []
        places = _search(module.__dict__)
        if not self._is_own(getattr(module, "__file__", None) or "<none>"):
            _searched[id(module)] = module, places
        return places

    def install(self) -> None:
        """From now on, the program's threads are simulated."""
        self._put_twins()
        self._state = _fresh_threading(self._excepthook)
        self._pools = pools.hide()
        ordered.install()

    def remove(self) -> None:
        """Everything is as it was."""
        vars(threading).update(self._state)
        ordered.remove()
        pools.restore(self._pools)
        self._put_originals()

    def _put_twins(self) -> None:
        self._installed = list(self._places)
        for namespace, name, _, twin in self._installed:
            namespace[name] = twin
        _METHODS.install()

    def _put_originals(self) -> None:
        _METHODS.remove()
        for namespace, name, original, twin in self._installed:
            if namespace.get(name) is twin:  # the program may have bound it to something else
                namespace[name] = original

    @contextmanager
    def lifted(self, module: ModuleType) -> Iterator[None]:
        """Let a module that stays for good run as if there were no execution; then it gets the twins too."""
        kernel, watching = stage.kernel, stage.watching
        if kernel is None:
            yield
            return
        importer = thread_twin.get_ident()
        callbacks = vars(threading)["_threading_atexits"]
        known = len(callbacks)
        stage.kernel = stage.watching = None
        self._put_originals()
        try:
            with _importing_as(importer):
                yield
        finally:
            self._state["_threading_atexits"].extend(callbacks[known:])  # they stay for good, too
            self._places = self._places + self._places_in(module)
            self._put_twins()
            ordered.install()
            stage.kernel, stage.watching = kernel, watching


@contextmanager
def _importing_as(ident: int) -> Iterator[None]:
    """Keep the import system's name for the thread that imports: it holds the locks of modules under it.

    It would wait for itself for ever when a package imports from itself, as ``from . import part``.
    """
    bootstrap: Any = importlib._bootstrap
    before = bootstrap._thread
    bootstrap._thread = SimpleNamespace(**{**vars(_thread), "get_ident": lambda: ident})
    try:
        yield
    finally:
        bootstrap._thread = before


def _names() -> Callable[[], int]:
    """The numbers in the names of threads that are given none: first come, first served."""
    counter = itertools.count(1)

    def next_number() -> int:
        kernel = stage.kernel
        if kernel is not None:
            kernel.touch(NAMES, Mode.WRITE)
        return next(counter)

    return next_number


def _search(namespace: dict[str, Any]) -> list[Place]:
    return [
        (namespace, name, *_TWINS[id(value)])
        for name, value in list(namespace.items())
        if id(value) in _TWINS
    ]


def _fresh_threading(excepthook: Callable[[Any], None]) -> dict[str, Any]:
    """Give `threading` tables of its own for one execution; what it had before."""
    fresh: dict[str, Any] = {
        "_active": {},
        "_limbo": {},
        "_dangling": WeakSet(),
        "_counter": _names(),
        "_threading_atexits": list(threading._threading_atexits),  # type: ignore[attr-defined]
        "_SHUTTING_DOWN": False,
        "_main_thread": threading._main_thread,  # type: ignore[attr-defined]
        "_profile_hook": None,
        "_trace_hook": None,
        "excepthook": excepthook,
    }
    if hasattr(threading, "_shutdown_locks"):  # up to 3.12
        fresh["_shutdown_locks"] = OrderedSet()
    if hasattr(threading, "_thread_local_info"):  # from 3.13 on
        fresh["_thread_local_info"] = local()
    before = {name: vars(threading)[name] for name in fresh}
    vars(threading).update(fresh)
    return before
