"""How a litmus program is written down."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping
from typing import Any

import attrs

Program = Callable[[], Any]


@attrs.frozen(eq=False)
class Litmus:
    """A program and what was counted of it.

    Attributes:
        program: Returns its final state.
        classes: How many classes its interleavings have; found by brute force, and looked at by a person.
        keys: The keys that its dicts begin with, by the dict's name.
        slow: Whether it has so many interleavings that going through all of them takes long.
    """

    program: Program
    classes: int
    keys: Mapping[str, frozenset[Hashable]]
    slow: bool

    @property
    def name(self) -> str:
        """The program's."""
        return self.program.__name__


LITMUS: list[Litmus] = []
"""All of them, in the order in which they are written down."""


def litmus(classes: int, *, slow: bool = False, **keys: str) -> Callable[[Program], Program]:
    """Write a program down. `keys` are those of its dicts, each one letter."""

    def write_down(program: Program) -> Program:
        begin_with = {name: frozenset(letters) for name, letters in keys.items()}
        LITMUS.append(Litmus(program, classes, begin_with, slow))
        return program

    return write_down


def run(*bodies: Callable[[], Any]) -> None:
    """Start a thread for each, and join them in the same order."""
    threads = tuple([threading.Thread(target=body) for body in bodies])
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
