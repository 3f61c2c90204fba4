"""PCT: its guarantee, and that it is fair to whoever a spinning thread waits for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from support.threads import Body, FakeKernel, Operation, accesses, executions, order_of
from threadsim import Outcome, ThreadsimError
from threadsim.model.event import Kind
from threadsim.simulate.program import as_program
from threadsim.simulate.simulator import Simulator
from threadsim.strategy.pct import LONG, Pct
from threadsim.strategy.table import make_search

SEEDS = 2_000


def rate(program: Callable[[], FakeKernel], bug: list[str], depth: int, points: int) -> float:
    """How often the accesses come in an order."""
    found = 0
    for seed in range(SEEDS):
        done = [
            f"{thread}{operation.key}"
            for thread, operation in program().run(Pct(seed, depth, points)).order
            if operation.key is not None
        ]
        places = [done.index(access) for access in bug]
        found += all(earlier < later for earlier, later in pairwise(places))
    return found / SEEDS


def promise(depth: int, threads: int, points: int) -> float:
    return float(1 / (threads * points ** (depth - 1)))


@pytest.mark.parametrize(
    ("letters", "bug"),
    [
        pytest.param(("a", ".........b"), "1b 0a", id="depth 1, two threads"),
        pytest.param(("a", "....b", "....c", "....d"), "3d 0a", id="depth 1, four threads"),
        pytest.param(("..a..b..", "c......."), "0a 1c 0b", id="depth 2, two threads"),
        pytest.param((".ab.", "c...", "....", "...."), "0a 1c 0b", id="depth 2, four threads"),
        pytest.param((".a.b.", ".c.d."), "0a 1c 0b 1d", id="depth 3, two threads"),
        pytest.param((".ab", "cd.", "..."), "0a 1c 0b 1d", id="depth 3, three threads"),
    ],
)
def test_bug_is_found_as_often_as_the_paper_promises(letters: tuple[str, ...], bug: str) -> None:
    depth, points = max(1, bug.count(" ")), sum(map(len, letters))

    found = rate(lambda: FakeKernel(*map(accesses, letters)), bug.split(), depth, points)

    assert found >= promise(depth, len(letters), points)


def test_bug_that_only_one_pair_of_change_points_reveals_is_found_no_more_often_than_that() -> None:
    found = rate(lambda: FakeKernel(accesses("ab"), accesses("cd")), ["0a", "1c", "0b", "1d"], 3, 8)

    assert found == pytest.approx(promise(3, 2, 8), rel=0.3)


# Real programs.


def start_and_join(*targets: Callable[[], object]) -> None:
    threads = [threading.Thread(target=target) for target in targets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def order_violation() -> bool:
    """Depth 1: main sets up what its thread uses, but only after it has started it."""
    is_set_up = missed = False

    def use() -> None:
        nonlocal missed
        missed = not is_set_up

    thread = threading.Thread(target=use)
    thread.start()
    is_set_up = True
    thread.join()
    return missed


def lost_update() -> bool:
    """Depth 2: one thread's addition between the other's read and write."""
    total = 0

    def add() -> None:
        nonlocal total
        total += 1

    start_and_join(add, add)
    return total != 2


def each_sees_the_others_half() -> bool:
    """Depth 3: each of two threads is stopped halfway, so that each reads between the other's two writes."""
    left = right = 0
    torn = []

    def first() -> None:
        nonlocal left
        left = 1
        torn.append(right == 1)
        left = 2

    def second() -> None:
        nonlocal right
        right = 1
        torn.append(left == 1)
        right = 2

    start_and_join(first, second)
    return all(torn)


@pytest.mark.parametrize(
    ("program", "threads", "depth"),
    [(order_violation, 2, 1), (lost_update, 3, 2), (each_sees_the_others_half, 3, 3)],
)
def test_bug_of_a_real_program_is_found_as_often(
    program: Callable[[], Any], threads: int, depth: int
) -> None:
    with Simulator(as_program(program)) as simulator:
        points = simulator.execute(Pct(0, depth), 0).steps
        found = sum(bool(simulator.execute(Pct(seed, depth, points), seed).result) for seed in range(SEEDS))

    assert found / SEEDS >= promise(depth, threads, points)


# Fairness.


def spin_wait() -> None:
    ready = False

    def wait() -> None:
        while not ready:
            pass

    def tell() -> None:
        nonlocal ready
        ready = True

    start_and_join(wait, wait, tell)


def test_whoever_a_spinning_thread_waits_for_gets_its_turn() -> None:
    with Simulator(as_program(spin_wait)) as simulator:
        executions_ = [simulator.execute(Pct(seed), seed) for seed in range(10)]

    assert {execution.outcome for execution in executions_} == {Outcome.PASSED}
    assert max(execution.steps for execution in executions_) > LONG  # so the spinning was met


def test_two_threads_that_spin_by_turns_do_not_keep_a_third_from_going_on() -> None:
    def program() -> FakeKernel:
        turn, over = [0], []

        def spinning(own: int) -> Body:
            while not over:
                yield Operation(Kind.WRITE, "turn", 1, lambda: turn[0] == own)
                turn[0] = 1 - own

        def third() -> Body:
            yield Operation(Kind.WRITE, "over", 2)
            over.append(True)
            turn[0] = 0

        return FakeKernel(spinning(0), spinning(1), third())

    for seed in range(20):
        program().run(Pct(seed), most=3 * LONG)


def test_long_program_goes_as_in_the_paper_once_its_length_is_known() -> None:
    """No thread falls back for being long: with depth 1 each runs from its begin to its end."""
    kernels = executions(
        make_search("pct", 0, depth=1), lambda: FakeKernel(accesses("x" * 2_000), accesses("y" * 2_000)), 4
    )

    assert {len(set(pairwise(order_of(kernel)))) for kernel in kernels[1:]} == {3}


def test_depth_of_less_than_one_is_an_error() -> None:
    with pytest.raises(ThreadsimError, match="depth of pct must be at least 1, not 0"):
        make_search("pct", 0, depth=0)
