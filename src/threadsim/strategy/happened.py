"""The partial order of an execution's steps, and which of them race.

Two steps race if they conflict, nothing else orders them, and the second could have come before the first.
Vector clocks over steps (Mattern 1989); the races are those of Abdulla, Aronis, Jonsson, Sagonas, *Source
Sets: A Foundation for Optimal Dynamic Partial Order Reduction* (JACM 2017), with blocking as follows.

A step that takes a lock comes after the step that let it go, and could never have come before that. What it
does race with is the step that took the lock before:

    T1: take L ···· let L go
              ↖              ↘  cannot be turned round
                ╰─ can ──── T2: take L
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Sequence
from typing import Final

from threadsim.strategy.steps import CONFLICTS, Mode, Step

Clock = list[int]
"""By thread: the number of its last step that happens before (or is) the one that the clock is of, or -1."""

_WRITE: Final = Mode.WRITE

_Front = list[tuple[int, int, Mode]]
"""Steps that touched a location last: number, thread, mode; in order. All before a write are left out."""


class Happened:
    """The steps of one execution with their clocks.

    Args:
        steps: All of them.
        known: The clocks of the first steps, from another execution that began with the same; the races are
            those of the others.

    Attributes:
        clocks: Of each step.
        races: Pairs of numbers, in order of the second.
        given_up: Numbers of steps, each with one that it kept from being made: another thread waited for a
            lock until the clock jumped, and then no more.
    """

    def __init__(self, steps: Sequence[Step], known: Sequence[Clock] = ()) -> None:
        self.steps = steps
        self.clocks: list[Clock] = []
        self.races: list[tuple[int, int]] = []
        self._width = 1 + max([step.thread for step in steps], default=0)
        self._last = [-1] * self._width
        self._fronts: dict[Hashable, _Front] = {}
        self._locks: dict[Hashable, _LockStory] = {}
        self._jumps: dict[int, Clock] = {}
        self.given_up: list[tuple[int, Step]] = []
        for number, clock in enumerate(known):
            step = steps[number]
            if step.after_jump is not None:
                self._jump(step.after_jump)
            self._append(number, step, clock if len(clock) == self._width else self._widened(clock))
        for number in range(len(known), len(steps)):
            self._add(number, steps[number])

    def before(self, first: int, second: int) -> bool:
        """Whether the step with one number happens before that with the other."""
        return self.clocks[second][self.steps[first].thread] >= first

    def races_of_pending(self, step: Step) -> list[int]:
        """The steps that race with one that has not been made."""
        return self._racing(step, self._prior(step), self._candidates(step))

    def _add(self, number: int, step: Step) -> None:
        if step.gave_up is not None:
            self._give_up(step, step.gave_up)
        clock = self._prior(step)
        candidates = self._candidates(step)
        if candidates:
            self.races += [(racing, number) for racing in self._racing(step, clock, candidates)]
            for candidate in candidates:
                _merge(clock, self.clocks[candidate])
        clock[step.thread] = number
        self._append(number, step, clock)

    def _give_up(self, step: Step, lock: Hashable) -> None:
        assert step.after_jump is not None
        taking = self._locks.get(lock, _LockStory()).taking(step.after_jump)
        if taking is None or taking >= step.after_jump or self.steps[taking].thread == step.thread:
            return
        last = self._last[step.thread]
        if last < 0 or not self.before(taking, last):
            self.given_up.append((taking, Step(step.thread, ((lock, Mode.WRITE),), needs=lock)))

    def _append(self, number: int, step: Step, clock: Clock) -> None:
        thread, fronts = step.thread, self._fronts
        self.clocks.append(clock)
        self._last[thread] = number
        for location, mode in step.touches:
            front = fronts.get(location)
            if front is None or mode is _WRITE:
                fronts[location] = [(number, thread, mode)]
            else:
                front[:] = [item for item in front if item[1] != thread or item[2] is not mode]
                front.append((number, thread, mode))
        if step.takes is not None:
            self._locks.setdefault(step.takes, _LockStory()).taken.append(number)
        if step.frees is not None:
            self._locks.setdefault(step.frees, _LockStory()).freed.append(number)

    def _widened(self, clock: Clock) -> Clock:
        """The clock, if there are other threads than in the execution that it is from."""
        return (clock + [-1] * self._width)[: self._width]

    def _prior(self, step: Step) -> Clock:
        """The clock of what comes before a step whatever it touches."""
        last = self._last[step.thread] if step.thread < self._width else -1
        clock = self.clocks[last].copy() if last >= 0 else [-1] * self._width
        if step.enabler is not None and step.enabler >= 0:
            _merge(clock, self.clocks[step.enabler])
        if step.after_jump is not None:
            _merge(clock, self._jump(step.after_jump))
        return clock

    def _jump(self, number: int) -> Clock:
        """The clock of a jump, after which the step with that number was the first."""
        clock = self._jumps.get(number)
        if clock is None:
            clock = self._jumps[number] = [-1] * self._width
            for earlier in self._last:
                if earlier >= 0:
                    _merge(clock, self.clocks[earlier])
        return clock

    def _candidates(self, step: Step) -> list[int]:
        """The last steps of others that it conflicts with."""
        thread, found = step.thread, []
        for location, mode in step.touches:
            front = self._fronts.get(location)
            if front:
                conflicts = CONFLICTS[mode]
                for number, other, touched in front:
                    if other != thread and conflicts[touched] and number not in found:
                        found.append(number)
        return found

    def _racing(self, step: Step, prior: Clock, candidates: list[int]) -> list[int]:
        """Those of the candidates that it could have come before, and that no other of them comes after."""
        if step.needs is not None:
            candidates = (
                self._locks[step.needs].instead(candidates) if step.needs in self._locks else candidates
            )
        steps, clocks = self.steps, self.clocks
        racing = [
            number
            for number in candidates
            if steps[number].thread != step.thread and prior[steps[number].thread] < number
        ]
        if len(racing) < 2:
            return racing
        return [
            number
            for number in racing
            if not any(clocks[other][steps[number].thread] >= number for other in racing if other != number)
        ]


class _LockStory:
    """When a lock was taken and let go, in turn."""

    def __init__(self) -> None:
        self.taken: list[int] = []
        self.freed: list[int] = []

    def instead(self, candidates: list[int]) -> list[int]:
        """What a step that needs the lock could have come before: of steps while it was held, the taking."""
        found: list[int] = []
        for number in candidates:
            possible = self.taking(number)
            if possible is not None and possible not in found:
                found.append(possible)
        return found

    def taking(self, number: int) -> int | None:
        """The step that had taken it when a step was made; that step itself if it was free then.

        None if it had been held from the start.
        """
        index = bisect_left(self.taken, number) - 1
        if index < 0:
            first = self.freed[0] if self.freed else -1
            return None if number <= first and (not self.taken or first < self.taken[0]) else number
        after = bisect_left(self.freed, self.taken[index])
        is_held = after == len(self.freed) or number <= self.freed[after]
        return self.taken[index] if is_held else number


def _merge(clock: Clock, other: Clock) -> None:
    for thread, number in enumerate(other):
        if number > clock[thread]:
            clock[thread] = number
