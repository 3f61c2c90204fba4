"""What is adopted: a real lock or queue, the twin that stands for it, and how the one becomes the other."""

from __future__ import annotations

import _thread
import queue
import threading
from typing import Any

from threadsim.simulate.base_lock import FOREIGN
from threadsim.simulate.kernel import Kernel
from threadsim.simulate.lock import Lock, RLock
from threadsim.simulate.registry import Entry

LOCK: Any = type(_thread.allocate_lock())
RLOCK: Any = _thread.RLock
QUEUE: Any = queue.SimpleQueue

_new_lock = _thread.allocate_lock
_PySimpleQueue: Any = queue._PySimpleQueue  # type: ignore[attr-defined]


class Adopted:
    """A real lock and its twin.

    Args:
        real: The lock.
        twin: Stands for it.
        kind: What it is called in a trace.

    Attributes:
        name: The same of it where it is kept, None if that gives no name.
        condition: The Condition whose own lock it is, None if anybody else has it, too.
    """

    def __init__(self, real: Any, twin: Any, kind: str) -> None:
        self.real = real
        self.twin = twin
        self.kind = kind
        self.name: str | None = None
        self.condition: threading.Condition | None = None
        self._entry: Entry | None = None

    def twin_of(self, original: Any) -> Any:
        """The twin of the lock, or of a bound method of it."""
        return self.twin if original is self.real else getattr(self.twin, original.__name__, None)

    def is_kept_by(self, holders: list[Any]) -> None:
        """Note who keeps it: if that is just a Condition, the two are one to the program."""
        if isinstance(holders[0], threading.Condition) and all(holder is holders[0] for holder in holders):
            self.condition = holders[0]
            self.kind = "Condition"

    def entry(self, number: int) -> Entry:
        """What an execution knows of it: once it has a name that is the same for all of them."""
        if self._entry is not None:
            return self._entry
        entry = Entry(self.kind, self.name, None)
        entry.key = "adopted", number
        if self.name is not None:
            self._entry = entry
        return entry

    def begin(self, kernel: Kernel, number: int) -> None:
        """Let the twin be as the real one is; it is the execution's adopted lock with this number."""
        entry = self.entry(number)
        is_held = self.real.locked() if type(self.real) is LOCK else self.real._is_owned()
        self.twin._adopt(kernel, FOREIGN if is_held else None)
        kernel.registry.add_lasting(self.twin, entry)
        if self.condition is not None:
            kernel.registry.add_lasting(self.condition, entry)

    def end(self) -> None:
        """Let the real one be as the twin is: whoever took or released that has done the same to this."""


class AdoptedQueue(Adopted):
    """A `queue.SimpleQueue`, which is written in C; its twin is that which is written in Python."""

    def __init__(self, real: Any) -> None:
        super().__init__(real, _PySimpleQueue(), "SimpleQueue")
        lock: Any = Lock.standing_for(_new_lock())
        self._lock = lock
        self.twin._count._cond = threading.Condition(lock)

    def begin(self, kernel: Kernel, number: int) -> None:
        """Move what is in it."""
        self._lock._adopt(kernel, None)
        items = self.twin._queue
        items.clear()
        _move(self.real, items.append)
        self.twin._count._value = len(items)
        self.twin._count._cond._waiters.clear()
        kernel.registry.add_lasting(self.twin, self.entry(number))

    def end(self) -> None:
        """Move it back."""
        while self.twin._queue:
            self.real.put(self.twin._queue.popleft())


def _move(real: Any, put: Any) -> None:
    while True:
        try:
            put(real.get_nowait())
        except queue.Empty:
            return


def adopted(real: Any) -> Adopted:
    """That of a lock or a queue."""
    if type(real) is QUEUE:
        return AdoptedQueue(real)
    if type(real) is LOCK:
        return Adopted(real, Lock.standing_for(real), "Lock")
    return Adopted(real, RLock.standing_for(real), "RLock")
