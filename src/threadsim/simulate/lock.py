"""The twins of ``_thread.lock`` and ``_thread.RLock``: their names and signatures."""

from __future__ import annotations

from _thread import TIMEOUT_MAX
from typing import Any, NoReturn, Self

from threadsim.model.event import Kind
from threadsim.simulate import stage
from threadsim.simulate.base_lock import (
    FOREIGN,
    PATIENCE,
    BaseLock,
    _new,
    _real_lock,
    _real_rlock,
)
from threadsim.simulate.kernel import Kernel, Unwind
from threadsim.simulate.stage import get_ident
from threadsim.simulate.thread import SimulatedThread


def _check(blocking: bool, timeout: float) -> tuple[bool, float]:
    """What CPython's ``acquire`` accepts, and raises for what it does not."""
    if not blocking and timeout != -1:
        raise ValueError("can't specify a timeout for a non-blocking call")
    if timeout < 0 and timeout != -1:
        raise ValueError("timeout value must be a non-negative number")
    if timeout > TIMEOUT_MAX:
        raise OverflowError("timeout value is too large")
    return bool(blocking), timeout


class Lock(BaseLock):
    """The twin of ``_thread.lock``: anybody may release it."""

    __slots__ = ()

    _kind = "Lock"
    _type_name = "_thread.lock"

    @staticmethod
    def _make_real(held: bool) -> Any:
        lock = _real_lock()
        if held:
            lock.acquire()
        return lock

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError("type '_thread.lock' is not an acceptable base type")

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """As ``threading.Lock.acquire``."""
        if self._take_inside():
            return True
        blocking, timeout = _check(blocking, timeout)
        kernel = self._enter()
        if kernel is None:
            return self._acquire_outside(blocking, timeout)
        return self._acquire(kernel, blocking, timeout, 1)

    def release(self) -> None:
        """As ``threading.Lock.release``."""
        self._release(1)

    def _release(self, depth: int) -> None:
        kernel = self._enter()
        if kernel is None:
            self._release_outside()
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

    def _release_outside(self) -> None:
        real = self._outside()
        if real is None:
            self._release_alone()
        else:
            owner, self.owner = self.owner, None
            real.release()
            if owner is not None and self._is_in_use():
                self._wake_soon()

    def _wake_soon(self) -> None:
        """Let those go on who wait, once nobody else can: it is not up to other OS threads to switch."""
        assert self._kernel is not None
        for other in list(self._contenders):
            ticket = other.ticket
            if not other.is_ready:
                self._kernel.clock.wake_soon(other, ticket)

    def _release_alone(self) -> None:
        if self.owner is None:
            raise RuntimeError("release unlocked lock")
        if not self._is_kept():
            self._leave()

    def locked(self) -> bool:
        """As ``threading.Lock.locked``; asking is an operation like any other."""
        kernel = self._enter()
        if kernel is None and (real := self._outside()) is not None:
            return bool(real.locked())
        if self.owner is FOREIGN:
            self._settle()
        if kernel is not None and self._announce(kernel, Kind.LOCKED, 1):
            kernel.point()
            kernel.note(Kind.LOCKED, result="false" if self.owner is None else None)
        return self.owner is not None

    def __enter__(self) -> bool:
        if self._take_inside():
            return True
        kernel = self._enter()
        return self._acquire_outside(True, -1) if kernel is None else self._acquire(kernel, True, -1, 1)

    def __exit__(self, *error: object) -> None:
        self._release(1)

    acquire_lock = acquire
    release_lock = release
    locked_lock = locked


def allocate_lock() -> Any:
    """``_thread.allocate_lock``."""
    if stage.kernel is None or get_ident() != stage.thread:
        return _real_lock()
    lock = _new(Lock)
    Lock.__init__(lock)
    return lock


class RLock(BaseLock):
    """The twin of ``_thread.RLock``: its owner may take it again."""

    __slots__ = ("_count",)

    _kind = "RLock"
    _type_name = "_thread.RLock"

    @staticmethod
    def _make_real(held: bool) -> Any:
        lock = _real_rlock()
        if held:
            lock._acquire_restore((1, stage.thread))
        return lock

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
            return self._acquire_outside(blocking, timeout)
        if self.owner is not kernel.current:
            if not self._acquire(kernel, blocking, timeout, depth + 1):
                return False
        elif self._announce(kernel, Kind.ACQUIRE, depth + 1):
            kernel.point()
            kernel.note(Kind.ACQUIRE)
        self._count += 1
        return True

    def _acquire_alone(self, blocking: bool) -> bool:
        if not self._is_kept():
            if self.owner is None:
                self._have(FOREIGN)
            self._count += 1
        return True

    def _is_ours(self) -> bool:
        return bool(self._real._is_owned())

    def release(self) -> None:
        """As ``threading.RLock.release``."""
        self._release_once(1)

    def _release_once(self, depth: int) -> None:
        kernel = self._enter()
        if kernel is None and (real := self._outside()) is not None:
            real.release()
            return
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
            self._leave()
        else:
            self._give_up(kernel)

    def locked(self) -> bool:
        """Whether anybody has it (public from Python 3.14 on)."""
        if self._enter() is None and (real := self._outside()) is not None:
            return bool(real.locked())
        return self.owner is not None

    def __enter__(self) -> bool:
        return self._acquire_again(True, -1, 1)

    def __exit__(self, *error: object) -> None:
        self._release_once(1)

    # What Condition asks of the lock that it is given.

    def _is_owned(self) -> bool:
        kernel = self._enter()
        if kernel is None and (real := self._outside()) is not None:
            return bool(real._is_owned())
        return self._is_mine(kernel)

    def _recursion_count(self) -> int:
        if self._enter() is None and (real := self._outside()) is not None:
            return int(real._recursion_count())
        return self._count if self._is_owned() else 0

    def _release_save(self) -> Any:
        kernel = self._enter()
        if kernel is None and (real := self._outside()) is not None:
            return real._release_save()
        if self._count == 0:
            raise RuntimeError("cannot release un-acquired lock")
        saved, self._count = self._count, 0
        self._let_go(kernel)
        return saved

    def _acquire_restore(self, saved: Any) -> None:
        kernel = self._enter()
        if kernel is None and (real := self._outside()) is not None:
            real._acquire_restore(saved)
            return
        if kernel is None:
            self._have(FOREIGN)
        elif kernel.outcome is not None:  # whoever waited is to come to its end
            if self.owner is None and not self._have(kernel.current, PATIENCE):
                raise Unwind
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
    return lock if isinstance(lock, BaseLock) and lock._made_by_threading else None


def lock_is_held_by(lock: object, thread: SimulatedThread) -> bool:
    """Whether it is a twin, and that thread has it."""
    return isinstance(lock, BaseLock) and lock.owner is thread
