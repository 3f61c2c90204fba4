"""What was there before an execution is simulated for its length, wherever it is kept."""

from __future__ import annotations

import functools
import gc
import queue
import sched
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any

import pytest

import threadsim
from support.adopting import held_by
from support.simulation import executions_of

# Wherever it is kept.


def with_default(lock: Any = None) -> Any:
    return lock


class Holders:
    """Made for these tests alone: while there are such locks, each adoption looks at all objects."""

    def __init__(self) -> None:
        self.tuple = (Lock(), threading.RLock())
        self.set = {Lock()}
        self.deque = deque([Lock()])
        self.nested = {"pair": [(1, Lock())]}
        self.partial = functools.partial(lambda lock: lock, Lock())
        self.with_class = type("WithClass", (), {"lock": Lock(), "by_name": {"a": Lock()}})
        with_default.__defaults__ = (Lock(),)


@pytest.fixture(scope="module")
def holders() -> Iterator[Holders]:
    yield Holders()
    with_default.__defaults__ = (None,)


@pytest.mark.parametrize(
    "lock",
    [
        lambda holders: holders.tuple[0],
        lambda holders: holders.tuple[1],
        lambda holders: next(iter(holders.set)),
        lambda holders: holders.deque[0],
        lambda holders: holders.nested["pair"][0][1],
        lambda holders: holders.partial(),
        lambda holders: holders.with_class.lock,
        lambda holders: holders.with_class.by_name["a"],
        lambda holders: with_default(),
    ],
    ids=["tuple", "rlock in a tuple", "set", "deque", "nested", "partial", "class", "in a class", "default"],
)
def test_a_lock_excludes_wherever_it_is_kept(lock: Callable[[Holders], Any], holders: Holders) -> None:
    before = lock(holders)
    for execution in executions_of(held_by(lambda: lock(holders)), range(8)):
        execution.assert_passed()
    assert lock(holders) is before
    assert isinstance(before, type(Lock()) | type(threading.RLock()))


# Simple queues.

SIMPLE: queue.SimpleQueue[int] = queue.SimpleQueue()


def test_a_simple_queue_that_is_there_already_works() -> None:
    def program() -> list[int]:
        thread = threading.Thread(target=lambda: [SIMPLE.put(number) for number in range(3)])
        thread.start()
        found = [SIMPLE.get() for _ in range(3)]
        thread.join()
        return found

    for seed in range(8):
        assert threadsim.simulate(program, seed=seed).result == [0, 1, 2]
    assert SIMPLE.empty()


def test_what_is_in_a_simple_queue_is_there_and_what_is_left_stays() -> None:
    kept = SIMPLE
    SIMPLE.put(1)
    SIMPLE.put(2)

    execution = threadsim.simulate(lambda: (SIMPLE.get(), SIMPLE.put(3)))

    assert execution.result == (1, None)
    assert SIMPLE is kept
    assert [SIMPLE.get_nowait(), SIMPLE.get_nowait()] == [2, 3]
    assert SIMPLE.empty()


def test_nobody_puts_into_a_simple_queue_is_a_deadlock_at_once() -> None:
    execution = threadsim.simulate(lambda: SIMPLE.get())

    assert execution.outcome == "deadlock"


def test_a_simple_queue_that_a_real_thread_waits_for_stays_real() -> None:
    requests: queue.SimpleQueue[int | None] = queue.SimpleQueue()
    answers: queue.SimpleQueue[int] = queue.SimpleQueue()

    def serve() -> None:
        while (request := requests.get()) is not None:
            answers.put(request + 1)

    server = threading.Thread(target=serve)
    server.start()
    try:
        assert threadsim.simulate(lambda: requests.put(1)).outcome == "passed"
        assert answers.get(timeout=60) == 2
    finally:
        requests.put(None)
        server.join()


# Time, bound before.


class Cache:
    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self.timer = timer


CACHE = Cache()


def in_seconds(timer: Callable[[], float] = time.monotonic, *, sleep: Any = time.sleep) -> float:
    begun = timer()
    sleep(3600)
    return timer() - begun


@pytest.mark.parametrize(
    "program",
    [
        in_seconds,
        lambda: in_seconds(CACHE.timer),
        lambda: in_seconds(Cache().timer),
        lambda: sched.scheduler().delayfunc(3600) or 3600,
    ],
    ids=["default", "attribute", "default of a method", "library"],
)
def test_time_is_virtual_wherever_its_functions_are_kept(program: Callable[[], float]) -> None:
    begun = time.monotonic()

    assert round(threadsim.simulate(program).result) == 3600

    assert time.monotonic() - begun < 60
    assert CACHE.timer is time.monotonic
    assert in_seconds.__defaults__ == (time.monotonic,)
    assert in_seconds.__kwdefaults__ == {"sleep": time.sleep}


def test_time_is_virtual_for_a_class_that_keeps_its_function() -> None:
    class WithClock:  # made here: while there is such a class, each adoption looks at all objects
        clock = staticmethod(time.monotonic)

    begun = time.monotonic()

    assert round(threadsim.simulate(lambda: in_seconds(WithClock.clock)).result) == 3600

    assert time.monotonic() - begun < 60
    assert WithClock.clock is time.monotonic


def test_who_has_a_function_of_time_is_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_for: list[object] = []
    really = gc.get_referrers

    def noted(*objects: Any) -> list[Any]:
        looked_for.extend(objects)
        return really(*objects)

    gc.collect()  # no class of another test that keeps one
    threadsim.simulate(in_seconds)
    threadsim.simulate(in_seconds)
    monkeypatch.setattr(gc, "get_referrers", noted)
    assert threadsim.simulate(in_seconds).result >= 3600

    assert time.monotonic not in looked_for
