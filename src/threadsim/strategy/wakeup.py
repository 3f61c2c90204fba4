"""Wakeup trees: the schedules that are still to be tried from one state on.

P. A. Abdulla, S. Aronis, B. Jonsson, K. Sagonas, *Optimal Dynamic Partial Order Reduction* (POPL 2014),
section 4. A tree is an ordered list of branches; each says which step comes next, and what follows on it.
"""

from __future__ import annotations

import attrs

from threadsim.strategy.happened import Happened
from threadsim.strategy.steps import CONFLICTS, Step


@attrs.define(slots=True, eq=False)
class Branch:
    """A step to be made next, and the tree of what is to be made after it; if that is empty, anything."""

    step: Step
    after: list[Branch]


class _Wanted:
    """Steps that are to be made, each with a number, in an order in which they can be."""

    def __init__(self, steps: list[tuple[int, Step]]) -> None:
        self._steps = steps

    @property
    def threads(self) -> tuple[int, ...]:
        """Whose steps they are."""
        return tuple([step.thread for _, step in self._steps])

    @property
    def steps(self) -> list[Step]:
        """The steps that are left."""
        return [step for _, step in self._steps]

    def place_of(self, step: Step) -> int | None:
        """Where a step, or its thread's first, stands if it could come before all of them: a weak initial.

        -1 if it is none of them and commutes with all; None if it could not.
        """
        thread = step.thread
        for place, (number, own) in enumerate(self._steps):
            if own.thread == thread:
                return None if self._is_preceded(place, number, own) else place
        return None if any(conflict(step, other) for _, other in self._steps) else -1

    def _is_preceded(self, place: int, number: int, step: Step) -> bool:
        """Whether something of what stands before a place must come before the step there."""
        raise NotImplementedError

    def remove(self, place: int) -> None:
        """The step at a place, if it is one, has been made."""
        if place >= 0:
            del self._steps[place]

    def branch(self) -> Branch:
        """One after the other."""
        after: list[Branch] = []
        for _, step in reversed(self._steps):
            after = [Branch(step, after)]
        return after[0]


class Sequel(_Wanted):
    """What could follow on the state before one step, so that another comes before that one: ``v``.

    These are the steps after the first that do not happen after it, and then the second.

    Args:
        happened: The execution.
        first: The number of the first step.
        second: The second.
        number: Its number, None if it has not been made.
    """

    def __init__(self, happened: Happened, first: int, second: Step, number: int | None) -> None:
        self._clocks = happened.clocks
        self._last = -1 if number is None else number
        thread = happened.steps[first].thread
        steps = [
            (other, happened.steps[other])
            for other in range(first + 1, len(happened.steps))
            if self._clocks[other][thread] < first and other != number
        ]
        super().__init__([*steps, (self._last, second)])

    def _is_preceded(self, place: int, number: int, step: Step) -> bool:
        return any(self._precedes(other, before, number, step) for other, before in self._steps[:place])

    def _precedes(self, other: int, before: Step, number: int, step: Step) -> bool:
        if number == self._last:  # its clock is that of a place it is not to be in
            return step.enabler == other or conflict(step, before)
        return self._clocks[number][before.thread] >= other

    def insert_into(self, tree: list[Branch]) -> None:
        """Add a branch for them, unless what is there leads to an execution that is as good."""
        while True:
            for branch in tree:
                place = self.place_of(branch.step)
                if place is not None:
                    break
            else:
                tree.append(self.branch())
                return
            self.remove(place)
            if not branch.after or not self._steps:
                return
            tree = branch.after

    def free(self) -> FreeSequel:
        """The same without the execution."""
        preceded = [
            {
                place
                for place, (other, before) in enumerate(self._steps[:after])
                if before.thread == step.thread or self._precedes(other, before, number, step)
            }
            for after, (number, step) in enumerate(self._steps)
        ]
        return FreeSequel(self.steps, preceded)


class FreeSequel(_Wanted):
    """A sequel that knows by itself what must come before what: it can be sent to another process.

    Args:
        steps: In an order in which they can be made.
        preceded: For each, the places of those that must come before it.
    """

    def __init__(self, steps: list[Step], preceded: list[set[int]]) -> None:
        super().__init__(list(enumerate(steps)))
        self._preceded = preceded

    def _is_preceded(self, place: int, number: int, step: Step) -> bool:
        return any(other in self._preceded[number] for other, _ in self._steps[:place])


def conflict(first: Step, second: Step) -> bool:
    """Whether two steps of different threads do not commute."""
    for location, mode in first.touches:
        conflicts = CONFLICTS[mode]
        for other, touched in second.touches:
            if conflicts[touched] and location == other:
                return True
    return False
