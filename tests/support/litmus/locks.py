"""Locks and semaphores."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from typing import Any

from support.litmus.shape import litmus, run


@litmus(2)
def two_threads_take_one_lock() -> None:
    lock = threading.Lock()

    def work() -> None:
        with lock:
            pass

    run(work, work)


@litmus(2)
def order_under_a_lock() -> str:
    lock = threading.Lock()
    order = ""

    def work(name: str) -> None:
        nonlocal order
        with lock:
            order = order + name

    run(lambda: work("a"), lambda: work("b"))
    return order


@litmus(6)
def counter_under_a_lock() -> int:
    lock = threading.Lock()
    total = 0

    def add() -> None:
        nonlocal total
        for _ in range(2):
            with lock:
                total += 1

    run(add, add)
    return total


@litmus(2)
def two_locks_in_order() -> None:
    outer, inner = threading.Lock(), threading.Lock()

    def work() -> None:
        with outer, inner:
            pass

    run(work, work)


@litmus(3)
def two_locks_in_opposite_orders() -> None:
    fork, knife = threading.Lock(), threading.Lock()

    def left() -> None:
        with fork, knife:
            pass

    def right() -> None:
        with knife, fork:
            pass

    run(left, right)


@litmus(2)
def lock_taken_through_an_exit_stack() -> int:
    lock = threading.Lock()
    total = 0

    def add() -> None:
        nonlocal total
        with ExitStack() as stack:
            stack.enter_context(lock)
            total += 1

    run(add, add)
    return total


@litmus(2)
def release_when_the_acquire_is_due() -> bool:
    lock = threading.Lock()
    lock.acquire()
    got = True

    def wait() -> None:
        nonlocal got
        got = lock.acquire(timeout=1)

    def release() -> None:
        time.sleep(1)
        lock.release()

    run(wait, release)
    return got


@litmus(1)
def two_locks_of_different_threads() -> None:
    mine, yours = threading.Lock(), threading.Lock()

    def work(lock: Any) -> None:
        with lock:
            pass

    run(lambda: work(mine), lambda: work(yours))


@litmus(3)
def try_acquire_against_acquire() -> bool:
    lock = threading.Lock()
    got = False

    def hold() -> None:
        with lock:
            pass

    def attempt() -> None:
        nonlocal got
        got = lock.acquire(blocking=False)
        if got:
            lock.release()

    run(hold, attempt)
    return got


@litmus(2)
def two_try_acquires_that_never_release() -> list[bool]:
    lock = threading.Lock()
    first = second = False

    def left() -> None:
        nonlocal first
        first = lock.acquire(blocking=False)

    def right() -> None:
        nonlocal second
        second = lock.acquire(blocking=False)

    run(left, right)
    return [first, second]


@litmus(2)
def acquire_with_timeout() -> bool:
    lock = threading.Lock()
    got = True

    def hold() -> None:
        lock.acquire()

    def attempt() -> None:
        nonlocal got
        got = lock.acquire(timeout=1)

    run(hold, attempt)
    return got


@litmus(2)
def acquire_with_timeout_of_what_is_released() -> bool:
    lock = threading.Lock()
    got = True

    def hold() -> None:
        with lock:
            pass

    def attempt() -> None:
        nonlocal got
        got = lock.acquire(timeout=1)

    run(hold, attempt)
    return got


@litmus(3)
def lock_that_is_asked_about() -> bool:
    lock = threading.Lock()
    seen = False

    def hold() -> None:
        with lock:
            pass

    def ask() -> None:
        nonlocal seen
        seen = lock.locked()

    run(hold, ask)
    return seen


@litmus(1)
def lock_released_by_another_thread() -> None:
    lock = threading.Lock()
    lock.acquire()

    run(lock.acquire, lock.release)


@litmus(2)
def reentrant_lock() -> None:
    lock = threading.RLock()

    def nested() -> None:
        with lock:
            with lock:
                pass

    def simple() -> None:
        with lock:
            pass

    run(nested, simple)


@litmus(2)
def lock_that_is_never_released() -> None:
    lock = threading.Lock()
    run(lock.acquire, lock.acquire)


@litmus(6)
def check_then_act_under_two_locks() -> int:
    lock = threading.Lock()
    balance = 1

    def withdraw() -> None:
        nonlocal balance
        with lock:
            enough = balance >= 1
        if enough:
            with lock:
                balance -= 1

    run(withdraw, withdraw)
    return balance


@litmus(4)
def semaphore_of_one() -> int:
    semaphore = threading.Semaphore(1)
    total = 0

    def add() -> None:
        nonlocal total
        with semaphore:
            total += 1

    run(add, add)
    return total


@litmus(90, slow=True)
def semaphore_of_two_for_three() -> None:
    semaphore = threading.Semaphore(2)

    def work() -> None:
        with semaphore:
            pass

    run(work, work, work)


@litmus(8)
def semaphore_that_is_handed_over() -> str:
    semaphore = threading.Semaphore(0)
    order = ""

    def wait(name: str) -> None:
        nonlocal order
        semaphore.acquire()
        order = order + name

    run(lambda: wait("a"), lambda: wait("b"), semaphore.release)
    return order


@litmus(3)
def semaphore_that_is_tried() -> bool:
    semaphore = threading.BoundedSemaphore(1)
    got = False

    def hold() -> None:
        with semaphore:
            pass

    def attempt() -> None:
        nonlocal got
        got = semaphore.acquire(blocking=False)

    run(hold, attempt)
    return got


@litmus(3)
def semaphore_released_too_often() -> None:
    semaphore = threading.BoundedSemaphore(1)

    def hold() -> None:
        with semaphore:
            pass

    run(hold, semaphore.release)


@litmus(2)
def release_that_comes_before_the_acquire_is_due() -> bool:
    lock = threading.Lock()
    lock.acquire()
    got = True

    def release() -> None:
        time.sleep(1)
        lock.release()

    def wait() -> None:
        nonlocal got
        got = lock.acquire(timeout=1)

    run(release, wait)
    return got


@litmus(3)
def acquire_that_times_out_after_much_has_happened() -> bool:
    lock = threading.Lock()
    got = True

    def hold() -> None:
        with lock:
            pass
        lock.acquire()

    def attempt() -> None:
        nonlocal got
        got = lock.acquire(timeout=1)

    run(hold, attempt)
    return got
