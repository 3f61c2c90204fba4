"""Locks that were made before the execution are simulated for its length, wherever they are kept."""

from __future__ import annotations

import gc
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import thread as pools
from threading import Condition, Lock, RLock
from typing import Any

import pytest

import threadsim
from support.adopting import held_by, in_two_threads
from support.simulation import executions_of

MODULE_LOCK = Lock()
MODULE_RLOCK = RLock()
MODULE_CONDITION = Condition()
MODULE_EVENT = threading.Event()
MODULE_SEMAPHORE = threading.Semaphore(1)
MODULE_QUEUE: queue.Queue[int] = queue.Queue(1)
LOCKS: list[Any] = []
BY_NAME: dict[str, Any] = {}


class Account:
    def __init__(self) -> None:
        self.lock = Lock()
        self.balance = 0

    def deposit(self) -> None:
        with self.lock:
            balance = self.balance
            self.balance = balance + 1


class Slotted:
    __slots__ = ("lock",)
    lock: Any


class Shared:
    lock = Lock()


ACCOUNT = Account()
SLOTTED = Slotted()


@pytest.fixture(autouse=True, scope="module")
def _locks_in_holders_that_are_not_remembered() -> Iterator[None]:
    """While there is such a lock each adoption looks at all objects: not in the tests of other files, too."""
    LOCKS.extend([Lock(), Lock()])
    BY_NAME["a"] = Lock()
    SLOTTED.lock = RLock()
    yield
    LOCKS.clear()
    BY_NAME.clear()
    del SLOTTED.lock


@pytest.mark.parametrize(
    "lock",
    [
        lambda: MODULE_LOCK,
        lambda: MODULE_RLOCK,
        lambda: MODULE_CONDITION,
        lambda: MODULE_SEMAPHORE,
        lambda: LOCKS[1],
        lambda: BY_NAME["a"],
        lambda: SLOTTED.lock,
        lambda: ACCOUNT.lock,
        lambda: Shared.lock,
        lambda: MODULE_QUEUE.mutex,
    ],
    ids=[
        "global",
        "rlock",
        "condition",
        "semaphore",
        "list",
        "dict",
        "slot",
        "attribute",
        "class",
        "mutex of a queue",
    ],
)
def test_a_lock_that_is_there_already_excludes(lock: Callable[[], Any]) -> None:
    for execution in executions_of(held_by(lock), range(8)):
        execution.assert_passed()


def test_a_lock_in_a_closure_excludes() -> None:
    mine = Lock()
    for execution in executions_of(held_by(lambda: mine), range(8)):
        execution.assert_passed()


def test_a_lock_of_a_class_excludes_though_the_interpreter_remembers_it_from_before() -> None:
    for _ in range(100):  # until it does
        Shared.lock.acquire()
        Shared.lock.release()
    before = Shared.lock

    for execution in executions_of(held_by(lambda: Shared.lock), range(8)):
        execution.assert_passed()
    assert Shared.lock is before


@pytest.mark.parametrize(
    "holder", ["module", "class", "attribute", "condition", "closure", "calls at forks", "threading"]
)
def test_holder_of_a_lock_is_looked_for_once(holder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = Lock()
    locks = {
        "module": MODULE_LOCK,
        "class": Shared.lock,
        "attribute": ACCOUNT.lock,
        "condition": MODULE_CONDITION._lock,
        "closure": mine,
        "calls at forks": pools._global_shutdown_lock,
        "threading": next(iter(getattr(threading, "_shutdown_locks", [MODULE_LOCK]))),  # up to 3.12
    }
    looked_for: list[int] = []
    really = gc.get_referrers

    def noted(*objects: Any) -> list[Any]:
        looked_for.extend(map(id, objects))
        return really(*objects)

    def program() -> bool:
        return mine.locked()

    wanted = id(locks.pop(holder))
    del locks
    threadsim.simulate(program)
    monkeypatch.setattr(gc, "get_referrers", noted)
    threadsim.simulate(program)

    assert looked_for
    assert wanted not in looked_for


def test_adopted_locks_have_the_names_under_which_they_are_kept() -> None:
    def work() -> None:
        with MODULE_LOCK, MODULE_CONDITION:
            ACCOUNT.deposit()

    trace = threadsim.simulate(in_two_threads(work)).trace
    names = {trace.object_name(event) for event in trace.select("acquire")}
    assert names == {"MODULE_LOCK", "MODULE_CONDITION", "Account.lock"}


def test_the_real_locks_come_back() -> None:
    before = (
        MODULE_LOCK,
        MODULE_RLOCK,
        LOCKS[0],
        BY_NAME["a"],
        ACCOUNT.lock,
        SLOTTED.lock,
        MODULE_CONDITION._lock,
    )
    kept = MODULE_CONDITION.acquire

    threadsim.simulate(held_by(lambda: MODULE_LOCK))

    after = (
        MODULE_LOCK,
        MODULE_RLOCK,
        LOCKS[0],
        BY_NAME["a"],
        ACCOUNT.lock,
        SLOTTED.lock,
        MODULE_CONDITION._lock,
    )
    assert all(one is other for one, other in zip(before, after, strict=True))
    assert MODULE_CONDITION.acquire is kept
    assert not MODULE_LOCK.locked()


def test_a_lock_is_given_back_as_the_program_left_it() -> None:
    mine, other = Lock(), Lock()
    other.acquire()

    def program() -> None:
        mine.acquire()
        assert other.locked()
        other.release()

    threadsim.simulate(program).assert_passed()

    assert mine.locked()
    assert not other.locked()


def test_a_lock_that_is_held_from_outside_is_a_deadlock_at_once() -> None:
    mine = Lock()
    with mine:
        execution = threadsim.simulate(lambda: mine.acquire())
    assert execution.outcome == "deadlock"
    assert "waits for mine" in execution.trace.ending.message  # type: ignore[union-attr]


def test_a_queue_and_an_event_that_are_there_already_work() -> None:
    def produce() -> None:
        for number in range(3):
            MODULE_QUEUE.put(number)
        MODULE_EVENT.set()

    def program() -> None:
        MODULE_EVENT.clear()
        thread = threading.Thread(target=produce)
        thread.start()
        assert [MODULE_QUEUE.get() for _ in range(3)] == [0, 1, 2]
        assert MODULE_EVENT.wait()
        thread.join()

    for seed in range(8):
        threadsim.simulate(program, seed=seed).assert_passed()


def test_the_program_may_replace_a_lock() -> None:
    def program() -> None:
        ACCOUNT.lock = Lock()
        in_two_threads(ACCOUNT.deposit)()

    before = ACCOUNT.lock
    threadsim.simulate(program).assert_passed()
    assert ACCOUNT.lock is not before
    ACCOUNT.lock = Lock()
