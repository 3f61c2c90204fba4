"""Programs that use pools, loggers and properties that are worked out once: searched to the end."""

from __future__ import annotations

import functools
import io
import logging
import sys
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import Any

import pytest

from threadsim import explore


def run_threads(*bodies: Callable[[], Any]) -> None:
    threads = [threading.Thread(target=body) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_pool_without_a_name_is_the_same_in_each_execution() -> None:
    values = set()

    def program() -> None:
        with ThreadPoolExecutor(1) as pool:
            values.add(pool.submit(lambda: threading.current_thread().name).result())

    exploration = explore(program, strategy="dpor")

    assert exploration.exhausted
    assert values == {"ThreadPoolExecutor-0_0"}


def test_what_a_search_knows_of_a_pool_does_not_keep_it_alive() -> None:
    """A pool that dies tells its threads so, if there are any left: that would be an event more."""

    def program() -> None:
        pool = ThreadPoolExecutor(1)
        pool.submit(int)
        pool.shutdown()

    assert explore(program, strategy="dpor").exhausted


def test_futures_that_are_done_come_in_the_order_in_which_they_were_made() -> None:
    def program() -> None:
        with ThreadPoolExecutor(1) as pool:
            futures = {pool.submit(int, number) for number in range(3)}
            done, _ = wait(futures)
            assert [future.result() for future in done] == [0, 1, 2]

    exploration = explore(program, strategy="random", schedules=20)

    assert exploration.failure is None
    assert exploration.trouble is None


def test_waiting_for_the_first_future_is_deterministic() -> None:
    def program() -> int:
        with ThreadPoolExecutor(2) as pool:
            done, _ = wait([pool.submit(int, number) for number in range(2)], return_when=FIRST_COMPLETED)
            return sum(future.result() for future in done)

    assert explore(program, strategy="dpor", schedules=100).trouble is None


def test_logger_that_two_threads_use_hides_no_interleaving() -> None:
    texts = set()

    def program() -> None:
        stream = io.StringIO()
        logger = logging.Logger("shared")
        logger.addHandler(logging.StreamHandler(stream))
        run_threads(lambda: logger.warning("a"), lambda: logger.warning("b"))
        texts.add(stream.getvalue())

    assert explore(program, strategy="dpor").exhausted
    assert texts == {"a\nb\n", "b\na\n"}


def test_level_that_is_set_while_another_thread_logs_matters() -> None:
    texts = set()

    def program() -> None:
        stream = io.StringIO()
        logger = logging.Logger("shared")
        logger.addHandler(logging.StreamHandler(stream))
        run_threads(lambda: logger.warning("a"), lambda: logger.setLevel(logging.ERROR))
        texts.add(stream.getvalue())

    assert explore(program, strategy="dpor").exhausted
    assert texts == {"", "a\n"}


@pytest.mark.skipif(sys.version_info < (3, 12), reason="it holds a lock over all that it does")
def test_cached_property_may_be_worked_out_twice() -> None:
    seen = set()

    class Settings:
        loads = 0

        @functools.cached_property
        def loaded(self) -> int:
            self.loads += 1
            return self.loads

    def program() -> None:
        settings = Settings()
        run_threads(lambda: settings.loaded, lambda: settings.loaded)
        seen.add(settings.loads)

    assert explore(program, strategy="dpor").exhausted
    assert 2 in seen
