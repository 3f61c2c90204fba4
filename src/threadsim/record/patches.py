"""What is replaced in the standard library while a program is recorded, and put back afterwards."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from itertools import chain
from types import ModuleType
from typing import Any

from threadsim.instrument.methods import MethodSwap
from threadsim.record import primitives, queues, threads
from threadsim.record.locks import REAL_LOCK, Lock, make_rlock
from threadsim.record.simple_queue import REAL_SIMPLE_QUEUE, SimpleQueue

_REPLACED: tuple[tuple[Any, Any], ...] = ((REAL_LOCK, Lock), (REAL_SIMPLE_QUEUE, SimpleQueue))
_OUT_OF_BOUNDS = ("threadsim.", "_thread", "_queue", "importlib.", "_frozen_importlib")
_INTERNAL_NAMES = frozenset({"_allocate_lock", "_LockType", "_PySimpleQueue"})  # of threading and queue


def method_swap() -> MethodSwap:
    """Leads the methods that are operations to their handlers."""
    rlock: Any = threading.RLock
    table = chain(threads.table(), primitives.table(), queues.table(), [(rlock, make_rlock)])
    return MethodSwap(table)


def replace_names() -> None:
    """Let every module global that makes a real lock make a wrapper: ``from threading import Lock`` too."""
    for real, wrapper in _REPLACED:
        _rebind(real, wrapper)


def put_back_names() -> None:
    """Undo `replace_names`, in modules too that were imported since."""
    for real, wrapper in _REPLACED:
        _rebind(wrapper, real)


def _rebind(old: Any, new: Any) -> None:
    for module in _modules():
        names = vars(module)
        for name in [name for name, value in names.items() if value is old and name not in _INTERNAL_NAMES]:
            names[name] = new


def _modules() -> Iterator[ModuleType]:
    for name, module in list(sys.modules.items()):
        if isinstance(module, ModuleType) and not name.startswith(_OUT_OF_BOUNDS):
            yield module
