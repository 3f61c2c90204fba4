"""An event as the kernel keeps it, until somebody asks for the trace."""

from __future__ import annotations

from typing import Any

from threadsim.instrument.access import Access
from threadsim.model.event import Kind
from threadsim.model.site import Site
from threadsim.simulate.registry import Entry
from threadsim.simulate.thread import SimulatedThread

ABSENT: Any = object()
"""Stands for no value, where None is a value."""

Where = Site | Access | None

Note = tuple[
    int,
    Kind,
    Where,
    Entry | None,
    SimulatedThread | None,
    str | None,
    Any,
    str | None,
    float | None,
    float,
    int,
]
"""Thread, kind, where, entry, target, field, value, result, waited, time, points passed until then."""
