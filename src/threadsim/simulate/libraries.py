"""Functions of the standard library by which threads share more than its locks and queues tell.

What threads share through a library's own variables no rewritten code sees, since a library's code is not
rewritten. Where such a variable lies behind what programs use all the time, it is seen to here.
"""

from __future__ import annotations

import functools
import itertools
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, _base
from typing import Any
from weakref import WeakKeyDictionary

from threadsim.simulate import stage
from threadsim.simulate.journal import LOGGING, NAMES
from threadsim.simulate.kernel import Kernel
from threadsim.simulate.ordered import InOrder, ordinal
from threadsim.simulate.stage import here
from threadsim.simulate.targets import touched_by
from threadsim.strategy.steps import Mode

Handler = Callable[..., Any]

_counters: WeakKeyDictionary[Kernel, Iterator[int]] = WeakKeyDictionary()
"""By execution: the numbers in the names of its pools."""


def _make_pool(
    original: Handler, pool: Any, workers: int | None, prefix: str, initializer: Any, arguments: Any
) -> None:
    """``ThreadPoolExecutor.__init__``: pools without a name are counted from 0 in each execution."""
    kernel = here()
    if kernel is not None and not prefix:
        kernel.touch(NAMES, Mode.WRITE)
        prefix = f"ThreadPoolExecutor-{next(_counters.setdefault(kernel, itertools.count()))}"
    original(pool, workers, prefix, initializer, arguments)


def _make_future(original: Handler, future: Any) -> None:
    """``Future.__init__``: sets of futures are gone through in the order in which these were made."""
    original(future)
    if here() is not None:
        ordinal(future)


def _wait(original: Handler, futures: Iterable[Any], timeout: float | None, until: str) -> Any:
    """``concurrent.futures.wait``: its two sets likewise."""
    found = original(futures, timeout, until)
    return found if here() is None else type(found)(*map(InOrder, found))


def _submit(original: Handler, pool: Any, function: Any, *rest: Any) -> Any:
    """``ThreadPoolExecutor.submit``, perhaps of ``results.append``."""
    *arguments, keywords = rest
    return original(pool, _told(function), *arguments, **keywords)


def _add_done_callback(original: Handler, future: Any, function: Any) -> None:
    """``Future.add_done_callback``, likewise."""
    original(future, _told(function))


def _told(function: Any) -> Any:
    """The function; one that does the same and tells what it touches if no line of the program will."""
    kernel = here()
    if kernel is None or touched_by(kernel.registry, function) is None:
        return function

    @functools.wraps(function)
    def call(*arguments: Any, **keywords: Any) -> Any:
        kernel = here()
        touched = None if kernel is None else touched_by(kernel.registry, function)
        if kernel is not None and touched is not None:
            kernel.touch(*touched)
        return function(*arguments, **keywords)

    return call


# Loggers keep what they are to pass on, and to whom.


def _is_enabled_for(original: Handler, logger: Any, level: int) -> Any:
    """``Logger.isEnabledFor``, which keeps its answers: who asks first takes a lock, and others do not."""
    kernel = here()
    if kernel is None:
        return original(logger, level)
    kernel.touch(LOGGING, Mode.READ)
    return not logger.disabled and logger.manager.disable < level and level >= logger.getEffectiveLevel()


def _logging(mode: Mode) -> Handler:
    """A handler for what reads or changes the settings of loggers."""

    def handle(original: Handler, *arguments: Any) -> Any:
        kernel = here()
        if kernel is not None:
            kernel.touch(LOGGING, mode)
        return original(*arguments)

    return handle


# Properties that are worked out once.


def _cached(original: Handler, cached: Any, instance: Any, owner: Any) -> Any:
    """``cached_property.__get__``: what it keeps is an attribute like any other."""
    kernel = None if stage.watching is None else here()
    if kernel is None or instance is None:
        return original(cached, instance, owner)
    attribute = kernel.registry.owner(instance).location(cached.attrname)
    kernel.touch(attribute, Mode.READ)
    value = original(cached, instance, owner)
    kernel.touch(attribute, Mode.WRITE)
    return value


def table() -> Iterator[tuple[Any, Handler]]:
    """The functions, with what handles them."""
    yield ThreadPoolExecutor.__init__, _make_pool
    yield ThreadPoolExecutor.submit, _submit
    yield Future.__init__, _make_future
    yield Future.add_done_callback, _add_done_callback
    yield _base.wait, _wait
    yield logging.Logger.isEnabledFor, _is_enabled_for
    yield logging.Logger.setLevel, _logging(Mode.WRITE)
    yield logging.Logger.callHandlers, _logging(Mode.READ)
    yield logging.Handler.setLevel, _logging(Mode.WRITE)
    if sys.version_info >= (3, 12):  # before, it holds a lock over all that it does
        yield functools.cached_property.__get__, _cached
