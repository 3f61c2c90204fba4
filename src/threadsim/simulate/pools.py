"""The tables of `concurrent.futures`: at an execution's end only the execution's own pools are to end.

What the interpreter does at its end, with every pool of the process, an execution does at its own: it tells
their threads to stop, and waits for them. A pool of real threads or processes must not be among them, nor may
it be refused work meanwhile, nor may an execution's end leave pools that refuse work.
"""

from __future__ import annotations

import sys
from types import FunctionType
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from threadsim.instrument.methods import MethodSwap
from threadsim.simulate.apart import Apart, Flag

_TABLES = {
    "concurrent.futures.thread": ("_threads_queues", "_shutdown"),
    "concurrent.futures.process": ("_threads_wakeups", "_global_shutdown"),
}
"""By module: where it keeps the threads of pools, and where it says that all is over."""


class _Hidden(NamedTuple):
    table: Any
    flag: Flag
    swap: MethodSwap


State = dict[str, _Hidden]
_swaps: dict[str, tuple[FunctionType, MethodSwap]] = {}


def hide(hidden: State) -> None:
    """Let there be no pools, for simulated threads; note in `hidden` what there was, unless it is there."""
    for name, (table, flag) in _TABLES.items():
        module = sys.modules.get(name)
        if module is not None and name not in hidden:
            names = vars(module)
            before = hidden[name] = _Hidden(names[table], Flag(flag, names[flag]), _swap(name, names, flag))
            names.update({table: Apart(WeakKeyDictionary(), before.table), flag: before.flag})
            before.swap.install()


def restore(hidden: State) -> None:
    """Let them be there again."""
    for name, (table, flag) in _TABLES.items():
        if name in hidden and name in sys.modules:
            before = hidden[name]
            before.swap.remove()
            vars(sys.modules[name]).update({table: before.table, flag: before.flag.others})
    hidden.clear()


def _swap(name: str, names: dict[str, Any], flag: str) -> MethodSwap:
    """For the function that is called at the end, which says in a global that all is over."""
    function: FunctionType = names["_python_exit"]
    known = _swaps.get(name)
    if known is None or known[0] is not function:
        known = _swaps[name] = function, MethodSwap([(function, lambda end: names[flag].run(end, names))])
    return known[1]
