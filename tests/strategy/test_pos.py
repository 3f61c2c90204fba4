"""POS: each pending operation has its own priority."""

from __future__ import annotations

from collections import Counter

import pytest

from support.threads import Body, FakeKernel, Operation, accesses, order_of
from threadsim.model.event import Kind
from threadsim.strategy.pos import Pos

TIMES = 2_000


def shares(*letters: str, kind: Kind = Kind.WRITE, key: str = "x") -> dict[str, float]:
    kernels = [
        FakeKernel(*(accesses(each, kind) for each in letters)).run(Pos(seed)) for seed in range(TIMES)
    ]
    return {order: count / TIMES for order, count in Counter(order_of(each, key) for each in kernels).items()}


def near(share: float) -> object:
    return pytest.approx(share, abs=0.04)


def test_operations_before_do_not_keep_an_access_from_being_first() -> None:
    """A random walk gives 1/64; here six operations must all come before one that keeps its priority: 1/7."""
    assert shares(".....x", "x")["01"] == near(1 / 7)


def test_operation_that_conflicts_takes_the_priority() -> None:
    """After the first write each of the two that are pending is as likely as the other."""
    assert shares("xx", "x") == {"100": near(1 / 2), "010": near(1 / 4), "001": near(1 / 4)}


def test_reads_do_not_conflict() -> None:
    """The third thread's read keeps its priority: to be the last it must be lower than both others."""
    seen = shares("xx", "x", kind=Kind.READ)
    assert seen == {"100": near(1 / 2), "010": near(1 / 6), "001": near(1 / 3)}


def test_other_locations_do_not_conflict() -> None:
    assert shares("yy", "x", key="") == {"100": near(1 / 2), "010": near(1 / 6), "001": near(1 / 3)}


def test_thread_that_was_not_ready_draws_again() -> None:
    """Whoever waits for a lock has no better chance for having been unlucky before."""

    def program() -> FakeKernel:
        holder: list[int] = []

        def guarded(number: int) -> Body:
            for _ in range(2):
                yield Operation(Kind.ACQUIRE, "lock", 1, lambda: not holder)
                holder.append(number)
                yield Operation(Kind.WRITE, "x", 2)
                yield Operation(Kind.RELEASE, "lock", 3)
                holder.clear()

        return FakeKernel(guarded(0), guarded(1))

    seen = Counter(order_of(program().run(Pos(seed)), "x")[:2] for seed in range(TIMES))
    assert {order: count / TIMES for order, count in seen.items()} == dict.fromkeys(
        ("00", "01", "10", "11"), near(1 / 4)
    )
