"""The twins of ``_thread.lock`` and ``_thread.RLock``.

Any thread that waits may get a lock that is released: all of them become ready, the strategy picks one, and
the others are not ready any more. What a call from CPython's own `threading` does (the lock inside an Event,
the waiters of a Condition) is not the program's: there it is no scheduling point, unless it has to block.
"""

from __future__ import annotations

from _thread import TIMEOUT_MAX
from typing import Any, ClassVar, Self

from threadsim.instrument.sites import called_by_threading, caller_frame, caller_site
from threadsim.model.event import Kind
from threadsim.simulate import stage
from threadsim.simulate.kernel import Kernel
from threadsim.simulate.registry import Entry
from threadsim.simulate.thread import SimulatedThread

FOREIGN: Any = "a thread that is not simulated"
"""Stands for whoever holds a lock that is touched when no execution is under way."""


class _Lock:
    """What both kinds of locks have in common: somebody owns it, others want it."""

    __slots__ = ("__weakref__", "_contenders", "_kernel", "_made_by_threading", "owner")

    _kind: ClassVar[str]

    def __init__(self) -> None:
        self.owner: SimulatedThread | None = None
        self._contenders: list[SimulatedThread] = []
        kernel = self._kernel = stage.kernel
        self._made_by_threading = called_by_threading(1)
        if kernel is not None and not self._made_by_threading:
            kernel.registry.made(self, self._kind, 1)

    def _entry(self, kernel: Kernel) -> Entry:
        entry = kernel.registry.entry(self, self._kind)
        if entry.name is None:
            kernel.registry.name_from_use(entry, caller_frame(2), caller_site(2))
        return entry

    def _enter(self) -> Kernel | None:
        """The kernel of the execution under way. A lock left over from another one is free in this one."""
        kernel = stage.kernel
        if kernel is not self._kernel:
            self._kernel = kernel
            self._contenders = []
            self._reset()
        return kernel

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

    def _acquire(self, kernel: Kernel, blocking: bool, timeout: float, depth: int) -> bool:
        """Take it for the current thread, which does not have it."""
        current = kernel.current
        if current.inside or called_by_threading(depth + 1):
            return self._acquire_inside(kernel, current, blocking, timeout)
        kernel.announce(Kind.ACQUIRE, caller_site(depth + 1), self._entry(kernel))
        begun = kernel.clock.now
        current.blocked_in_call = False
        if not blocking:
            kernel.point()
            taken = self.owner is None
        else:
            taken = self._contend(kernel, current, timeout)
        if taken:
            self._take(kernel, current)
        waited = kernel.clock.now - begun if current.blocked_in_call else None
        kernel.note(Kind.ACQUIRE, result=None if taken else "timed out" if blocking else "would block", waited=waited)
        return taken

    def _contend(self, kernel: Kernel, current: SimulatedThread, timeout: float) -> bool:
        """Come to a scheduling point, ready for as long as the lock is free; whether it is, then."""
        current.timed_out = False
        deadline = kernel.clock.now + timeout if timeout >= 0 else None
        self._contenders.append(current)
        current.blocked_on = self
        try:
            if self.owner is not None:
                kernel.block(deadline)
            else:
                current.deadline = deadline
                kernel.point()
        finally:
            self._contenders.remove(current)
            current.blocked_on = None
            current.deadline = None
        return self.owner is None

    def _acquire_inside(self, kernel: Kernel, current: SimulatedThread, blocking: bool, timeout: float) -> bool:
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
        if self.owner is not None:
            return False
        self._take(kernel, current)
        return True

    def _take(self, kernel: Kernel, current: SimulatedThread) -> None:
        self.owner = current
        if not self._contenders:
            return
        for other in self._contenders:
            if other is not current and other.is_ready and not other.timed_out:
                other.blocked_in_call = True
                kernel.disable(other)

    def _give_up(self, kernel: Kernel) -> None:
        self.owner = None
        if kernel.outcome is None:
            for other in self._contenders:
                kernel.enable(other)

    def _release(self, kernel: Kernel, depth: int) -> None:
        """Let it go, at a scheduling point of its own if the program asked for it."""
        if not kernel.current.inside and not called_by_threading(depth + 1) and kernel.outcome is None:
            kernel.announce(Kind.RELEASE, caller_site(depth + 1), self._entry(kernel))
            kernel.point()
            kernel.note(Kind.RELEASE)
        self._give_up(kernel)

    def _at_fork_reinit(self) -> None:
        self._reset()
        self._contenders = []


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

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """As ``threading.Lock.acquire``."""
        if self._take_inside():
            return True
        blocking, timeout = _check(blocking, timeout)
        kernel = self._enter()
        if kernel is None:
            taken, self.owner = self.owner is None, FOREIGN
            return taken or blocking
        return self._acquire(kernel, blocking, timeout, 1)

    def release(self) -> None:
        """As ``threading.Lock.release``."""
        kernel = self._enter()
        if kernel is not None and kernel.current.inside and not self._contenders and self.owner is not None:
            self.owner = None  # the usual case inside of an operation, without ado
            return
        if self.owner is None:
            raise RuntimeError("release unlocked lock")
        if kernel is None:
            self.owner = None
        else:
            self._release(kernel, 1)

    def locked(self) -> bool:
        """As ``threading.Lock.locked``; asking is an operation like any other."""
        kernel = self._enter()
        if kernel is not None and not kernel.current.inside and not called_by_threading(1):
            kernel.announce(Kind.LOCKED, caller_site(1), self._entry(kernel))
            kernel.point()
            kernel.note(Kind.LOCKED, result="false" if self.owner is None else None)
        return self.owner is not None

    def __enter__(self) -> bool:
        if self._take_inside():
            return True
        kernel = self._enter()
        return self.acquire() if kernel is None else self._acquire(kernel, True, -1, 1)

    def __exit__(self, *error: object) -> None:
        kernel = self._enter()
        if kernel is None or self.owner is None:
            self.release()
        else:
            self._release(kernel, 1)

    acquire_lock = acquire
    release_lock = release
    locked_lock = locked

    def __repr__(self) -> str:
        state = "unlocked" if self.owner is None else "locked"
        return f"<{state} _thread.lock object at {id(self):#x}>"


