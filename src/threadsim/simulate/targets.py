"""Methods of containers that a library calls, as in ``Thread(target=results.append, args=(1,))``.

No line of the program calls it, so no rewritten code tells of it. A thread's first step does it, a timer's
when it fires; a pool's thread or whoever has a future's result when it comes to it.
"""

from __future__ import annotations

import functools
from collections import deque
from types import BuiltinMethodType
from typing import Any

from threadsim.instrument.containers import WRITING_METHODS
from threadsim.simulate.registry import Entry, Registry
from threadsim.strategy.steps import Mode

_CONTAINERS = (list, dict, set, deque, bytearray)


def touched_by_target(registry: Registry, thread: Any) -> tuple[Entry, Mode] | None:
    """What the call of the target touches before any line of the program is reached; None for nothing."""
    return touched_by(registry, getattr(thread, "_target", None))


def touched_by(registry: Registry, function: Any) -> tuple[Entry, Mode] | None:
    """What a call touches before any line of the program is reached; None for nothing."""
    while isinstance(function, functools.partial):
        function = function.func
    if type(function) is not BuiltinMethodType or not isinstance(function.__self__, _CONTAINERS):
        return None
    container = function.__self__
    kind = next(kind.__name__ for kind in _CONTAINERS if isinstance(container, kind))
    mode = Mode.WRITE if function.__name__ in WRITING_METHODS else Mode.READ
    return registry.entry(container, kind), mode
