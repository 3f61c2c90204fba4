"""Libraries that need handlers of their own, and may be imported only while an execution is under way."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from threadsim.instrument.methods import MethodSwap
from threadsim.simulate import temporary_names, thread_pool

_TABLES: dict[str, Callable[[ModuleType], Iterator[tuple[Any, Callable[..., Any]]]]] = {
    "multiprocessing.pool": thread_pool.table,
    "tempfile": temporary_names.table,
}
"""By module: gives its functions, with what handles them."""

_swaps: dict[str, MethodSwap] = {}


def install() -> None:
    """From now on, the functions of those that have been imported are handled."""
    for name, table in _TABLES.items():
        if name not in _swaps and name in sys.modules:
            _swaps[name] = MethodSwap(table(sys.modules[name]))
    for swap in _swaps.values():
        swap.install()


def remove() -> None:
    """They are as ever."""
    for swap in _swaps.values():
        swap.remove()
