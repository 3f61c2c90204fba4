"""What threads share without a lock or a variable of theirs: the table of threads, names, random numbers."""

from __future__ import annotations

import functools
import random
import threading
from collections.abc import Callable
from typing import Any

from threadsim.simulate.program import Function
from threadsim.simulate.simulator import Simulator
from threadsim.strategy.dpor import Dpor


def results_of(program: Callable[[], Any]) -> set[Any]:
    """What a program returns, over all interleavings."""
    search = Dpor()
    results = set()
    with Simulator(Function(program)) as simulator:
        while (strategy := search.begin()) is not None:
            execution = simulator.execute(strategy, 0)
            search.end(execution.history)
            results.add(execution.result)
    assert search.exhausted
    return results


def both(work: Callable[[str], None]) -> None:
    threads = [threading.Thread(target=work, args=(name,), name=name) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_thread_that_is_over_is_counted_no_more() -> None:
    def program() -> int:
        thread = threading.Thread(target=lambda: None)
        thread.start()
        count = threading.active_count()
        thread.join()
        return count

    assert results_of(program) == {1, 2}


def test_names_are_given_in_the_order_in_which_threads_are_made() -> None:
    def program() -> str:
        names = {"a": "", "b": ""}

        def make(name: str) -> None:
            names[name] = threading.Thread().name

        both(make)
        return " ".join(names.values())

    assert results_of(program) == {"Thread-1 Thread-2", "Thread-2 Thread-1"}


def test_random_numbers_are_drawn_in_the_order_in_which_threads_come() -> None:
    def program() -> tuple[int, ...]:
        drawn = {"a": 0, "b": 0}

        def draw(name: str) -> None:
            drawn[name] = random.randrange(1000)

        both(draw)
        return tuple(drawn.values())

    results = results_of(program)
    assert len(results) == 2
    assert {tuple(reversed(result)) for result in results} == results


def test_a_target_that_is_a_containers_method_is_a_step_on_the_container() -> None:
    def program() -> tuple[int, ...]:
        values: list[int] = []
        add_two = functools.partial(values.append, 2)
        threads = [threading.Thread(target=values.append, args=(1,)), threading.Thread(target=add_two)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return tuple(values)

    assert results_of(program) == {(1, 2), (2, 1)}
