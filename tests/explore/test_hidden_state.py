"""What threads share without a line of the program that says so: DPOR tries both orders all the same."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from threadsim import explore
from threadsim.simulate.execution import Execution


def run_threads(*bodies: Callable[[], Any]) -> None:
    threads = [threading.Thread(target=body) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def all_results(program: Callable[[], Any]) -> set[Any]:
    """What a program returns in the executions of a search that is exhausted."""
    found: set[Any] = set()
    exploration = explore(lambda: found.add(program()), strategy="dpor", schedules=2000, stop_on_first=False)
    assert exploration.exhausted, exploration.reason
    return found


def test_whether_a_notify_is_allowed_hangs_on_who_has_the_lock() -> None:
    """A plain lock does not say whose it is: it will do for ``notify`` that somebody has it."""

    def program() -> str:
        lock = threading.Lock()
        ready = threading.Condition(lock)
        came = "notified"

        def notify() -> None:
            nonlocal came
            try:
                ready.notify()
            except RuntimeError:
                came = "refused"

        def hold() -> None:
            with lock:
                pass

        run_threads(notify, hold)
        return came

    assert all_results(program) == {"notified", "refused"}


def test_wait_on_a_condition_whose_lock_another_thread_has_is_not_accounted_for() -> None:
    def program() -> None:
        lock = threading.Lock()
        ready = threading.Condition(lock)

        def wait() -> None:
            if lock.locked():
                ready.wait(1)

        def hold() -> None:
            with lock:
                time.sleep(2)

        run_threads(wait, hold)

    exploration = explore(program, strategy="dpor", stop_on_first=False)

    assert not exploration.exhausted
    assert "whose lock another thread has" in exploration.reason


def test_barrier_is_asked_how_many_wait() -> None:
    def program() -> int:
        barrier = threading.Barrier(2)
        waiting = 0

        def look() -> None:
            nonlocal waiting
            waiting = barrier.n_waiting

        run_threads(barrier.wait, barrier.wait, look)
        return waiting

    assert all_results(program) == {0, 1}


def test_timers_that_append() -> None:
    def program() -> tuple[int, ...]:
        fired: list[int] = []
        timers = [threading.Timer(1, fired.append, [number]) for number in range(2)]
        for timer in timers:
            timer.start()
        for timer in timers:
            timer.join()
        return tuple(fired)

    assert all_results(program) == {(0, 1), (1, 0)}


@pytest.mark.slow
def test_pool_that_appends() -> None:
    def program() -> tuple[int, ...]:
        done: list[int] = []
        with ThreadPoolExecutor(2) as pool:
            for number in range(2):
                pool.submit(done.append, number)
        return tuple(done)

    assert all_results(program) == {(0, 1), (1, 0)}


def test_callback_that_appends() -> None:
    def program() -> bool:
        done: list[Any] = []
        with ThreadPoolExecutor(1) as pool:
            pool.submit(int).add_done_callback(done.append)
            done.append("main")
        return done[0] == "main"

    assert all_results(program) == {True, False}


@pytest.mark.parametrize(
    ("read", "results"),
    [
        (lambda values: print(values), {"[1]\n", "[1, 2]\n"}),
        (lambda values: print(str(values)), {"[1]\n", "[1, 2]\n"}),
        (lambda values: print([*map(int, values)]), {"[1]\n", "[1, 2]\n"}),
        (lambda values: print(len(list(zip(values, [0, 0], strict=False)))), {"1\n", "2\n"}),
        (lambda values: print([number for number, _ in enumerate(values)]), {"[0]\n", "[0, 1]\n"}),
    ],
    ids=["print", "str", "map", "zip", "enumerate"],
)
def test_list_that_is_read_by_a_builtin(read: Callable[[list[int]], None], results: set[str]) -> None:
    outputs: set[str] = set()

    def program() -> None:
        values = [1]
        run_threads(lambda: values.append(2), lambda: read(values))

    def note(execution: Execution) -> None:
        outputs.add(execution.output)

    assert explore(program, strategy="dpor", check=note).exhausted
    assert outputs == results


def test_list_that_is_taken_apart() -> None:
    def program() -> tuple[int, int]:
        values = [1, 2]
        pair = 0, 0

        def swap() -> None:
            values[0] = 3

        def take() -> None:
            nonlocal pair
            first, second = values
            pair = first, second

        run_threads(swap, take)
        return pair

    assert all_results(program) == {(1, 2), (3, 2)}


def test_attribute_by_a_name_that_only_the_running_program_knows() -> None:
    class Box:
        value = 0

    def program() -> tuple[bool, int]:
        box = Box()
        name = "".join(["fi", "lled"])

        def fill() -> None:
            if not hasattr(box, name):
                setattr(box, name, True)
                box.value += 1

        run_threads(fill, fill)
        return getattr(box, name), box.value

    assert all_results(program) == {(True, 1), (True, 2)}


def test_deadline_of_a_lock_hangs_on_when_it_was_asked_for() -> None:
    def program() -> float:
        lock = threading.Lock()
        ended = 0.0

        def look() -> None:
            lock.acquire()
            time.monotonic()

        def ask() -> None:
            nonlocal ended
            lock.acquire(timeout=1)
            ended = time.monotonic()

        run_threads(look, ask)
        return ended

    assert len(all_results(program)) == 2  # and a deadlock
