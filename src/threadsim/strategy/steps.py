"""What the threads did, step by step: what a search over many executions reasons on.

A step is what one thread does from one scheduling point to the next; nobody else runs in between. Two steps
of different threads commute unless they touch the same location in ways that conflict.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from enum import IntEnum
from typing import Protocol

import attrs


class Mode(IntEnum):
    """How a step touches a location."""

    READ = 0
    WRITE = 1
    ADD = 2  # changes it in a way that commutes with its like: what one item of a container is to the whole
    PEEK = 3  # reads a part of it that no ADD changes: likewise, an item that is only read


CONFLICTS: tuple[tuple[bool, ...], ...] = (
    # READ  WRITE  ADD   PEEK
    (False, True, True, False),  # READ
    (True, True, True, True),  # WRITE
    (True, True, False, False),  # ADD
    (False, True, False, False),  # PEEK
)
"""Whether two ways of touching one location conflict."""

Touch = tuple[Hashable, Mode]
"""A location, by a key that is the same in each execution of the program, and how it is touched."""


@attrs.define(eq=False)
class Step:
    """What one thread did from one scheduling point to the next. Nobody changes one: executions share them.

    Attributes:
        thread: Its number.
        touches: What it touched.
        enabler: The number of the step that made it possible, where that is no matter of a lock: the start
            of the thread, the notify or set that it waited for, the end of the thread that it joins.
        needs: The lock that must have been free for it, None if none.
        takes: The lock that it took, None if none.
        frees: The lock that it let go, None if none.
        after_jump: What made it possible, if that was the clock: how many steps had been made when it jumped,
            all of which happen before it.
        gave_up: The lock that it would have taken if that had become free before the clock jumped.
    """

    thread: int
    touches: tuple[Touch, ...]
    enabler: int | None = None
    needs: Hashable | None = None
    takes: Hashable | None = None
    frees: Hashable | None = None
    after_jump: int | None = None
    gave_up: Hashable | None = None


class History(Protocol):
    """What has happened in an execution, while it is under way and when it is over."""

    @property
    def points(self) -> int:
        """How many scheduling points have been passed, each by one step."""

    @property
    def is_cut(self) -> bool:
        """Whether it came to no end of its own: the limit of steps, an interruption."""

    @property
    def renamed(self) -> bool:
        """Whether locations have other keys from the next execution on, so that steps cannot be compared."""

    def counts(self) -> dict[int, int]:
        """How many steps each thread has made, by its number."""

    def steps(self, first: int = 0) -> Sequence[Step]:
        """The steps, from number `first` on."""

    def pending(self) -> Sequence[Step]:
        """What the threads that were not over at the end were about to do."""
