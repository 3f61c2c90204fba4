"""What the twins of locks have in common: who has them, who wants them, and who else there is.

Any thread that waits may get a lock that is released: all of them become ready, the strategy picks one, and
the others are not ready any more. What a call from CPython's own `threading` does (the lock inside an Event,
the waiters of a Condition) is not the program's: there it is no scheduling point, unless it has to block.

OS threads that are not simulated may use a lock, too, while the program does: the one of a handler of
`logging`, a queue's mutex, one that a pool of theirs was given. For them there is a real lock behind a twin:
the original, if it stands for one, otherwise one that is made when the first of them comes. They use just
that, and whichever simulated thread has the twin has the real one. So a simulated thread may have to wait
for them for real, in the midst of a step. The schedule does not tell: to it, what they do takes no time; but
if they keep a lock for long, or wait in turn for one that a simulated thread has, the others are let go on.

Between the test of an attribute and its assignment the interpreter never switches to another OS thread as
long as there is no call in between. On that stand `_have`, `_take_now`, `_leave`, `_outside`, `_take_inside`.
"""

from __future__ import annotations

import _thread
import time
from collections.abc import Callable
from math import inf
from typing import Any, ClassVar, NoReturn, Self

from threadsim.instrument.sites import called_by_threading, program_call, site_of_call
from threadsim.model.event import Kind
from threadsim.simulate import stage
from threadsim.simulate.journal import CLOCK
from threadsim.simulate.kernel import Kernel
from threadsim.simulate.registry import Entry
from threadsim.simulate.stage import get_ident, here
from threadsim.simulate.thread import SimulatedThread
from threadsim.strategy.steps import Mode

FOREIGN: Any = "a thread that is not simulated"
"""Stands for whoever holds a lock that is touched when no execution is under way, or was held before it."""

PATIENCE = 0.5
"""Seconds, real ones, after which a lock that was held when the execution began counts as held to its end."""

_SLICE = 0.05
"""Seconds, real ones, after which a thread that is not simulated looks whether the execution is over."""

_STUCK = 5
"""How often, one after the other, who has a lock must be seen to wait for a simulated thread."""

_YIELD = 0.001
"""Seconds, real ones, for which such a thread waits before it takes a lock that a simulated thread waits for.

A real lock is not fair: who has it most of the time would get it again and again."""

_new = object.__new__
_now = time.monotonic
_sleep = time.sleep
_real_lock = _thread.allocate_lock
_real_rlock: Callable[[], Any] = _thread.RLock

_waiting: dict[int, BaseLock] = {}
"""By ident, the OS threads that are not simulated and wait, and for what."""


