"""Survey: which variables the threads of a program share, and how often each thread comes to them.

What a thread is about to do is known by its kind and its place in the source, what it did by the locations
that it touched. The choices of an execution tell which goes with which. So a variable is the set of those
operations in the source that touched one location, whatever stands for that location in another execution.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple, Self

import attrs

from threadsim.strategy.steps import Mode, Step

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
    locations: frozenset[_Location]


class Survey:
    """What is known of a program from some executions."""

    def __init__(self) -> None:
        self._threads: dict[int, list[_Done]] = {}  # of each thread the longest that was seen
        self._parents: dict[int, int] = {}  # a parent has the lower number
        self._operations: defaultdict[_Location, set[Operation]] = defaultdict(set)
        self._touching: defaultdict[_Location, set[int]] = defaultdict(set)  # the threads
        self._changed: set[_Location] = set()  # not only read
        self._executions = 0
        self._targets: list[Target] | None = None

    def add(self, steps: Sequence[Step], asked: Mapping[int, Operation]) -> None:
        """One execution more.

        Args:
            steps: That it consisted of.
            asked: The operations that were chosen, by the numbers of the steps.
        """
        self._targets = None
        self._executions += 1
        threads: defaultdict[int, list[_Done]] = defaultdict(list)
        for number, step in enumerate(steps):
            self._add_parent(step, steps, is_first=step.thread not in threads)
            threads[step.thread].append(self._done(step, asked.get(number)))
        for thread, done in threads.items():
            if len(done) > len(self._threads.get(thread, ())):
                self._threads[thread] = done

    def _add_parent(self, step: Step, steps: Sequence[Step], *, is_first: bool) -> None:
        if is_first and step.enabler is not None and step.thread:
            parent = steps[step.enabler].thread
            if parent < step.thread:
                self._parents[step.thread] = parent

    def _done(self, step: Step, operation: Operation | None) -> _Done:
        touches = [((self._executions, key), mode) for key, mode in step.touches]
        for location, mode in touches:
            self._touching[location].add(step.thread)
            if mode in (Mode.WRITE, Mode.ADD):
                self._changed.add(location)
            if operation is not None:
                self._operations[location].add(operation)
        return _Done(operation, frozenset(location for location, _ in touches))

    def targets(self) -> list[Target]:
        """The variables that more than one thread touches and at least one changes."""
        if self._targets is None:
            self._targets = [self._target(*variable) for variable in self._variables().items()]
        return self._targets

    def _variables(self) -> dict[frozenset[Operation], set[_Location]]:
        """Locations by the operations that touch them; if those are but a part of another's, they are its."""
        shared = (
            (frozenset(operations), location)
            for location, operations in self._operations.items()
            if location in self._changed and len(self._touching[location]) > 1
        )
        variables: dict[frozenset[Operation], set[_Location]] = {}
        for operations, location in sorted(shared, key=lambda pair: -len(pair[0])):
            if operations not in variables:
                operations = next((whole for whole in variables if operations < whole), operations)
            variables.setdefault(operations, set()).add(location)
        return variables

    def _target(self, operations: frozenset[Operation], locations: set[_Location]) -> Target:
        children: defaultdict[int, list[int]] = defaultdict(list)
        for child, parent in self._parents.items():
            children[parent].append(child)
        to_come = {
            thread: _sums_from_the_end(
                done.operation in operations if done.operation else not locations.isdisjoint(done.locations)
                for done in steps
            )
            for thread, steps in self._threads.items()
        }
        return Target(operations, to_come, self._parents, children)


def _sums_from_the_end(flags: Iterable[bool]) -> list[int]:
    """How many are set from the first on, from the second on …; after the last there are none."""
    sums = [0]
    for flag in reversed(list(flags)):
        sums.append(sums[-1] + flag)
    return sums[::-1]
