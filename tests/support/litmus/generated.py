"""Programs put together from words: what each thread does, one operation after the other."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from support.litmus.shape import Program, run

Operation = Callable[[], object]


def _operations() -> dict[str, Operation]:
    """Fresh shared state, and by word what may be done to it."""
    x = y = 0
    lock, mutex = threading.Lock(), threading.RLock()
    tasks: queue.Queue[int] = queue.Queue(maxsize=1)
    event = threading.Event()
    ready = threading.Condition()
    semaphore = threading.Semaphore(1)
    items: list[int] = []
    counts = {"a": 0}

    def read_x() -> object:
        return x

    def write_x() -> None:
        nonlocal x
        x = 1

    def add_x() -> None:
        nonlocal x
        x += 1

    def copy_x_to_y() -> None:
        nonlocal y
        y = x

    def write_y() -> None:
        nonlocal y
        y = 1

    def under_lock() -> None:
        with lock:
            pass

    def under_mutex() -> None:
        with mutex:
            pass

    def await_notify() -> None:
        with ready:
            ready.wait()

    def await_notify_for_a_second() -> None:
        with ready:
            ready.wait(1)

    def notify() -> None:
        with ready:
            ready.notify()

    def append_to_its_own() -> None:
        own: list[int] = []
        own.append(1)

    def append() -> None:
        items.append(1)

    def write_a() -> None:
        counts["a"] = 1

    def write_b() -> None:
        counts["b"] = 1

    return {
        "read x": read_x,
        "write x": write_x,
        "add x": add_x,
        "copy x to y": copy_x_to_y,
        "write y": write_y,
        "acquire lock": lock.acquire,
        "acquire lock for a second": lambda: lock.acquire(timeout=1),
        "try lock": lambda: lock.acquire(blocking=False),
        "release lock": lock.release,
        "with lock": under_lock,
        "acquire mutex": mutex.acquire,
        "release mutex": mutex.release,
        "with mutex": under_mutex,
        "put": lambda: tasks.put(1),
        "get": lambda: tasks.get(),
        "get for a second": lambda: tasks.get(timeout=1),
        "size": lambda: tasks.qsize(),
        "set": event.set,
        "clear": event.clear,
        "is_set": event.is_set,
        "wait": event.wait,
        "wait for a second": lambda: event.wait(1),
        "await notify": await_notify,
        "await notify for a second": await_notify_for_a_second,
        "notify": notify,
        "acquire semaphore": semaphore.acquire,
        "release semaphore": semaphore.release,
        "append": append,
        "len": lambda: len(items),
        "append to its own": append_to_its_own,
        "write a": write_a,
        "write b": write_b,
        "read a": lambda: counts["a"],
        "len of counts": lambda: len(counts),
        "print": lambda: print("a", end=""),
        "sleep": lambda: time.sleep(1),
    }


WORDS = sorted(_operations())
"""What a thread may be told to do."""


def program_of(scripts: Sequence[Sequence[str]]) -> Program:
    """A program in which each thread does what its script says."""

    def program() -> Any:
        by_word = _operations()
        plans = tuple([tuple([by_word[word] for word in script]) for script in scripts])
        run(*[lambda plan=plan: follow(plan) for plan in plans])

    def follow(plan: tuple[Operation, ...]) -> None:
        for operation in plan:
            operation()

    return program
