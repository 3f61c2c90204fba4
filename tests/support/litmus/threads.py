"""Threads that start, end and are asked about; what they print."""

from __future__ import annotations

import threading
import time

from support.litmus.shape import litmus, run


@litmus(6)
def two_prints() -> None:
    run(lambda: print("a"), lambda: print("b"))


@litmus(2)
def print_against_write() -> int:
    value = 0

    def write() -> None:
        nonlocal value
        value = 1

    run(lambda: print(value, end=""), write)
    return value


@litmus(4)
def thread_started_by_a_thread() -> str:
    order = ""

    def note(name: str) -> None:
        nonlocal order
        order = order + name

    def child() -> None:
        note("c")

    def parent() -> None:
        inner = threading.Thread(target=child, name="child")
        inner.start()
        note("p")
        inner.join()

    run(parent)
    return order


@litmus(6, slow=True)
def two_threads_start_one_each() -> str:
    seen = ""

    def child() -> None:
        nonlocal seen
        seen = threading.current_thread().name

    def parent(name: str) -> None:
        inner = threading.Thread(target=child, name=name)
        inner.start()

    run(lambda: parent("a"), lambda: parent("b"))
    return ""


@litmus(2)
def alive_against_end() -> bool:
    thread = threading.Thread(target=lambda: None)
    thread.start()
    return thread.is_alive()


@litmus(3)
def alive_against_a_last_write() -> tuple[bool, int]:
    value = 0

    def work() -> None:
        nonlocal value
        value = 1

    thread = threading.Thread(target=work)
    thread.start()
    is_alive = thread.is_alive()
    return is_alive, value


@litmus(2)
def join_with_a_timeout() -> bool:
    gate = threading.Lock()
    gate.acquire()
    thread = threading.Thread(target=gate.acquire)
    thread.start()
    thread.join(timeout=1)
    gate.release()
    return thread.is_alive()


@litmus(2)
def join_with_a_timeout_of_what_ends() -> None:
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join(timeout=1)


@litmus(1)
def two_threads_join_a_third() -> int:
    value = 0

    def work() -> None:
        nonlocal value
        value = 1

    worker = threading.Thread(target=work)
    worker.start()
    other = threading.Thread(target=worker.join)
    other.start()
    worker.join()
    seen = value
    other.join()
    return seen


@litmus(2)
def thread_that_nobody_joins() -> int:
    value = 0

    def work() -> None:
        nonlocal value
        value = 1

    threading.Thread(target=work).start()
    return value


@litmus(4)
def daemon_left_running() -> int:
    value = 0

    def work() -> None:
        nonlocal value
        value = 1
        value = 2

    threading.Thread(target=work, daemon=True).start()
    return value


@litmus(1)
def daemon_that_prints() -> None:
    threading.Thread(target=lambda: print("a", end=""), daemon=True).start()


@litmus(3)
def daemon_left_waiting() -> None:
    never = threading.Event()
    threading.Thread(target=never.wait, daemon=True).start()
    run(lambda: None)


@litmus(1)
def daemon_that_sleeps_longer() -> int:
    value = 0

    def work() -> None:
        nonlocal value
        time.sleep(5)
        value = 1

    threading.Thread(target=work, daemon=True).start()
    time.sleep(1)
    return value


@litmus(4)
def thread_local_data() -> int:
    own = threading.local()
    total = 0

    def work() -> None:
        nonlocal total
        own.value = 1
        total += own.value

    run(work, work)
    return total


@litmus(3)
def end_when_the_join_is_due() -> bool:
    thread = threading.Thread(target=lambda: time.sleep(1))
    thread.start()
    thread.join(timeout=1)
    return thread.is_alive()
