"""Locks that were made before the execution are simulated for its length, wherever they are kept."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from threading import Condition, Lock, RLock
from typing import Any

import pytest

import threadsim
from support.adopting import held_by, in_two_threads

MODULE_LOCK = Lock()
MODULE_RLOCK = RLock()
MODULE_CONDITION = Condition()
MODULE_EVENT = threading.Event()
MODULE_SEMAPHORE = threading.Semaphore(1)
MODULE_QUEUE: queue.Queue[int] = queue.Queue(1)
LOCKS = [Lock(), Lock()]
BY_NAME = {"a": Lock()}


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

    def __init__(self) -> None:
        self.lock = RLock()


ACCOUNT = Account()
SLOTTED = Slotted()


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
        "mutex of a queue",
    ],
)
def test_a_lock_that_is_there_already_excludes(lock: Callable[[], Any]) -> None:
    for seed in range(8):
        threadsim.simulate(held_by(lock), seed=seed).assert_passed()


def test_a_lock_in_a_closure_excludes() -> None:
    mine = Lock()
    for seed in range(8):
        threadsim.simulate(held_by(lambda: mine), seed=seed).assert_passed()


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
