"""cachetools keeps its promises to threads in the simulator, and the simulator its own on cachetools."""

from __future__ import annotations

import threading

import pytest

import threadsim

cachetools = pytest.importorskip("cachetools")


def cached_squares() -> None:
    """Three threads ask one cache, which a lock guards, for the same three squares."""
    answers: list[int] = []

    @cachetools.cached(cachetools.LRUCache(8), lock=threading.Lock(), info=True)
    def square(number: int) -> int:
        return number * number

    def ask() -> None:
        answers.extend(square(number) for number in range(3))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    info = square.cache_info()
    assert sorted(answers) == [0, 0, 0, 1, 1, 1, 4, 4, 4]
    assert info.hits + info.misses == 9


INCLUDED = pytest.mark.parametrize("include", [(), ("cachetools",)], ids=["apart", "included"])


@INCLUDED
def test_a_seed_gives_the_same_trace_twice(include: tuple[str, ...]) -> None:
    first, again = (threadsim.simulate(cached_squares, seed=7, include=include) for _ in range(2))
    assert first.trace.events == again.trace.events


@pytest.mark.slow
@INCLUDED
def test_each_call_is_answered_and_counted_under_200_seeds(include: tuple[str, ...]) -> None:
    outcomes = {str(threadsim.simulate(cached_squares, seed=s, include=include).outcome) for s in range(200)}
    assert outcomes == {"passed"}
