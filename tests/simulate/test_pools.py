"""`concurrent.futures` runs on simulated threads as it is."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed, wait

import pytest

from support.simulation import outcomes_of
from threadsim import Outcome, simulate


def test_map_gives_the_results_in_order() -> None:
    def program() -> tuple[int, ...]:
        with ThreadPoolExecutor(3) as pool:
            return tuple(pool.map(lambda number: number**2, range(5)))

    assert outcomes_of(program) == {(0, 1, 4, 9, 16)}


def test_pool_has_no_more_threads_than_it_may() -> None:
    def program() -> int:
        inside: list[int] = []
        most: list[int] = []

        def work() -> None:
            inside.append(1)
            most.append(len(inside))
            time.sleep(1)
            inside.pop()

        with ThreadPoolExecutor(2) as pool:
            for _ in range(4):
                pool.submit(work)
        return max(most)

    assert max(outcomes_of(program)) == 2


def test_exception_comes_with_the_result() -> None:
    def program() -> str:
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(lambda: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                future.result()
        return "went on"

    assert outcomes_of(program) == {"went on"}


def test_waiting_for_some_takes_virtual_seconds() -> None:
    def program() -> tuple[int, int]:
        with ThreadPoolExecutor(2) as pool:
            futures = [pool.submit(time.sleep, seconds) for seconds in (1, 100)]
            done, not_done = wait(futures, timeout=10)
            return len(done), len(not_done)

    assert outcomes_of(program) == {(1, 1)}


def test_results_come_as_they_are_ready() -> None:
    def program() -> tuple[int, ...]:
        with ThreadPoolExecutor(3) as pool:
            futures = [pool.submit(lambda s=seconds: (time.sleep(s), s)[1]) for seconds in (3, 1, 2)]
            return tuple(future.result() for future in as_completed(futures))

    assert outcomes_of(program) == {(1, 2, 3)}


def test_pool_that_is_never_shut_down_is_waited_for() -> None:
    def program() -> None:
        pool = ThreadPoolExecutor(2)
        pool.submit(lambda: (time.sleep(5), print("done")))

    execution = simulate(program)
    assert (execution.outcome, execution.output) == (Outcome.PASSED, "done\n")


def test_worker_that_waits_for_a_task_of_its_own_pool_is_a_deadlock() -> None:
    def program() -> None:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(lambda: pool.submit(print).result()).result()

    assert outcomes_of(program, range(10)) == {Outcome.DEADLOCK}


def test_order_of_a_pools_threads_does_not_depend_on_addresses() -> None:
    def program() -> None:
        with ThreadPoolExecutor(4) as pool:
            for seconds in (2, 1, 3, 2):
                pool.submit(time.sleep, seconds)

    kept, traces = [], []
    for _ in range(6):
        traces.append(simulate(program, seed=1).trace.events)
        kept.append([threading.Thread() for _ in range(5)])  # so that the next ones lie elsewhere
    assert all(events == traces[0] for events in traces)
