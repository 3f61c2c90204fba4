"""Pools of real threads and processes, from before an execution, go on after it."""

from __future__ import annotations

import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

from threadsim import Outcome, simulate


def program() -> list[int]:
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(abs, [-1, -2]))


def test_pool_of_threads_goes_on() -> None:
    with ThreadPoolExecutor(1) as pool:
        before = pool.submit(threading.get_ident).result()
        assert simulate(program).result == [1, 2]
        assert pool.submit(threading.get_ident).result() == before


def test_pools_of_processes_can_be_made_afterwards() -> None:
    assert simulate(program).outcome is Outcome.PASSED
    with ProcessPoolExecutor(1) as pool:
        assert pool.submit(abs, -3).result() == 3