class RLock(_Lock):
    """The twin of ``_thread.RLock``: its owner may take it again."""

    __slots__ = ("_count",)

    _kind = "RLock"

    def __init__(self) -> None:
        super().__init__()
        self._count = 0

    def _reset(self) -> None:
        self.owner = None
        self._count = 0

    def _me(self, kernel: Kernel | None) -> SimulatedThread:
        return FOREIGN if kernel is None else kernel.current

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """As ``threading.RLock.acquire``."""
        blocking, timeout = _check(blocking, timeout)
        return self._acquire_again(blocking, timeout, 1)

    def _acquire_again(self, blocking: bool, timeout: float, depth: int) -> bool:
        kernel = self._enter()
        me = self._me(kernel)
        if kernel is None:
            self.owner = me
        elif self.owner is not me:
            if not self._acquire(kernel, blocking, timeout, depth + 1):
                return False
        elif not me.inside and not called_by_threading(depth + 1):
            kernel.announce(Kind.ACQUIRE, caller_site(depth + 1), self._entry(kernel))
            kernel.point()
            kernel.note(Kind.ACQUIRE)
        self._count += 1
        return True

    def release(self) -> None:
        """As ``threading.RLock.release``."""
        self._release_once(1)

    def _release_once(self, depth: int) -> None:
        kernel = self._enter()
        if self.owner is not self._me(kernel) or self._count == 0:
            raise RuntimeError("cannot release un-acquired lock")
        if kernel is None:
            self._count -= 1
            self.owner = self.owner if self._count else None
            return
        if self._count > 1:
            if not kernel.current.inside and not called_by_threading(depth + 1) and kernel.outcome is None:
                kernel.announce(Kind.RELEASE, caller_site(depth + 1), self._entry(kernel))
                kernel.point()
                kernel.note(Kind.RELEASE)
            self._count -= 1
            return
        self._release(kernel, depth + 1)
        self._count = 0

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
        return self.owner is self._me(self._enter()) and self.owner is not None

    def _recursion_count(self) -> int:
        return self._count if self._is_owned() else 0

    def _release_save(self) -> tuple[int, Any]:
        kernel = self._enter()
        if self._count == 0:
            raise RuntimeError("cannot release un-acquired lock")
        saved = self._count, self.owner
        self._count = 0
        if kernel is None:
            self.owner = None
        else:
            self._give_up(kernel)
        return saved

    def _acquire_restore(self, saved: tuple[int, Any]) -> None:
        kernel = self._enter()
        if kernel is None:
            self.owner = FOREIGN
        else:
            self._acquire_inside(kernel, kernel.current, True, -1)
        self._count = saved[0]

    def __repr__(self) -> str:
        state = "unlocked" if self.owner is None else "locked"
        owner = 0 if self.owner is None else getattr(self.owner, "ident", 0)
        return f"<{state} _thread.RLock object owner={owner} count={self._count} at {id(self):#x}>"


def own_lock_of(condition: Any) -> Self | None:  # type: ignore[misc]
    """The lock that a Condition made for itself, None if the program gave it one."""
    lock = condition._lock
    return lock if isinstance(lock, _Lock) and lock._made_by_threading else None
