"""The twins of ``_thread.lock`` and ``_thread.RLock``.

Any thread that waits may get a lock that is released: all of them become ready, the strategy picks one, and
the others are not ready any more. What a call from CPython's own `threading` does (the lock inside an Event,
the waiters of a Condition) is not the program's: there it is no scheduling point, unless it has to block.
"""

from __future__ import annotations

from _thread import TIMEOUT_MAX
from typing import Any, ClassVar, NoReturn, Self

from threadsim.instrument.sites import called_by_threading, program_call, site_of_call
from threadsim.model.event import Kind
from threadsim.simulate import stage
from threadsim.simulate.kernel import Kernel
from threadsim.simulate.registry import Entry
from threadsim.simulate.thread import SimulatedThread
from threadsim.strategy.steps import Mode

FOREIGN: Any = "a thread that is not simulated"
"""Stands for whoever holds a lock that is touched when no execution is under way."""


class _Lock:
    """What both kinds of locks have in common: somebody owns it, others want it."""

    __slots__ = ("__weakref__", "_contenders", "_kernel", "_made_by_threading", "owner")

    _kind: ClassVar[str]
    _type_name: ClassVar[str]  # of the type that it stands for

    def __init__(self) -> None:
        self.owner: SimulatedThread | None = None
        self._contenders: list[SimulatedThread] = []
        kernel = self._kernel = stage.kernel
        self._made_by_threading = called_by_threading(1)
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
        if kernel is not self._kernel and not self._is_suspended():
            self._kernel = kernel
            self._contenders = []
            self._reset()
        return kernel

    def _is_suspended(self) -> bool:
        """Whether its execution goes on after an import that nobody simulates: its threads may hold it."""
        return stage.kernel is None and self._kernel is not None and self._kernel.outcome is None

    def _reset(self) -> None:
        self.owner = None

    def _adopt(self, kernel: Kernel, owner: SimulatedThread | None) -> None:
        """Stand for a real lock during one execution, held as that is."""
        self._kernel = kernel
        self._contenders = []
        self._reset()
        self.owner = owner

    def _take_inside(self) -> bool:
        """Take it at once if it is free and we are inside of an operation: by far the most frequent case."""
        kernel = stage.kernel
        if kernel is None or kernel is not self._kernel or self.owner is not None or self._contenders:
            return False
        current = kernel.current
        if not current.inside:
            return False
        self.owner = current
        return True

    def _acquire_alone(self, blocking: bool) -> bool:
        """Take it while nothing is simulated: nobody waits for it then."""
        if self.owner is None:
            self.owner = FOREIGN
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
        begun = kernel.clock.now
        current.blocked_in_call = False
        if not blocking or timeout == 0:
            kernel.point()
            taken = self.owner is None
        else:
            taken = self._contend(kernel, current, timeout)
        if taken:
            self._take(kernel, current)
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
        if self.owner is None:
            self._take(kernel, current)
            return True
        if not blocking or timeout == 0:
            return False
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
        self.owner = current
        if not self._contenders:
            return
        for other in self._contenders:
            if other is not current and other.is_ready and (not other.timed_out or other.rejoins is self):
                other.blocked_in_call = True
                kernel.disable(other)

    def _give_up(self, kernel: Kernel) -> None:
        self.owner = None
        if kernel.outcome is None:
            for other in self._contenders:
                if other.contends_for is None:
                    kernel.wake(other)
                elif other.rejoins is None or other.rejoins is self:
                    kernel.enable(other)

    def _at_fork_reinit(self) -> None:
        self._reset()
        self._contenders = []

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"cannot pickle '{self._type_name}' object")

    def __repr__(self) -> str:
        state = "unlocked" if self.owner is None else "locked"
        return f"<{state} {self._type_name} object{self._details()} at {id(self):#x}>"

    def _details(self) -> str:
        return ""


def _check(blocking: bool, timeout: float) -> tuple[bool, float]:
    """What CPython's ``acquire`` accepts, and raises for what it does not."""
    if not blocking and timeout != -1:
        raise ValueError("can't specify a timeout for a non-blocking call")
    if timeout < 0 and timeout != -1:
        raise ValueError("timeout value must be a non-negative number")
    if timeout > TIMEOUT_MAX:
        raise OverflowError("timeout value is too large")
    return bool(blocking), timeout


