"""The tables of `concurrent.futures`: at an execution's end only the execution's own pools are to end.

What the interpreter does at its end, with every pool of the process, an execution does at its own: it tells
their threads to stop, and waits for them. A pool of real threads or processes must not be among them, nor may
an execution's end leave pools that refuse work.
"""

from __future__ import annotations

import sys
from typing import Any
from weakref import WeakKeyDictionary

_TABLES = {
    "concurrent.futures.thread": ("_threads_queues", "_shutdown"),
    "concurrent.futures.process": ("_threads_wakeups", "_global_shutdown"),
}
"""By module: where it keeps the threads of pools, and where it says that all is over."""

State = dict[str, tuple[Any, Any]]


def hide() -> State:
    """Let there be no pools; what there was."""
    before: State = {}
    for name, (table, flag) in _TABLES.items():
        module = sys.modules.get(name)
        if module is not None:
            before[name] = vars(module)[table], vars(module)[flag]
            vars(module).update({table: WeakKeyDictionary(), flag: False})
    return before


def restore(before: State) -> None:
    """Let them be there again; a module that is new since then has had none."""
    for name, (table, flag) in _TABLES.items():
        module = sys.modules.get(name)
        if module is not None:
            pools, is_over = before.get(name, (WeakKeyDictionary(), False))
            vars(module).update({table: pools, flag: is_over})
