"""The programs that are measured."""

from __future__ import annotations

import hashlib
import queue
import threading

POINTS = 20_000


def counter() -> int:
    """Two threads add to a counter without a lock, three times each: 12 accesses that matter."""
    total = 0

    def add() -> None:
        nonlocal total
        total += 1
        total += 1
        total += 1

    threads = [threading.Thread(target=add) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return total


def counter_without_threads() -> int:
    """The same additions, one after the other."""
    total = 0

    def add() -> None:
        nonlocal total
        total += 1
        total += 1
        total += 1

    for _ in range(2):
        add()
    return total


def many_accesses() -> None:
    """Two threads, POINTS reads and writes of one variable in all."""
    total = 0

    def add() -> None:
        nonlocal total
        for _ in range(POINTS // 4):
            total += 1

    threads = [threading.Thread(target=add) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def lock_heavy() -> None:
    """Two threads that do nothing but take a lock and let it go."""
    lock = threading.Lock()

    def work() -> None:
        for _ in range(5_000):
            with lock:
                pass

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def crawl() -> dict[int, str]:
    """A pool of workers with a queue, a shared result under a lock, and some work for each item."""
    tasks: queue.Queue[int | None] = queue.Queue()
    results: dict[int, str] = {}
    lock = threading.Lock()

    def work() -> None:
        while (task := tasks.get()) is not None:
            digest = b""
            for _ in range(200):
                digest = hashlib.sha256(digest + bytes(1000)).digest()
            with lock:
                results[task] = digest.hex()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for task in range(100):
        tasks.put(task)
    for _ in threads:
        tasks.put(None)
    for thread in threads:
        thread.join()
    return results
