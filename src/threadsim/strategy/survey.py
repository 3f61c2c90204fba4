"""Survey: which variables the threads of a program share, and how often each thread comes to them.

What a thread is about to do is known by its kind and its place in the source, what it did by the locations
that it touched. The choices of an execution tell which goes with which. So a variable is the set of those
operations in the source that touched one location, whatever stands for that location in another execution.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple, Self

import attrs

from threadsim.strategy.steps import CONFLICTS, Mode, Step

Operation = tuple[object, object]
"""Its kind and its place."""


@attrs.frozen(eq=False)
class Target:
    """A variable that threads share.

    Attributes:
        operations: In the source, that touch it.
        to_come: By thread: how many times it is still to touch it, after none of its steps, after one …
        parents: By thread: which thread starts it.
        children: The other way round.
    """

    operations: frozenset[Operation]
    to_come: Mapping[int, Sequence[int]]
    parents: Mapping[int, int]
    children: Mapping[int, Sequence[int]]

    @classmethod
    def nothing(cls) -> Self:
        """No event is at it."""
        return cls(frozenset(), {}, {}, {})

    def is_event(self, kind: object, place: object) -> bool:
        """Whether an operation touches it."""
        return (kind, place) in self.operations

    def after(self, thread: int, steps: int) -> int:
        """How many times a thread that has made so many steps is still expected to touch it."""
        known = self.to_come.get(thread)
        return 0 if known is None else known[min(steps, len(known) - 1)]


_Location = tuple[int, Hashable]
"""The number of an execution, and a location in it."""


class _Done(NamedTuple):
    """A step of a thread: the operation, None where it had no rival, and what it touched."""

    operation: Operation | None
    locations: tuple[_Location, ...]


class _Variable(NamedTuple):
    """The operations that touch it, and the locations that it was in the executions that are known."""

    operations: frozenset[Operation]
    locations: set[_Location]

    def is_touched_by(self, done: _Done) -> bool:
        if done.operation is not None:
            return done.operation in self.operations
        return not self.locations.isdisjoint(done.locations)


class Survey:
    """What is known of a program from some executions."""

    def __init__(self) -> None:
        self._threads: dict[int, list[_Done]] = {}  # of each thread the longest that was seen
        self._parents: dict[int, int] = {}  # a parent has the lower number
        self._operations: defaultdict[_Location, set[Operation]] = defaultdict(set)  # of what is contended
        self._executions = 0
        self._variables: list[_Variable] | None = None  # None if there is more to know than when it was made
        self._targets: dict[int, Target] = {}  # by place in that list, as far as they were drawn

    def add(self, steps: Sequence[Step], asked: Mapping[int, Operation]) -> None:
        """One execution more.

        Args:
            steps: That it consisted of.
            asked: The operations that were chosen, by the numbers of the steps.
        """
        self._variables = None
        self._executions += 1
        contended = _contended(steps)
        threads: defaultdict[int, list[_Done]] = defaultdict(list)
        for number, step in enumerate(steps):
            if step.thread not in threads:
                self._add_parent(step, steps)
            threads[step.thread].append(self._done(step, asked.get(number), contended))
        for thread, done in threads.items():
            if len(done) > len(self._threads.get(thread, ())):
                self._threads[thread] = done

    def _add_parent(self, first: Step, steps: Sequence[Step]) -> None:
        if first.enabler is not None:
            parent = steps[first.enabler].thread
            if parent < first.thread:
                self._parents[first.thread] = parent

    def _done(self, step: Step, operation: Operation | None, contended: set[Hashable]) -> _Done:
        locations = tuple((self._executions, key) for key, _ in step.touches if key in contended)
        if operation is not None:
            for location in locations:
                self._operations[location].add(operation)
        return _Done(operation, locations)

    def draw(self, random: Callable[[], float]) -> Target:
        """Any of the variables that threads contend for; nothing if there are none."""
        if self._variables is None:
            self._variables = _variables(self._operations)
            self._targets = {}
        if not self._variables:
            return Target.nothing()
        drawn = int(random() * len(self._variables))
        if drawn not in self._targets:
            self._targets[drawn] = self._target(self._variables[drawn])
        return self._targets[drawn]

    def _target(self, variable: _Variable) -> Target:
        children: defaultdict[int, list[int]] = defaultdict(list)
        for child, parent in self._parents.items():
            children[parent].append(child)
        to_come = {
            thread: _sums_from_the_end(variable.is_touched_by(done) for done in steps)
            for thread, steps in self._threads.items()
        }
        return Target(variable.operations, to_come, self._parents, children)


def _variables(operations_at: Mapping[_Location, set[Operation]]) -> list[_Variable]:
    """Locations by the operations that touch them; if those are but a part of another's, they are its."""
    variables: dict[frozenset[Operation], set[_Location]] = {}
    for location, touching in sorted(operations_at.items(), key=lambda item: -len(item[1])):
        operations = frozenset(touching)
        if operations not in variables:
            operations = next((whole for whole in variables if operations < whole), operations)
        variables.setdefault(operations, set()).add(location)
    return [_Variable(*variable) for variable in variables.items()]


_Visit = tuple[int, Mode]
"""A thread that touches a location, and how."""


def _contended(steps: Iterable[Step]) -> set[Hashable]:
    """The locations that threads touch in ways that conflict, in an order that may have been another."""
    visits: defaultdict[Hashable, list[_Visit]] = defaultdict(list)
    for step in steps:
        for location, mode in step.touches:
            visits[location].append((step.thread, mode))
    return {
        location for location, those in visits.items() if _has_conflict(set(those)) and not _is_settled(those)
    }


def _has_conflict(visits: set[_Visit]) -> bool:
    return any(
        thread != other and CONFLICTS[mode][other_mode]
        for thread, mode in visits
        for other, other_mode in visits
    )


def _is_settled(visits: Sequence[_Visit]) -> bool:
    """Whether nobody else comes before the last change: what is set up for others, or the end of a thread."""
    changes = [place for place, (_, mode) in enumerate(visits) if mode in (Mode.WRITE, Mode.ADD)]
    return len({thread for thread, _ in visits[: changes[-1] + 1]}) == 1


def _sums_from_the_end(flags: Iterable[bool]) -> list[int]:
    """How many are set from the first on, from the second on …; after the last there are none."""
    sums = [0]
    for flag in reversed(list(flags)):
        sums.append(sums[-1] + flag)
    return sums[::-1]
