"""Queues of the standard library."""

from __future__ import annotations

import queue
import time
from typing import Any

from support.litmus.shape import litmus, run


@litmus(2)
def two_puts() -> list[str]:
    tasks: queue.Queue[str] = queue.Queue()
    run(lambda: tasks.put("a"), lambda: tasks.put("b"))
    return [tasks.get(), tasks.get()]


@litmus(2)
def two_gets() -> tuple[str, str]:
    tasks: queue.Queue[str] = queue.Queue()
    tasks.put("a")
    tasks.put("b")
    first = second = ""

    def left() -> None:
        nonlocal first
        first = tasks.get()

    def right() -> None:
        nonlocal second
        second = tasks.get()

    run(left, right)
    return first, second


@litmus(2)
def put_against_get() -> int:
    tasks: queue.Queue[int] = queue.Queue()
    seen = 0

    def consume() -> None:
        nonlocal seen
        seen = tasks.get()

    run(lambda: tasks.put(1), consume)
    return seen


@litmus(8, slow=True)
def two_getters_and_one_put() -> str:
    tasks: queue.Queue[int] = queue.Queue()
    winner = ""

    def get(name: str) -> None:
        nonlocal winner
        tasks.get()
        winner = name

    run(lambda: get("a"), lambda: get("b"), lambda: tasks.put(1))
    return winner


@litmus(8)
def bounded_queue_of_one() -> list[int]:
    tasks: queue.Queue[int] = queue.Queue(maxsize=1)
    got = []

    def produce() -> None:
        tasks.put(1)
        tasks.put(2)

    def consume() -> None:
        got.append(tasks.get())
        got.append(tasks.get())

    run(produce, consume)
    return got


@litmus(2)
def get_with_a_timeout() -> str:
    tasks: queue.Queue[str] = queue.Queue()
    got = ""

    def consume() -> None:
        nonlocal got
        try:
            got = tasks.get(timeout=1)
        except queue.Empty:
            got = "nothing"

    run(consume, lambda: tasks.put("a"))
    return got


@litmus(2)
def get_that_times_out() -> str:
    tasks: queue.Queue[str] = queue.Queue()
    got = ""

    def consume() -> None:
        nonlocal got
        try:
            tasks.get(timeout=1)
        except queue.Empty:
            got = "nothing"

    def look() -> None:
        tasks.qsize()

    run(consume, look)
    return got


@litmus(4)
def empty_then_get() -> Any:
    tasks: queue.Queue[int] = queue.Queue()
    tasks.put(1)

    def consume() -> None:
        if not tasks.empty():
            tasks.get_nowait()

    run(consume, consume)
    return tasks.qsize()


@litmus(2)
def size_against_put() -> int:
    tasks: queue.Queue[int] = queue.Queue()
    seen = 0

    def look() -> None:
        nonlocal seen
        seen = tasks.qsize()

    run(lambda: tasks.put(1), look)
    return seen


@litmus(2)
def last_in_first_out() -> list[str]:
    tasks: queue.LifoQueue[str] = queue.LifoQueue()
    run(lambda: tasks.put("a"), lambda: tasks.put("b"))
    return [tasks.get(), tasks.get()]


@litmus(2)
def priority_queue() -> int:
    tasks: queue.PriorityQueue[int] = queue.PriorityQueue()
    tasks.put(2)
    got = 0

    def consume() -> None:
        nonlocal got
        got = tasks.get()

    run(lambda: tasks.put(1), consume)
    return got


@litmus(8, slow=True)
def simple_queue() -> Any:
    tasks: queue.SimpleQueue[int] = queue.SimpleQueue()
    got = None

    def consume() -> None:
        nonlocal got
        got = tasks.get()

    run(lambda: tasks.put(1), lambda: tasks.put(2), consume)
    return got


@litmus(3)
def queue_that_is_joined() -> str:
    tasks: queue.Queue[int] = queue.Queue()
    tasks.put(1)
    seen = ""

    def work() -> None:
        nonlocal seen
        tasks.get()
        seen = "worked"
        tasks.task_done()

    def wait() -> None:
        nonlocal seen
        tasks.join()
        seen = seen + ", joined"

    run(work, wait)
    return seen


@litmus(2)
def put_when_the_get_is_due() -> int:
    tasks: queue.Queue[int] = queue.Queue()
    got = 0

    def consume() -> None:
        nonlocal got
        try:
            got = tasks.get(timeout=1)
        except queue.Empty:
            got = -1

    def produce() -> None:
        time.sleep(1)
        tasks.put(1)

    run(consume, produce)
    return got


@litmus(2)
def put_that_comes_before_the_get_is_due() -> int:
    tasks: queue.Queue[int] = queue.Queue()
    got = 0

    def produce() -> None:
        time.sleep(1)
        tasks.put(1)

    def consume() -> None:
        nonlocal got
        try:
            got = tasks.get(timeout=1)
        except queue.Empty:
            got = -1

    run(produce, consume)
    return got