class BaseLock:
    """What both kinds of locks have in common: somebody owns it, others want it.

    Attributes:
        owner: The simulated thread that has it; `FOREIGN`; None for nobody, or for another OS thread.
    """

    __slots__ = (
        "__weakref__",
        "_contenders",
        "_holder",
        "_is_adopted",
        "_is_wanted",
        "_kernel",
        "_made_by_threading",
        "_patience",
        "_real",
        "owner",
    )

    _kind: ClassVar[str]
    _type_name: ClassVar[str]  # of the type that it stands for

    @staticmethod
    def _make_real(held: bool) -> Any:
        """A real one, free or held by the execution's OS thread."""
        raise NotImplementedError

    def __new__(cls, *_: object, **__: object) -> Any:
        """A real one, for whoever is not simulated."""
        if stage.kernel is not None and get_ident() == stage.thread:
            return _new(cls)
        return cls._make_real(False) if "_make_real" in cls.__dict__ else _new(cls)

    @classmethod
    def standing_for(cls, real: Any) -> Self:
        """The twin of a lock that there is already."""
        twin: Self = _new(cls)
        twin.__init__()  # type: ignore[misc]
        twin._made_by_threading = False
        twin._real = real
        twin._is_adopted = True
        return twin

    def __init__(self) -> None:
        self.owner: SimulatedThread | None = None
        self._contenders: list[SimulatedThread] = []
        self._real: Any = None
        self._is_adopted = False
        self._is_wanted = False  # by a simulated thread that waits for others
        self._patience = PATIENCE
        self._holder = 0  # the ident of the OS thread that was the last to have the real one
        kernel = self._kernel = stage.kernel
        self._made_by_threading = (kernel is not None and kernel.current.inside > 0) or called_by_threading(1)
        if kernel is not None and not self._made_by_threading:
            kernel.registry.made(self, self._kind, 1)

    def _announce(self, kernel: Kernel, kind: Kind, depth: int) -> bool:
        """Say what the program is about to do with it, if it is the program that does."""
        if kernel.current.inside or kernel.outcome is not None:
            return False
        frame = program_call(depth + 1)
        if frame is None:
            return False
        site = site_of_call(frame)
        entry = kernel.registry.entry(self, self._kind)
        if entry.name is None:
            kernel.registry.name_from_use(entry, frame, site)
        if self._made_by_threading and entry.kind == self._kind and kernel.journal.unmodelled is None:
            kernel.journal.unmodelled = f"{kind} of a lock inside of another primitive at {site}"
        kernel.announce(kind, site, entry)
        return True

    def _enter(self) -> Kernel | None:
        """The kernel of the execution under way. A lock left over from one that is over is free."""
        kernel = stage.kernel
        if kernel is not None and get_ident() != stage.thread:
            kernel = here()
        if kernel is not self._kernel and not self._is_in_use():
            self._free_left_over()
            self._kernel = kernel
            self._contenders = []
            self._reset()
        return kernel

    def _is_in_use(self) -> bool:
        """Whether its execution goes on: its threads may hold it."""
        return self._kernel is not None and self._kernel.outcome is None

    def _is_suspended(self) -> bool:
        """Whether its execution goes on after an import that nobody simulates, which touches it."""
        return self._is_in_use() and here() is None and get_ident() == stage.thread

    def _free_left_over(self) -> None:
        """Let no other OS thread wait for a simulated thread that is no more."""
        owner = self.owner
        if self._real is None or self._is_adopted or not isinstance(owner, SimulatedThread):
            return
        free = self._make_real(False)
        if self.owner is owner:  # nobody was faster
            self._real, self.owner = free, None

    def _reset(self) -> None:
        self.owner = None

    # The real lock.

    def _outside(self) -> Any:
        """The real lock, for a caller that is not simulated; None if none of them can meet another here."""
        if self._is_suspended():
            return None
        if self._real is None and self._is_in_use():
            free, held = self._make_real(False), self._make_real(True)
            if self._real is None:
                self._real = free if self.owner is None else held
        return self._real

    def _acquire_outside(self, blocking: bool, timeout: float) -> bool:
        """Take it for a thread that is not simulated."""
        real = self._outside()
        if real is None:
            return self._acquire_alone(blocking)
        if self._is_wanted and blocking:
            _sleep(_YIELD)
        taken = real.acquire(False) or (blocking and self._wait_outside(timeout))
        if taken:
            self._holder = get_ident()
        return taken

    def _wait_outside(self, timeout: float) -> bool:
        """Take it once it is free, or the execution over whose threads have it."""
        end = _now() + timeout if timeout >= 0 else inf
        _waiting[get_ident()] = self
        try:
            while not self._outside().acquire(True, max(0.0, min(end - _now(), _SLICE))):
                if _now() >= end:
                    return False
                self._enter()
            return True
        finally:
            del _waiting[get_ident()]

    def _have(self, owner: Any, patience: float = inf) -> bool:
        """Note who has it now, and take the real one, too; that nobody else simulated has it is known.

        Returns:
            False if another OS thread has it, and did not give it back for so many seconds.
        """
        real = self._real
        if real is None or real.acquire(False) or self._wait_for_others(real, patience):
            self.owner = owner
            return True
        return False

    def _wait_for_others(self, real: Any, patience: float) -> bool:
        """Take the real lock that another OS thread has, unless that waits for a simulated thread in turn."""
        end = _now() + patience
        stuck = 0
        self._is_wanted = True
        try:
            while not real.acquire(True, _SLICE / 5):
                wanted = _waiting.get(self._holder)
                stuck = stuck + 1 if wanted and isinstance(wanted.owner, SimulatedThread) else 0
                if _now() >= end or stuck == _STUCK:
                    return bool(real.acquire(False))  # it may have been given back just before
            return True
        finally:
            self._is_wanted = False

    def _leave(self) -> None:
        """Nobody has it any more, if anybody had."""
        real, owner = self._real, self.owner
        self.owner = None
        if real is not None and owner is not None:
            real.release()

    def _settle(self) -> None:
        """Find out about a lock that was held when the execution began: perhaps it was just for a moment."""
        if self._real is not None and not self._is_ours():
            if self._real.acquire(False) or (
                self._patience and stage.mixed and self._wait_for_others(self._real, self._patience)
            ):
                self._real.release()
                self.owner = None
            else:
                self._patience = 0.0

    def _is_ours(self) -> bool:
        """Whether it can be told that the execution's own OS thread holds the real one."""
        return False

    def _adopt(self, kernel: Kernel, owner: SimulatedThread | None) -> None:
        """Stand for a real lock during one execution, held as that is."""
        self._kernel = kernel
        self._contenders = []
        self._reset()
        self.owner = owner

    def _take_inside(self) -> bool:
        """Take it at once if it is free and we are inside of an operation: by far the most frequent case."""
        kernel = stage.kernel
        if kernel is None or kernel is not self._kernel or get_ident() != stage.thread or self._contenders:
            return False
        current = kernel.current
        if not current.inside or self.owner is not None or self._real is not None:
            return False
        self.owner = current
        return True

    def _acquire_alone(self, blocking: bool) -> bool:
        """Take it while nothing is simulated: nobody waits for it then."""
        if self.owner is None:
            self._have(FOREIGN)
            return True
        return blocking

    def _is_kept(self) -> bool:
        """Whether a thread of a suspended execution has it, and is to have it still when that goes on."""
        return self._is_suspended() and self.owner is not None and self.owner is not FOREIGN

    def _acquire(self, kernel: Kernel, blocking: bool, timeout: float, depth: int) -> bool:
        """Take it for the current thread, which does not have it."""
        current = kernel.current
        if not self._announce(kernel, Kind.ACQUIRE, depth + 1):
            return self._acquire_inside(kernel, current, blocking, timeout)
        if self.owner is FOREIGN:
            self._settle()
        begun = kernel.clock.now
        current.blocked_in_call = False
        if not blocking or timeout == 0:
            kernel.point()
            taken = self.owner is None and self._take_now(kernel, current)
        else:
            taken = self._contend(kernel, current, timeout)
            if taken:
                self._take(kernel, current)
        if taken:
            kernel.journal.takes[kernel.steps - 1] = self._entry(kernel)
        waited = kernel.clock.now - begun if current.blocked_in_call else None
        kernel.note(
            Kind.ACQUIRE, result=None if taken else "timed out" if blocking else "would block", waited=waited
        )
        return taken

    def _contend(self, kernel: Kernel, current: SimulatedThread, timeout: float) -> bool:
        """Come to a scheduling point, ready for as long as the lock is free; whether it is, then."""
        current.timed_out = False
        deadline = kernel.clock.now + timeout if timeout >= 0 else None
        self._contenders.append(current)
        current.blocked_on = self
        current.contends_for = entry = self._entry(kernel)
        try:
            if self.owner is not None:
                kernel.block(deadline)
            else:
                if deadline is not None:
                    kernel.touch(CLOCK, Mode.READ)
                current.deadline = deadline
                kernel.point()
        finally:
            self._contenders.remove(current)
            current.blocked_on = current.contends_for = None
            current.deadline = None
        if current.timed_out:
            kernel.journal.gave_up[kernel.steps - 1] = entry
        else:
            kernel.journal.needs[kernel.steps - 1] = entry
        return self.owner is None

    def _entry(self, kernel: Kernel) -> Entry:
        return kernel.registry.entry(self, self._kind)

    def contend_again(self, kernel: Kernel, thread: SimulatedThread) -> None:
        """A thread that gave it up to wait on a condition has waited enough, and wants it back."""
        thread.contends_for = self._entry(kernel)
        self._contenders.append(thread)
        if self.owner is None:
            kernel.enable(thread)

    def _regained(self, kernel: Kernel, thread: SimulatedThread) -> None:
        """That thread goes on: it takes the lock next, within this step."""
        self._contenders.remove(thread)
        thread.contends_for = None
        entry, step = self._entry(kernel), kernel.steps - 1
        kernel.touch(entry, Mode.WRITE)
        kernel.journal.needs[step] = entry
        kernel.journal.takes[step] = entry

    def given_up(self, kernel: Kernel) -> None:
        """Note that the current thread, which waits on a condition, lets it go in this step."""
        entry = self._entry(kernel)
        kernel.touch(entry, Mode.WRITE)
        kernel.journal.frees[kernel.steps - 1] = entry

    def _acquire_inside(
        self, kernel: Kernel, current: SimulatedThread, blocking: bool, timeout: float
    ) -> bool:
        if self.owner is FOREIGN:
            self._settle()
        if not blocking or timeout == 0:
            return self.owner is None and self._take_now(kernel, current)
        if self.owner is None:
            self._take(kernel, current)
            return True
        self._contenders.append(current)
        outer, current.blocked_on = current.blocked_on, self
        try:
            kernel.block(kernel.clock.now + timeout if timeout > 0 else None)
        finally:
            self._contenders.remove(current)
            current.blocked_on = outer
        if current.contends_for is not None:
            current.rejoins._regained(kernel, current)
        if self.owner is not None:
            return False
        self._take(kernel, current)
        return True

    def _take(self, kernel: Kernel, current: SimulatedThread) -> None:
        while not self._take_now(kernel, current):
            self._let_others_go_on(kernel, current)

    def _let_others_go_on(self, kernel: Kernel, current: SimulatedThread) -> None:
        """Another OS thread keeps it, which may wait for a simulated thread in turn: let those go on."""
        outer, current.blocked_on = current.blocked_on, self
        rejoins, current.rejoins = current.rejoins, None
        begun = kernel.steps
        self._contenders.append(current)
        try:
            kernel.block(kernel.clock.now)
            if self.owner is None and kernel.steps == begun + 1:  # nobody else can go on now
                self._let_time_pass(kernel)
            while self.owner is not None:
                kernel.block()
        finally:
            self._contenders.remove(current)
            current.blocked_on, current.rejoins = outer, rejoins

    def _let_time_pass(self, kernel: Kernel) -> None:
        later = kernel.clock.nearest()
        if later is not None:
            kernel.block(later)
        elif self._real.acquire(True, PATIENCE):
            self._real.release()
        else:
            self.owner = FOREIGN

    def _take_now(self, kernel: Kernel, current: SimulatedThread) -> bool:
        real = self._real
        if real is not None and not real.acquire(False) and not self._wait_for_others(real, PATIENCE):
            return False
        self.owner = current
        if self._contenders:
            self._let_wait(kernel, current)
        return True

    def _let_wait(self, kernel: Kernel, current: SimulatedThread) -> None:
        for other in self._contenders:
            if other is not current and other.is_ready and (not other.timed_out or other.rejoins is self):
                other.blocked_in_call = True
                kernel.disable(other)

    def _give_up(self, kernel: Kernel) -> None:
        self._leave()
        if kernel.outcome is None:
            for other in self._contenders:
                if other.contends_for is None:
                    kernel.wake(other)
                elif other.rejoins is None or other.rejoins is self:
                    kernel.enable(other)

    def _at_fork_reinit(self) -> None:
        if self._real is not None:
            self._real._at_fork_reinit()
        self._reset()
        self._contenders = []

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"cannot pickle '{self._type_name}' object")

    def __repr__(self) -> str:
        state = "unlocked" if self.owner is None else "locked"
        return f"<{state} {self._type_name} object{self._details()} at {id(self):#x}>"

    def _details(self) -> str:
        return ""
