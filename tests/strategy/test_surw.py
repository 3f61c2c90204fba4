"""SURW: uniform over the orders of the accesses to one variable."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest

from support.threads import Body, FakeKernel, Operation, accesses, executions, order_of
from threadsim.model.event import Kind
from threadsim.simulate.program import as_program
from threadsim.simulate.simulator import Simulator
from threadsim.strategy.surw import Surw
from threadsim.strategy.table import make_search

TIMES = 2_000
CRITICAL = {5: 20.5, 6: 22.5, 9: 27.9, 19: 43.8}
"""What chi-square exceeds in one of a thousand samples, by degrees of freedom."""


def chi_square(seen: list[str], orders: set[str]) -> float:
    expected = len(seen) / len(orders)
    counts = Counter(seen)
    assert set(counts) <= orders
    return sum((counts[order] - expected) ** 2 / expected for order in orders)


def orders_seen(program: Callable[[], FakeKernel], key: str) -> list[str]:
    kernels = executions(make_search("surw", 0), program, TIMES + 5)
    return [order_of(kernel, key) for kernel in kernels[5:]]


def assert_uniform(program: Callable[[], FakeKernel], letters: str, key: str = "x") -> None:
    orders = {"".join(order) for order in permutations(letters)}
    assert chi_square(orders_seen(program, key), orders) < CRITICAL[len(orders) - 1]


def test_all_orders_of_two_threads_with_three_accesses_each_are_equally_likely() -> None:
    assert_uniform(lambda: FakeKernel(accesses("xxx"), accesses("xxx")), "000111")


def test_random_walk_is_far_from_that() -> None:
    kernels = executions(
        make_search("random", 0), lambda: FakeKernel(accesses("xxx"), accesses("xxx")), TIMES
    )
    orders = {"".join(order) for order in permutations("000111")}
    assert chi_square([order_of(kernel, "x") for kernel in kernels], orders) > 10 * CRITICAL[19]


def test_one_access_comes_at_each_place_among_many_of_another_thread() -> None:
    assert_uniform(lambda: FakeKernel(accesses("xxxxxxxxx"), accesses("x")), "0000000001")


def test_what_is_not_shared_does_not_matter() -> None:
    assert_uniform(lambda: FakeKernel(accesses(".....x.x"), accesses("xyx")), "0011")


def test_children_count_for_their_parent_until_they_are_started() -> None:
    def program() -> FakeKernel:
        def main() -> Body:
            for _ in range(2):
                yield Operation(Kind.START, None, 1)
                kernel.start(accesses("xxx"))

        kernel = FakeKernel(main())
        return kernel

    assert_uniform(program, "111222")


def test_grandchildren_count_too() -> None:
    def program() -> FakeKernel:
        def child() -> Body:
            yield Operation(Kind.START, None, 1)
            kernel.start(accesses("xx"))

        def main() -> Body:
            yield Operation(Kind.START, None, 2)
            kernel.start(child())
            yield from accesses("xxx")

        kernel = FakeKernel(main())
        return kernel

    assert_uniform(program, "00022")


def test_steps_that_nobody_was_asked_about_count() -> None:
    """The first four accesses are made alone; after them, each thread has one to come."""

    def program() -> FakeKernel:
        released: list[bool] = []

        def first() -> Body:
            yield from accesses("xxxx")
            yield Operation(Kind.RELEASE, None, 5)
            released.append(True)
            yield from accesses("x")

        def second() -> Body:
            yield Operation(Kind.ACQUIRE, None, 6, lambda: bool(released))
            yield from accesses("x")

        return FakeKernel(first(), second())

    seen = Counter(orders_seen(program, "x"))
    assert seen["000010"] + seen["000001"] == TIMES
    assert 0.47 < seen["000001"] / TIMES < 0.53


def test_each_variable_that_is_shared_has_its_turn() -> None:
    """Where `x` is drawn, its two orders are equally likely; then what is done to `y` says little of it."""
    kernels = executions(
        make_search("surw", 0), lambda: FakeKernel(accesses("yx"), accesses("x......y")), TIMES
    )
    first_at_y = Counter(order_of(kernel, "y")[0] for kernel in kernels[5:])
    assert 0.2 < first_at_y["1"] / (TIMES - 5) < 0.35  # half of a half, and what the random walk adds


@pytest.mark.parametrize("waits", ["x", "y"])
def test_thread_that_spins_until_another_goes_on_does_not_hold_it_up_for_ever(waits: str) -> None:
    def program() -> FakeKernel:
        done: list[bool] = []

        def spinning() -> Body:
            while not done:
                yield Operation(Kind.READ, waits, 1)
            yield from accesses("xxxx")

        def other() -> Body:
            yield from accesses("xy")
            done.append(True)

        return FakeKernel(spinning(), other())

    executions(make_search("surw", 0), program, 50)


def test_additions_of_two_threads_are_lost_as_often_as_in_all_orders() -> None:
    """A real program: of the 70 orders of two reads and writes each, so many give each total."""

    def program() -> int:
        total = 0

        def add() -> None:
            nonlocal total
            for _ in range(2):
                total += 1

        threads = [threading.Thread(target=add) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return total

    search, seen = make_search("surw", 0), Counter[Any]()
    with Simulator(as_program(program)) as simulator:
        for _ in range(TIMES):
            strategy = search.begin()
            assert strategy is not None
            execution = simulator.execute(strategy, search.seed)
            search.end(execution.history)
            seen[execution.result] += 1

    orders = {2: 32, 3: 32, 4: 6}
    shares = {total: count / TIMES for total, count in seen.items()}
    assert shares == {total: pytest.approx(count / 70, abs=0.03) for total, count in orders.items()}


def test_without_anything_known_it_is_a_random_walk() -> None:
    seen = Counter(order_of(FakeKernel(accesses("xx"), accesses("x")).run(Surw(seed))) for seed in range(800))
    assert len(seen) == 3