class Lock(_Lock):
    """The twin of ``_thread.lock``: anybody may release it."""

    __slots__ = ()

    _kind = "Lock"
    _type_name = "_thread.lock"

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError("type '_thread.lock' is not an acceptable base type")

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """As ``threading.Lock.acquire``."""
        if self._take_inside():
            return True
        blocking, timeout = _check(blocking, timeout)
        kernel = self._enter()
        if kernel is None:
            return self._acquire_alone(blocking)
        return self._acquire(kernel, blocking, timeout, 1)

    def release(self) -> None:
        """As ``threading.Lock.release``."""
        self._release(1)

    def _release(self, depth: int) -> None:
        kernel = self._enter()
        if kernel is None:
            self._release_alone()
            return
        if self._announce(kernel, Kind.RELEASE, depth + 1):
            kernel.point()
            kernel.note(Kind.RELEASE, result="RuntimeError" if self.owner is None else None)
            if self.owner is not None:
                kernel.journal.frees[kernel.steps - 1] = self._entry(kernel)
        if self.owner is not None:
            self._give_up(kernel)
        elif kernel.outcome is None:
            raise RuntimeError("release unlocked lock")

    def _release_alone(self) -> None:
        if self.owner is None:
            raise RuntimeError("release unlocked lock")
        if not self._is_kept():
            self.owner = None

    def locked(self) -> bool:
        """As ``threading.Lock.locked``; asking is an operation like any other."""
        kernel = self._enter()
        if kernel is not None and self._announce(kernel, Kind.LOCKED, 1):
            kernel.point()
            kernel.note(Kind.LOCKED, result="false" if self.owner is None else None)
        return self.owner is not None

    def __enter__(self) -> bool:
        if self._take_inside():
            return True
        kernel = self._enter()
        return self._acquire_alone(True) if kernel is None else self._acquire(kernel, True, -1, 1)

    def __exit__(self, *error: object) -> None:
        self._release(1)

    acquire_lock = acquire
    release_lock = release
    locked_lock = locked


class RLock(_Lock):
    """The twin of ``_thread.RLock``: its owner may take it again."""

    __slots__ = ("_count",)

    _kind = "RLock"
    _type_name = "_thread.RLock"

    def __init__(self, *_: object, **__: object) -> None:  # the real one takes any, to no effect
        super().__init__()
        self._count = 0

    def _reset(self) -> None:
        self.owner = None
        self._count = 0

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """As ``threading.RLock.acquire``."""
        blocking, timeout = _check(blocking, timeout)
        return self._acquire_again(blocking, timeout, 1)

    def _acquire_again(self, blocking: bool, timeout: float, depth: int) -> bool:
        kernel = self._enter()
        if kernel is None:
            if not self._is_kept():
                self.owner = FOREIGN
                self._count += 1
            return True
        if self.owner is not kernel.current:
            if not self._acquire(kernel, blocking, timeout, depth + 1):
                return False
        elif self._announce(kernel, Kind.ACQUIRE, depth + 1):
            kernel.point()
            kernel.note(Kind.ACQUIRE)
        self._count += 1
        return True

    def release(self) -> None:
        """As ``threading.RLock.release``."""
        self._release_once(1)

    def _release_once(self, depth: int) -> None:
        kernel = self._enter()
        if kernel is not None and self._announce(kernel, Kind.RELEASE, depth + 1):
            kernel.point()
            kernel.note(Kind.RELEASE, result=None if self._is_mine(kernel) else "RuntimeError")
            if self._count == 1 and self._is_mine(kernel):
                kernel.journal.frees[kernel.steps - 1] = self._entry(kernel)
        if self._is_mine(kernel):
            self._count -= 1
            if self._count == 0:
                self._let_go(kernel)
        elif not self._is_kept() and (kernel is None or kernel.outcome is None):
            raise RuntimeError("cannot release un-acquired lock")

    def _is_mine(self, kernel: Kernel | None) -> bool:
        return self._count > 0 and self.owner is (FOREIGN if kernel is None else kernel.current)

    def _let_go(self, kernel: Kernel | None) -> None:
        if kernel is None:
            self.owner = None
        else:
            self._give_up(kernel)

    def locked(self) -> bool:
        """Whether anybody has it (public from Python 3.14 on)."""
        self._enter()
        return self.owner is not None

    def __enter__(self) -> bool:
        return self._acquire_again(True, -1, 1)

    def __exit__(self, *error: object) -> None:
        self._release_once(1)

    # What Condition asks of the lock that it is given.

    def _is_owned(self) -> bool:
        return self._is_mine(self._enter())

    def _recursion_count(self) -> int:
        return self._count if self._is_owned() else 0

    def _release_save(self) -> int:
        kernel = self._enter()
        if self._count == 0:
            raise RuntimeError("cannot release un-acquired lock")
        saved, self._count = self._count, 0
        self._let_go(kernel)
        return saved

    def _acquire_restore(self, saved: int) -> None:
        kernel = self._enter()
        if kernel is None:
            self.owner = FOREIGN
        elif kernel.outcome is not None:  # whoever waited is to come to its end
            self.owner = kernel.current
        else:
            self._acquire_inside(kernel, kernel.current, True, -1)
        self._count = saved

    def _details(self) -> str:
        owner = 0 if self.owner is None else getattr(self.owner, "ident", 0)
        return f" owner={owner} count={self._count}"


def own_lock_of(condition: Any) -> Self | None:  # type: ignore[misc]
    """The lock that a Condition made for itself, None if the program gave it one."""
    lock = condition._lock
    return lock if isinstance(lock, _Lock) and lock._made_by_threading else None


def lock_is_held_by(lock: object, thread: SimulatedThread) -> bool:
    """Whether it is a twin, and that thread has it."""
    return isinstance(lock, _Lock) and lock.owner is thread
