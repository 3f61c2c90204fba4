"""A simulated thread: a greenlet and what the kernel knows of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from threadsim.instrument.access import Access
from threadsim.model.event import Kind
from threadsim.model.site import Site
from threadsim.simulate.carriers import Carrier
from threadsim.simulate.registry import Entry

FIRST_IDENT = 1
"""What ``get_ident()`` is in the main thread; the others count on from there."""


class SimulatedThread:
    """One thread of the program, during one execution.

    Attributes:
        number: 0 is the main thread.
        name: As the trace gives it; taken when it starts.
        kind, where, entry, target, key: Its pending operation, or the last one if it is running.
        is_ready: Whether it is in the kernel's list of ready threads.
        timed_out: Whether it was made ready by the clock and not by another thread.
        deadline: When the clock makes it ready, should it not be ready then.
        ticket: Tells a deadline that still counts from one that does not: see `Clock.wake_at`.
        inside: How many calls of primitives it is inside of; what happens in there is not the user's.
        blocked_in_call: Whether the call that it is inside of had to block.
        blocked_on: The lock that it waits for; has an `owner`.
        rejoins: The lock of the condition that it waits on: it needs that again before it can go on.
        contends_for: The entry of the lock that its pending operation is to take, once that is free.
        jump: How many steps had been made when the clock made it possible, None if that did not.
        enabler: The step that made its pending operation possible, where that is no matter of a lock.
        before_blocking: Called once, when the call that it is inside of first blocks.
        bootstrapping: The thread that starts it and waits for it to say so, until it did.
        python: Its ``threading.Thread`` while it runs, None for one of ``_thread.start_new_thread``.
        last_step: The number of its last step, once it is over.
        at_end: Called when it is over, to let those go on who wait for it.
    """

    __slots__ = (
        "at_end",
        "before_blocking",
        "blocked_in_call",
        "blocked_on",
        "bootstrapping",
        "contends_for",
        "daemon",
        "deadline",
        "enabler",
        "ended",
        "entry",
        "greenlet",
        "ident",
        "inside",
        "is_ready",
        "joined",
        "jump",
        "key",
        "kind",
        "last_step",
        "name",
        "number",
        "parent",
        "python",
        "rejoins",
        "sentinel",
        "starting",
        "target",
        "ticket",
        "timed_out",
        "where",
    )

    def __init__(self, number: int, name: str, parent: SimulatedThread | None) -> None:
        self.number = number
        self.name = name
        self.parent = parent
        self.ident = FIRST_IDENT + number
        self.greenlet: Carrier = None  # type: ignore[assignment]
        self.kind = Kind.BEGIN
        self.where: Site | Access | None = None
        self.entry: Entry | None = None
        self.target: SimulatedThread | None = None
        self.key: object = None
        self.is_ready = False
        self.timed_out = False
        self.deadline: float | None = None
        self.ticket = 0
        self.inside = 0
        self.blocked_in_call = False
        self.blocked_on: Any = None
        self.rejoins: Any = None
        self.contends_for: Entry | None = None
        self.enabler: int | None = None
        self.jump: int | None = None
        self.before_blocking: Callable[[], None] | None = None
        self.bootstrapping: SimulatedThread | None = None
        self.starting: Any = None
        self.python: Any = None
        self.daemon = False
        self.ended = False
        self.last_step = 0
        self.joined = False
        self.sentinel: Any = None
        self.at_end: list[Callable[[], None]] = []

    def __repr__(self) -> str:
        return f"<T{self.number} {self.name}: {self.kind}>"

    def announced(self) -> tuple[Kind, Site | Access | None, Entry | None, SimulatedThread | None, object]:
        """Its pending operation, as `Kernel.announce` takes it."""
        return self.kind, self.where, self.entry, self.target, self.key

    @property
    def place(self) -> Site | None:
        """Where its pending operation stands."""
        return self.where.site if isinstance(self.where, Access) else self.where

    @property
    def object_key(self) -> object:
        """What its pending operation is done to."""
        if self.target is not None:
            return self.target
        if self.entry is None:
            return None
        return self.entry.location(self.where.name if isinstance(self.where, Access) else ""), self.key
