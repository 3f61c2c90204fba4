"""What every strategy must keep, whoever writes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from support.threads import Body, FakeKernel, FakeThread, Operation, accesses
from threadsim.model.event import Kind
from threadsim.strategy.base import Strategy

Question = tuple[int | None, tuple[tuple[int, Kind, object], ...], int]
"""Who has gone on until now, who can go on with what, and the number of the point."""


class _Listening:
    """A strategy, and what it was asked and answered."""

    def __init__(self, strategy: Strategy) -> None:
        self._strategy = strategy
        self.name = strategy.name
        self.said: list[tuple[Question, int]] = []
        if hasattr(strategy, "observe"):
            self.observe = strategy.observe

    def choose(self, current: FakeThread | None, ready: Sequence[FakeThread], point: int) -> FakeThread:
        offered = list(ready)
        chosen = self._strategy.choose(current, ready, point)
        assert any(chosen is thread for thread in offered), "chose a thread that cannot go on"
        assert list(ready) == offered, "changed the list of those that can go on"
        question = (
            current.number if current else None,
            tuple((thread.number, thread.kind, thread.object_key) for thread in offered),
            point,
        )
        self.said.append((question, chosen.number))
        return chosen


def strategy_contract(make: Callable[[int], Strategy]) -> None:
    """Assert that what a seed makes keeps the promises of `threadsim.strategy.base.Strategy`."""
    assert make(0).name == make(1).name
    for program in (_starting, _locking, _crowd):
        for seed in range(5):
            said = _Listening(make(seed)), _Listening(make(seed))
            for strategy in said:
                program().run(strategy)
            assert said[0].said == said[1].said, "gave another answer to the same question"


def _crowd() -> FakeKernel:
    return FakeKernel(*(accesses("xy..z"[: 1 + number % 5], Kind.READ) for number in range(12)))


def _starting() -> FakeKernel:
    """Threads appear and end; some start others."""

    def main(depth: int) -> Body:
        for letter in "ab":
            yield Operation(Kind.WRITE, letter, depth)
            if depth:
                kernel.start(main(depth - 1))

    kernel = FakeKernel(main(3))
    return kernel


def _locking() -> FakeKernel:
    """Threads are ready, and not, and ready again; at times one alone is."""
    holder: list[int] = []

    def guarded(number: int) -> Body:
        for _ in range(4):
            yield Operation(Kind.ACQUIRE, "lock", 1, lambda: not holder)
            holder.append(number)
            yield from accesses("xx")
            yield Operation(Kind.RELEASE, "lock", 2)
            holder.clear()

    return FakeKernel(*(guarded(number) for number in range(3)))
