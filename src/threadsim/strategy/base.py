"""The door between the kernel and a strategy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from threadsim.model.event import Kind
from threadsim.model.site import Site
from threadsim.strategy.steps import History

LONGEST_TURN = 500
"""Choices in a row after which a systematic search lets another thread go on: one that spins waits for it."""


class Candidate(Protocol):
    """A thread that could go on, and what it would do."""

    @property
    def number(self) -> int:
        """Its number; 0 is the main thread."""

    @property
    def kind(self) -> Kind:
        """The kind of its pending operation."""

    @property
    def place(self) -> Site | None:
        """Where in the source that operation stands; None for a thread's begin."""

    @property
    def object_key(self) -> object:
        """What the operation is done to: equal and hashable for the same location, None for nothing."""


C = TypeVar("C", bound=Candidate)


class Strategy(Protocol):
    """Picks the next thread.

    The kernel asks at each scheduling point at which more than one thread could go on, and promises that
    `ready` has at least two threads, in order of number. It asks about nothing else, so a strategy may keep
    state from one choice to the next. The same answers must follow from the same questions.
    """

    name: str

    def choose(self, current: C | None, ready: Sequence[C], point: int) -> C:
        """The thread that goes on, one of `ready`.

        Args:
            current: The thread that has gone on until now, None if it cannot go on.
            ready: The threads that can go on.
            point: The number of this scheduling point, counted from 0.
        """


class Observer:
    """A strategy that looks at what happens, not only at what could happen next, is one of these.

    Attributes:
        compares: Whether it compares the locations that are touched with those in other executions.
    """

    compares = False

    def observe(self, history: History) -> None:
        """Called before the first choice of an execution; `history` grows as it goes on."""
        raise NotImplementedError


class Search(Protocol):
    """Chooses the schedules of execution after execution of one program.

    `begin` and `end` are called in turn. The same calls with the same histories give the same strategies.

    Attributes:
        name: As on the command line.
        seed: What the program's own random numbers are made from in the execution that begins.
        exhausted: Whether every interleaving has been tried, up to the order of steps that commute.
    """

    name: str
    seed: int
    exhausted: bool

    def begin(self) -> Strategy | None:
        """The strategy of the next execution, None if there is nothing left to try."""

    def end(self, history: History) -> None:
        """What happened in that execution."""
