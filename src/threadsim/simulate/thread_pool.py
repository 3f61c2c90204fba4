"""``multiprocessing.pool.ThreadPool``, whose threads tell each other by a pipe that there is something to do.

A pipe is nothing that the simulator manages, so a pool that is made in an execution has a queue in its place.
A pool that is left over is not ended with the process: its threads are no more.
"""

from __future__ import annotations

import queue
import sys
from collections.abc import Callable, Iterator
from typing import Any

from threadsim.simulate.stage import here

_MODULE = "multiprocessing.pool"

_at_exit: list[Any] = []
"""What the pools of the execution have registered for the end of the process."""


class _Notifier:
    """Does what the pipe does for a pool."""

    _reader = None

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[None] = queue.SimpleQueue()
        self.put = self._queue.put
        self.get = self._queue.get
        self.empty = self._queue.empty


class _Context:
    """A context of `multiprocessing` that makes such a notifier."""

    SimpleQueue = _Notifier

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def table(module: Any) -> Iterator[tuple[Any, Callable[..., Any]]]:
    """The functions of the module, with what handles them."""
    yield module.ThreadPool.__init__, _make
    yield module.Pool._wait_for_updates, _wait
    yield module.Pool._terminate_pool.__func__, _end


def forget() -> None:
    """The execution is over."""
    for finalizer in _at_exit:
        finalizer.cancel()
    _at_exit.clear()


def _make(original: Callable[..., None], pool: Any, *arguments: Any) -> None:
    """``ThreadPool.__init__``."""
    if here() is None:
        original(pool, *arguments)
        return
    module = sys.modules[_MODULE]
    module.Pool.__init__(pool, *arguments, context=_Context(module.get_context()))
    _at_exit.append(pool._terminate)


def _end(original: Callable[..., None], *arguments: Any) -> None:
    """``Pool._terminate_pool``, which waits for threads that are no more when the execution is over."""
    kernel = here()
    if kernel is None or kernel.outcome is None:
        original(*arguments)


def _wait(original: Callable[..., None], sentinels: Any, notifier: Any, timeout: float | None) -> None:
    """``Pool._wait_for_updates``."""
    if not isinstance(notifier, _Notifier):
        original(sentinels, notifier, timeout)
        return
    notifier.get()
    while not notifier.empty():
        notifier.get()
