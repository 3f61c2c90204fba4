"""What a search wants to know of an execution beyond its events.

Whoever does something that no event tells (a call that blocks halfway, a look at the clock, a lock that is
let go inside of a wait) writes it down here, with the number of the step that is under way.
`threadsim.simulate.history` reads it.
"""

from __future__ import annotations

from collections.abc import Hashable

from threadsim.model.event import Kind
from threadsim.simulate.registry import Entry
from threadsim.simulate.thread import SimulatedThread
from threadsim.strategy.steps import Mode

CLOCK = "clock"
"""The location that stands for the virtual clock."""

THREADS = "threads"
"""The table of threads: a thread's number hangs on when it is started."""

ALIVE = "alive"
"""Which of the threads are over, for whoever asks about all of them."""

NAMES = "names"
"""The counter that threads without a name of their own get one from."""

LOGGING = "logging"
"""The settings of all loggers."""

INPUT = "input"
"""What is left of standard input."""

RANDOM = "random"
"""The state of the generator that the functions of `random` share."""


def thread_location(thread: SimulatedThread) -> tuple[str, int]:
    """The location that stands for whether a thread is over."""
    return "thread", thread.number


def timer_location(thread: SimulatedThread) -> tuple[str, int]:
    """The location that stands for whether a timer was told to stop."""
    return "timer", thread.number


_READING = frozenset({Kind.READ, Kind.IS_SET, Kind.SIZE, Kind.LOCKED})


def mode_of(kind: Kind, object_kind: str) -> Mode:
    """How an operation touches its object, whatever comes of it."""
    if kind in _READING or (object_kind == "Event" and kind in (Kind.WAIT, Kind.WAKE)):
        return Mode.READ
    if object_kind == "Barrier" and kind is Kind.WAKE:
        return Mode.ADD
    return Mode.WRITE


def touched_halfway(step: int, thread: SimulatedThread) -> list[tuple[int, Entry | Hashable, Mode]]:
    """What a call has touched that blocks before it is done."""
    if thread.entry is not None:
        return [(step, thread.entry, mode_of(thread.kind, thread.entry.kind))]
    if thread.target is not None:
        return [(step, thread_location(thread.target), Mode.READ)]
    return []


class Journal:
    """By number of step, what happened in it.

    Attributes:
        touches: Step, location, mode; in order. A location is an object's entry, or one of the words above.
        needs: The lock that had to be free for it.
        takes: The lock that it took.
        frees: The lock that it let go.
        enablers: The step that made it possible, where that is no matter of a lock.
        jumps: How many steps had been made when the clock made it possible.
        gave_up: The lock that it waited for, until its time was up.
        spun: Whether it ever jumped though somebody could go on.
        unmodelled: The first thing that was done that steps do not tell, in words; None if nothing was.
    """

    __slots__ = ("enablers", "frees", "gave_up", "jumps", "needs", "spun", "takes", "touches", "unmodelled")

    def __init__(self) -> None:
        self.touches: list[tuple[int, Entry | Hashable, Mode]] = []
        self.needs: dict[int, Entry] = {}
        self.takes: dict[int, Entry] = {}
        self.frees: dict[int, Entry] = {}
        self.enablers: dict[int, int] = {}
        self.jumps: dict[int, int] = {}
        self.gave_up: dict[int, Entry] = {}
        self.spun = False
        self.unmodelled: str | None = None

    def caused(self, step: int, thread: SimulatedThread) -> None:
        """Note what has made the step possible that a thread makes next."""
        if thread.enabler is not None:
            self.enablers[step] = thread.enabler
            thread.enabler = None
        if thread.jump is not None:
            self.jumps[step] = thread.jump
            thread.jump = None
