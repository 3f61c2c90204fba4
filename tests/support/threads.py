"""A kernel without a program: threads are lists of operations. A strategy is tested alone on it, and fast."""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable, Sequence
from typing import NamedTuple

from threadsim.model.event import ACCESSES, Kind
from threadsim.model.site import Site
from threadsim.strategy.base import Search, Strategy
from threadsim.strategy.pos import READS
from threadsim.strategy.steps import Mode, Step


class Operation(NamedTuple):
    """What a thread is about to do."""

    kind: Kind = Kind.WRITE
    key: Hashable = None
    line: int = 1
    is_enabled: Callable[[], bool] = lambda: True


Body = Generator[Operation]
"""A thread: it yields an operation that is pending then, and goes on when it has been chosen."""


class FakeThread:
    """A candidate; its first operation is pending as soon as it is started."""

    def __init__(self, number: int, body: Body, enabler: int | None) -> None:
        self.number = number
        self.body = body
        self.enabler = enabler
        self.pending = next(body, None)

    @property
    def kind(self) -> Kind:
        assert self.pending is not None
        return self.pending.kind

    @property
    def place(self) -> Site | None:
        assert self.pending is not None
        return Site("fake.py", self.pending.line)

    @property
    def object_key(self) -> object:
        assert self.pending is not None
        return self.pending.key

    def __repr__(self) -> str:
        return f"<T{self.number} {self.pending}>"


class FakeKernel:
    """Runs threads under a strategy, which is asked only where more than one can go on.

    Args:
        *bodies: The threads that are there from the start; without a main thread.

    Attributes:
        order: The number of the thread that did it, and what it did, step by step.
    """

    def __init__(self, *bodies: Body) -> None:
        self.threads: list[FakeThread] = []
        self.order: list[tuple[int, Operation]] = []
        self._steps: list[Step] = []
        for body in bodies:
            self.start(body)

    def start(self, body: Body) -> None:
        """Start a thread; when one that runs calls it, its pending operation is done with that."""
        self.threads.append(FakeThread(len(self.threads), body, len(self._steps) if self._steps else None))

    def run(self, strategy: Strategy, most: int = 100_000) -> FakeKernel:
        """Until nobody can go on."""
        if (observe := getattr(strategy, "observe", None)) is not None:
            observe(self)
        current: FakeThread | None = None
        while ready := [thread for thread in self.threads if thread.pending and thread.pending.is_enabled()]:
            assert len(self._steps) < most, "still going"
            going_on = current if current in ready else None
            current = ready[0]
            if len(ready) > 1:
                current = strategy.choose(going_on, ready, len(self._steps))
                assert any(current is thread for thread in ready)
            self._step(current)
        return self

    def _step(self, thread: FakeThread) -> None:
        operation = thread.pending
        assert operation is not None
        touches = () if operation.key is None else ((operation.key, _mode(operation.kind)),)
        self.order.append((thread.number, operation))
        thread.pending = next(thread.body, None)
        self._steps.append(Step(thread.number, touches, thread.enabler))
        thread.enabler = None

    # As a history.

    renamed = False

    @property
    def points(self) -> int:
        return len(self._steps)

    def counts(self) -> dict[int, int]:
        counts = {thread.number: 0 for thread in self.threads}
        for step in self._steps:
            counts[step.thread] += 1
        return counts

    def steps(self, first: int = 0) -> Sequence[Step]:
        return self._steps[first:]

    def pending(self) -> Sequence[Step]:
        return []


def _mode(kind: Kind) -> Mode:
    return Mode.READ if kind in READS else Mode.WRITE


def accesses(letters: str, kind: Kind = Kind.WRITE) -> Body:
    """One access for each letter, to a variable of that name; a dot is an operation on nothing."""
    for letter in letters:
        yield Operation(kind, None if letter == "." else letter, 1 + ord(letter))


def order_of(kernel: FakeKernel, key: str = "") -> str:
    """The numbers of the threads, in the order of their accesses: all, or those to one variable."""
    return "".join(
        str(thread)
        for thread, operation in kernel.order
        if operation.kind in ACCESSES and key in ("", operation.key)
    )


def executions(search: Search, program: Callable[[], FakeKernel], times: int) -> list[FakeKernel]:
    """Execution after execution, as a search wants it."""
    kernels = []
    for _ in range(times):
        strategy = search.begin()
        assert strategy is not None
        kernels.append(program().run(strategy))
        search.end(kernels[-1])
    return kernels
