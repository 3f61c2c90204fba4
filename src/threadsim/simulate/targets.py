"""Threads whose target is a method of a container, as in ``Thread(target=results.append, args=(1,))``.

No line of the program calls it, so no rewritten code tells of it; the thread's first step does it.
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
    target = getattr(thread, "_target", None)
    while isinstance(target, functools.partial):
        target = target.func
    if type(target) is not BuiltinMethodType or not isinstance(target.__self__, _CONTAINERS):
        return None
    container = target.__self__
    kind = next(kind.__name__ for kind in _CONTAINERS if isinstance(container, kind))
    mode = Mode.WRITE if target.__name__ in WRITING_METHODS else Mode.READ
    return registry.entry(container, kind), mode
