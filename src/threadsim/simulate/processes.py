"""What makes a copy of the process: a child would go on with a copy of the execution, and write to its files.

Starting another program (`subprocess`, `os.posix_spawn`) does no such thing, and is left alone.
"""

from __future__ import annotations

import functools
import os
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from threadsim.instrument.sites import is_ours, site_at
from threadsim.model.errors import UnmanagedCall
from threadsim.model.trace import Outcome
from threadsim.simulate.stage import here

_NAMES = ("fork", "forkpty")

_STANDARD_LIBRARY = os.path.join(os.path.dirname(os.path.abspath(threading.__file__)), "")
_INSTALLED = os.path.join(_STANDARD_LIBRARY, "site-packages", "")


def twins() -> Iterator[tuple[Any, Callable[..., Any]]]:
    """The functions, each with what stands for it during an execution."""
    for name in _NAMES:
        if hasattr(os, name):
            yield getattr(os, name), _refused(getattr(os, name))


def _refused(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def call(*arguments: Any, **keywords: Any) -> Any:
        kernel = here()
        if kernel is None or kernel.outcome is not None:
            return original(*arguments, **keywords)
        message = (
            f"{kernel.current.name} called os.{original.__name__}{_place()}: the child would go on with a "
            "copy of the simulation. Start another program with subprocess, or a process with the method "
            "'spawn' of multiprocessing; or keep that out of the program under simulation."
        )
        return kernel.finish(Outcome.INTERRUPTED, UnmanagedCall(message))

    return call


def _place() -> str:
    """`` at bank.py:14``: the nearest line that is not the standard library's, if there is any."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        file = frame.f_code.co_filename
        is_library = file.startswith(_STANDARD_LIBRARY) and not file.startswith(_INSTALLED)
        if not is_library and not file.startswith("<") and not is_ours(frame.f_code):
            return f" at {site_at(frame.f_code, frame.f_lasti)}"
        frame = frame.f_back
    return ""
