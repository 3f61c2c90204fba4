"""The locks that a program makes while it is recorded.

`threading.Lock` and `threading.RLock` make objects of C types, whose methods cannot be led elsewhere; so the
program gets a wrapper that behaves as the real lock in every way it can. What `threading` and `queue` make
for themselves are real locks, and a wrapper that outlives its recording goes on as a plain lock.
"""

from __future__ import annotations

import sys
import threading
from _thread import get_ident
from collections.abc import Callable
from time import perf_counter
from types import FrameType
from typing import Any, NoReturn

from threadsim.instrument.sites import program_call, program_files
from threadsim.model.event import Kind
from threadsim.record import log as logs
from threadsim.record.entries import ObjectEntry
from threadsim.record.log import Log

REAL_LOCK: Any = threading.Lock
"""What makes a lock outside of recordings: a function, from 3.13 on a type."""


_ACQUIRE = Kind.ACQUIRE
_RELEASE = Kind.RELEASE


class WrapperType(type):
    """The type of a wrapper: real ones are instances too, so that ``isinstance`` holds for all."""

    real_type: type

    def __instancecheck__(cls, instance: object) -> bool:
        return super().__instancecheck__(instance) or isinstance(instance, cls.real_type)


class _Wrapper(metaclass=WrapperType):
    """A lock, its entry, and the log that its operations are noted in."""

    __slots__ = ("__weakref__", "_entry", "_log", "_real")

    _real: Any
    _entry: ObjectEntry
    _log: Log

    @classmethod
    def wrapping(cls, real: Any, entry: ObjectEntry, log: Log) -> Any:
        """A wrapper around a real lock."""
        wrapper = object.__new__(cls)
        wrapper._real, wrapper._entry, wrapper._log = real, entry, log
        return wrapper

    # Threads that quarrel over a lock do little else than this: so rows are made here, not in `Log.note`.

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        frame: FrameType | None = sys._getframe(1)
        if frame.f_code.co_filename not in program_files:  # type: ignore[union-attr]
            frame = program_call(1)
        log = self._log
        if frame is None or log.closed:
            acquired: bool = self._real.acquire(blocking, timeout)
            return acquired
        if blocking is not True or timeout != -1:
            return self._try(frame, blocking, timeout)
        waited = None if self._real.acquire(False) else self._block()
        log.rows.append(
            (
                _ACQUIRE,
                get_ident(),
                frame.f_code,
                frame.f_lasti,
                self._entry,
                None,
                waited,
                perf_counter(),
                None,
            )
        )
        return True

    __enter__ = acquire

    def _block(self) -> float:
        """Acquire it, however long that takes, and say how long it took."""
        begun = perf_counter()
        self._real.acquire()
        return perf_counter() - begun

    def _try(self, frame: FrameType, blocking: bool, timeout: float) -> bool:
        """An acquire that may come back without the lock, or whose arguments may be refused."""
        begun = perf_counter()
        waited = None
        try:
            acquired: bool = timeout > 0 and bool(blocking) and self._real.acquire(False)
            if not acquired:
                acquired = self._real.acquire(blocking, timeout)
                waited = perf_counter() - begun if blocking else None
        except Exception as error:
            self._log.note(Kind.ACQUIRE, frame, self._entry, type(error).__name__)
            raise
        result = None if acquired else "timed out" if blocking else "would block"
        self._log.note(Kind.ACQUIRE, frame, self._entry, result, waited)
        return acquired

    def release(self) -> None:
        self._release(sys._getframe(1))

    def __exit__(self, *_: object) -> None:
        self._release(sys._getframe(1))

    def _release(self, frame: FrameType | None) -> None:
        # Noted before it takes effect, so that whoever acquires the lock now is noted later.
        if frame.f_code.co_filename not in program_files:  # type: ignore[union-attr]
            frame = program_call(2)
        log = self._log
        if frame is None or log.closed:
            return self._real.release()  # type: ignore[no-any-return]
        code = frame.f_code
        row = [_RELEASE, get_ident(), code, frame.f_lasti, self._entry, None, None, perf_counter(), None]
        log.rows.append(row)
        try:
            self._real.release()
        except RuntimeError as error:
            row[logs.RESULT] = type(error).__name__
            raise

    def __getattr__(self, name: str) -> Any:
        """Whatever else the real lock has: what `Condition` asks of it, and what differs between versions."""
        if name == "_real":  # not yet there: it is being made, or copied
            raise AttributeError(name)
        return getattr(self._real, name)

    def __repr__(self) -> str:
        return repr(self._real)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(f"cannot pickle '{type(self).__module__}.{type(self).__qualname__}' object")


class Lock(_Wrapper):
    """What `threading.Lock` is while a program is recorded."""

    __slots__ = ()
    __module__ = "_thread"
    __qualname__ = "lock"

    def __new__(cls) -> Any:
        """A wrapper for the program, a real lock for everybody else."""
        frame = program_call(1)
        log = logs.current
        if frame is None or log is None:
            return REAL_LOCK()
        return cls.wrapping(REAL_LOCK(), log.registry.new("Lock", frame), log)

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError("type '_thread.lock' is not an acceptable base type")

    def locked(self) -> bool:
        """As of a real lock."""
        locked: bool = self._real.locked()
        frame = program_call(1)
        if frame is not None and not self._log.closed:
            self._log.note(Kind.LOCKED, frame, self._entry, None if locked else "false")
        return locked

    acquire_lock = _Wrapper.acquire
    release_lock = _Wrapper.release
    locked_lock = locked


class RLock(_Wrapper):
    """What `threading.RLock` makes while a program is recorded."""

    __slots__ = ()
    __module__ = "_thread"
    __qualname__ = "RLock"


Lock.real_type = type(REAL_LOCK())
RLock.real_type = type(threading.RLock())


def make_rlock(original: Callable[..., Any], *arguments: Any) -> Any:
    """Called in place of `threading.RLock`; the last argument holds those with keywords."""
    *positional, keywords = arguments
    real = original(*positional, **keywords)
    frame = program_call(1)
    log = logs.current
    if frame is None or log is None:
        return real
    return RLock.wrapping(real, log.registry.new("RLock", frame), log)
