"""The twins of `time`'s functions, on the virtual clock."""

from __future__ import annotations

import time
from _thread import TIMEOUT_MAX
from collections.abc import Callable
from typing import Any

from threadsim.instrument.sites import caller_site
from threadsim.model.event import Kind
from threadsim.simulate.clock import EPOCH
from threadsim.simulate.journal import CLOCK
from threadsim.simulate.stage import here
from threadsim.strategy.steps import Mode

_real_sleep = time.sleep
_real_strftime = time.strftime
_real_asctime = time.asctime


def sleep(seconds: float, /) -> None:
    """``time.sleep``: returns when everybody else has come to a stop, or slept longer."""
    kernel = here()
    if kernel is None:
        return _real_sleep(seconds)
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    if seconds > TIMEOUT_MAX:
        raise OverflowError("timestamp out of range for platform time_t")
    if kernel.current.inside:
        kernel.block(kernel.clock.now + seconds)
        return None
    kernel.announce(Kind.SLEEP, caller_site(1), None)
    if seconds == 0:
        kernel.point()
    else:
        kernel.block(kernel.clock.now + seconds)
    kernel.note(Kind.SLEEP, waited=float(seconds))
    return None


def _clock(real: Callable[[], Any], base: float, unit: Callable[[float], Any]) -> Callable[[], Any]:
    """A function that tells the time: from `base` on, in `unit`."""

    def look() -> Any:
        kernel = here()
        if kernel is None:
            return real()
        clock = kernel.clock
        if kernel.current.inside:
            kernel.touch(CLOCK, Mode.READ)
            return unit(base + clock.now)
        kernel.touch(CLOCK, Mode.WRITE)
        return unit(base + clock.look())

    look.__name__ = look.__qualname__ = real.__name__
    look.__doc__ = f"``time.{real.__name__}``."
    return look


def _date(real: Callable[[float], Any]) -> Callable[..., Any]:
    """A function that tells the date of a time, by default of the present one."""

    def tell(seconds: float | None = None, /) -> Any:
        return real(_TWINS["time"]() if seconds is None else seconds)

    tell.__name__ = tell.__qualname__ = real.__name__
    tell.__doc__ = f"``time.{real.__name__}``."
    return tell


def strftime(form: str, date: Any = None, /) -> str:
    """``time.strftime``."""
    return _real_strftime(form, _TWINS["localtime"]() if date is None else date)


def asctime(date: Any = None, /) -> str:
    """``time.asctime``."""
    return _real_asctime(_TWINS["localtime"]() if date is None else date)


def _nanoseconds(seconds: float) -> int:
    return round(seconds * 1e9)


_TWINS: dict[str, Callable[..., Any]] = {
    "sleep": sleep,
    "time": _clock(time.time, EPOCH, float),
    "monotonic": _clock(time.monotonic, 0.0, float),
    "perf_counter": _clock(time.perf_counter, 0.0, float),
    "time_ns": _clock(time.time_ns, EPOCH, _nanoseconds),
    "monotonic_ns": _clock(time.monotonic_ns, 0.0, _nanoseconds),
    "perf_counter_ns": _clock(time.perf_counter_ns, 0.0, _nanoseconds),
    "localtime": _date(time.localtime),
    "gmtime": _date(time.gmtime),
    "ctime": _date(time.ctime),
    "strftime": strftime,
    "asctime": asctime,
}


def twins() -> dict[str, Callable[..., Any]]:
    """The functions by their name in `time`."""
    return dict(_TWINS)
