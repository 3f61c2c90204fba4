"""The names that stand for something else during an execution, and the way back.

Three kinds: functions and types of `_thread` and `time`, wherever a module has a name for them; methods of
`threading` and `queue`, whose code is led through `threadsim.simulate.operations`; and the tables in which
`threading` keeps its threads. All OS threads meet them, not only the execution's; for the others each does
what it always does.
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
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any

from threadsim.instrument.methods import MethodSwap
from threadsim.simulate import (
    late,
    libraries,
    operations,
    ordered,
    pools,
    processes,
    randomness,
    stage,
    thread_pool,
    thread_twin,
    virtual_time,
)
from threadsim.simulate.apart import Apart
from threadsim.simulate.early import Early
from threadsim.simulate.journal import NAMES
from threadsim.simulate.lock import Lock, RLock, allocate_lock
from threadsim.simulate.ordered import OrderedSet
from threadsim.simulate.stage import here
from threadsim.strategy.steps import Mode

Place = tuple[dict[str, Any], str, Any, Any]
"""A namespace, a name in it, the original and its twin."""

_NOT_OURS_TO_PATCH = ("threadsim", "greenlet", "_threading_local", "builtins")

_THREAD_TWINS: dict[str, Any] = {
    "allocate_lock": allocate_lock,
    "allocate": allocate_lock,
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
    pairs += processes.twins()
    pairs.append((queue.SimpleQueue, queue._PySimpleQueue))  # type: ignore[attr-defined]
    return {id(original): (original, twin) for original, twin in pairs if original is not twin}


_before: dict[str, Any] = {}
"""What `threading` had before the execution, by name, and still has for threads that are not simulated."""


def _for_others(original: FunctionType, *arguments: Any, **keywords: Any) -> Any:
    """A function of `threading` whose globals are not the same for everybody."""
    if here() is not None:
        return original(*arguments, **keywords)
    names = {**vars(threading), **_before}
    function = FunctionType(original.__code__, names, original.__name__, original.__defaults__)
    try:
        return function(*arguments, **keywords)
    finally:
        _before.update((name, names[name]) for name in _before)


def _register_atexit(original: FunctionType, function: Any, *arguments: Any) -> Any:
    *positional, keywords = arguments
    return _for_others(original, function, *positional, **keywords)


def _functions_of_threading() -> Iterator[tuple[Any, Callable[..., Any]]]:
    yield threading.main_thread, _for_others
    yield threading._shutdown, _for_others  # type: ignore[attr-defined]
    yield threading._register_atexit, _register_atexit  # type: ignore[attr-defined]


_TWINS = _twins()
_CLOCKS = {
    key: pair
    for key, pair in _TWINS.items()
    if pair[0] in {getattr(time, name) for name in virtual_time.twins()}
    and pair[0] not in (time.localtime, time.gmtime, time.strftime)
}
"""What a default or an attribute may keep; the last three are given a time by whoever calls them."""

_BY_TWIN = {id(twin): (original, twin) for original, twin in _TWINS.values()}
_METHODS = MethodSwap([*operations.table(), *libraries.table(), *_functions_of_threading()])
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
        self._pools: pools.State = {}
        self._installed: list[Place] = []
        self._early = Early(_CLOCKS)

    def _places_in(self, module: ModuleType) -> list[Place]:
        known = _searched.get(id(module))
        if known is not None and known[0] is module:
            return known[1]
        name = getattr(module, "__name__", None)
        if not isinstance(module, ModuleType) or not isinstance(name, str):
            return []
        if name.partition(".")[0] in _NOT_OURS_TO_PATCH:
            return []
        places = _search(module.__dict__, _TWINS)
        if not self._is_own(getattr(module, "__file__", None) or "<none>"):
            _searched[id(module)] = module, places
        return places

    def install(self) -> None:
        """From now on, the program's threads are simulated: those of this OS thread."""
        stage.look_for_others()
        _fresh_threading(self._excepthook)
        self._put_twins()
        pools.hide(self._pools)
        ordered.install()

    def remove(self) -> None:
        """Everything is as it was."""
        vars(threading).update(_before)
        ordered.remove()
        pools.restore(self._pools)
        thread_pool.forget()
        self._put_originals()

    def let_go(self) -> None:
        """They are not installed any more."""
        self._early.let_go()

    def _put_twins(self) -> None:
        self._installed = list(self._places)
        for namespace, name, _, twin in self._installed:
            namespace[name] = twin
        _METHODS.install()
        late.install()
        self._early.install()

    def _put_originals(self) -> None:
        self._early.remove()
        late.remove()
        _METHODS.remove()
        _restore(self._installed)

    @contextmanager
    def lifted(self, module: ModuleType) -> Iterator[None]:
        """Let a module that stays for good run as if there were no execution; then it gets the twins too."""
        kernel, watching = here(), stage.watching
        if kernel is None:
            with self._left_out(module):
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
            _before["_threading_atexits"].extend(callbacks[known:])  # they stay for good, too
            self._places = self._places + self._places_in(module)
            self._put_twins()
            pools.hide(self._pools)
            ordered.install()
            stage.look_for_others()
            stage.kernel, stage.watching = kernel, watching

    @contextmanager
    def _left_out(self, module: ModuleType) -> Iterator[None]:
        """Let a module that another OS thread imports have the originals in the end."""
        try:
            yield
        finally:
            places = _search(module.__dict__, _BY_TWIN)
            self._places = self._places + places
            self._installed += places
            if stage.kernel is None:
                _restore(places)


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


def _restore(places: list[Place]) -> None:
    for namespace, name, original, twin in places:
        if namespace.get(name) is twin:  # the program may have bound it to something else
            namespace[name] = original


def _names(others: Callable[[], int]) -> Callable[[], int]:
    """The numbers in the names of threads that are given none: first come, first served."""
    counter = itertools.count(1)

    def next_number() -> int:
        kernel = here()
        if kernel is None:
            return others()
        kernel.touch(NAMES, Mode.WRITE)
        return next(counter)

    return next_number


def _excepthook(own: Callable[[Any], None], others: Callable[[Any], None]) -> Callable[[Any], None]:
    def excepthook(args: Any, /) -> None:
        (others if here() is None else own)(args)

    return excepthook


def _search(namespace: dict[str, Any], pairs: dict[int, tuple[Any, Any]]) -> list[Place]:
    return [
        (namespace, name, *pairs[id(value)]) for name, value in list(namespace.items()) if id(value) in pairs
    ]


def _fresh_threading(excepthook: Callable[[Any], None]) -> None:
    """Give `threading` tables of its own for one execution, and keep in `_before` what it had."""
    names = vars(threading)
    fresh: dict[str, Any] = {
        "_active": Apart({}, names["_active"]),
        "_limbo": Apart({}, names["_limbo"]),
        "_dangling": Apart(WeakSet(), names["_dangling"]),
        "_counter": _names(names["_counter"]),
        "_threading_atexits": list(threading._threading_atexits),  # type: ignore[attr-defined]
        "_SHUTTING_DOWN": False,
        "_main_thread": threading._main_thread,  # type: ignore[attr-defined]
        "_profile_hook": None,
        "_trace_hook": None,
        "excepthook": _excepthook(excepthook, names["excepthook"]),
    }
    if hasattr(threading, "_shutdown_locks"):  # up to 3.12
        fresh["_shutdown_locks"] = Apart(OrderedSet(), names["_shutdown_locks"])
    if hasattr(threading, "_thread_local_info"):  # from 3.13 on
        fresh["_thread_local_info"] = local()
    for name in fresh:
        _before[name] = names[name]
    names.update(fresh)
