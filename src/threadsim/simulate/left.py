"""What the threads that are not over at an execution's end were about to do."""

from __future__ import annotations

from typing import NamedTuple

from threadsim.instrument.access import Access
from threadsim.instrument.stacks import Calls
from threadsim.model.event import Kind
from threadsim.model.site import Site
from threadsim.simulate.registry import Entry
from threadsim.simulate.stacks import calls_of
from threadsim.simulate.thread import SimulatedThread


class Left(NamedTuple):
    """A thread that is left over: its pending operation, and who holds what it waits for.

    Attributes:
        contends_for: The lock that it could go on with if that were free, None if it is no such matter.
        enabler: The step that made its going on possible but for that lock, None if none.
        calls: Those that it was in the midst of.
    """

    thread: SimulatedThread
    is_ready: bool
    kind: Kind
    place: Site | None
    entry: Entry | None
    target: SimulatedThread | None
    holder: SimulatedThread | None
    contends_for: Entry | None
    enabler: int | None
    calls: Calls

    @classmethod
    def of(cls, thread: SimulatedThread) -> Left:
        """As it is now."""
        lock, where = thread.blocked_on, thread.where
        entry = (
            thread.entry.location(where.name) if thread.entry and isinstance(where, Access) else thread.entry
        )
        owner = lock.owner if lock is not None and not thread.inside else None
        holder = owner if isinstance(owner, SimulatedThread) else None
        return cls(
            thread,
            thread.is_ready,
            thread.kind,
            thread.place,
            entry,
            thread.target,
            holder,
            thread.contends_for,
            thread.enabler,
            calls_of(thread.greenlet),
        )
