"""Every interleaving of a small program, and which of them are the same but for steps that commute.

The independent witness for the searches: it knows nothing of them, nor of what they reason on, and reduces
nothing. What conflicts with what is said here again, from the events of a trace alone.

A class (Mazurkiewicz 1977) holds the interleavings that differ only in the order of neighbouring events that
do not depend on each other. It is told by what each thread did and by a vector clock for each event, under
the relation that `_touches` and `_depends` spell out.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import attrs

from support.touches import NO_KEYS, Keys, Touch, Touches
from threadsim.model.event import Event
from threadsim.model.trace import Trace
from threadsim.simulate.execution import Execution
from threadsim.simulate.kernel import Kernel
from threadsim.simulate.program import Function
from threadsim.simulate.simulator import Simulator
from threadsim.simulate.thread import SimulatedThread
from threadsim.strategy.base import C

PROGRAMS = str(Path(__file__).parent / "litmus")
"""The folder of the programs: what lies elsewhere (this file, a strategy) is not to be rewritten."""

Program = Callable[[], Any]
Class = Hashable
Clock = tuple[int, ...]
Final = tuple[str, str, str, Hashable]
"""What came of an execution: outcome, what the program returned, its output, and what each thread saw."""


@attrs.frozen
class Interleavings:
    """What there is of a program.

    Attributes:
        count: How many interleavings.
        classes: The final state of each class, in the order in which they were found.
    """

    count: int
    classes: Mapping[Class, Final]

    @property
    def finals(self) -> set[Final]:
        """What may come of the program."""
        return set(self.classes.values())


class TooManyError(Exception):
    """A program has more interleavings than somebody wants to wait for."""


class Scripted:
    """Follows a list of choices, then takes the first thread that is ready.

    Attributes:
        taken: Which of the ready threads went on, at each choice.
        widths: Out of how many.
    """

    name = "scripted"

    def __init__(self, script: Sequence[int]) -> None:
        self._script = script
        self.taken: list[int] = []
        self.widths: list[int] = []

    def choose(self, current: C | None, ready: Sequence[C], point: int) -> C:
        choice = self._script[len(self.taken)] if len(self.taken) < len(self._script) else 0
        self.taken.append(choice)
        self.widths.append(len(ready))
        return ready[choice]

    def next_script(self) -> list[int] | None:
        """Of the next interleaving: the last choice that has an alternative left is changed."""
        for last in reversed(range(len(self.taken))):
            if self.taken[last] + 1 < self.widths[last]:
                return [*self.taken[:last], self.taken[last] + 1]
        return None


@contextmanager
def simulator_of(program: Program) -> Iterator[Simulator]:
    """A simulator of a program in the folder of the litmus programs, whose traces tell of what blocks, too.

    A call that has begun and has to wait (``get`` of an empty queue, ``acquire`` of a semaphore that is used
    up) has touched the object by then: who waits first goes on first. A trace tells of such a call only when
    it comes back; here it has an event more, with the result ``blocks``.
    """
    function = Function(program)
    function.roots = (PROGRAMS,)
    with patch.object(Kernel, "block", _noted_block), patch.object(Kernel, "point", _marking_point):
        with patch.object(Kernel, "announce", _marking_announce), Simulator(function) as simulator:
            yield simulator


_block, _point, _announce = Kernel.block, Kernel.point, Kernel.announce
_begun: set[int] = set()
"""The threads that have made a step since they said what they are about to do."""


def _marking_announce(kernel: Kernel, *arguments: Any, **kwargs: Any) -> Any:
    _begun.discard(kernel.current.number)
    return _announce(kernel, *arguments, **kwargs)


def _marking_point(kernel: Kernel) -> None:
    _point(kernel)
    _begun.add(kernel.current.number)


def _noted_block(kernel: Kernel, deadline: float | None = None) -> bool:
    current = kernel.current
    if current.number in _begun and not _is_told(current) and kernel.outcome is None:
        kernel.note(current.kind, result="blocks")
    enabled = _block(kernel, deadline)
    _begun.add(current.number)
    return enabled


def _is_told(current: SimulatedThread) -> bool:
    """Whether the trace says that it waits, or it does not matter.

    The latter is so of a thread that has been notified and finds the condition's lock taken, and of the main
    thread after its last line.
    """
    if current.entry is None:
        return current.target is None
    return current.before_blocking is not None or current.entry.kind == "Condition"


def interleavings(program: Program, keys: Keys = NO_KEYS, limit: int | None = None) -> Interleavings:
    """Execute a program in every way there is.

    Args:
        program: In the folder of the litmus programs.
        keys: The keys that its dicts begin with.
        limit: How many interleavings are not too many.

    Raises:
        TooManyError: There are more than `limit`.
    """
    classes: dict[Class, Final] = {}
    count = 0
    script: list[int] | None = []
    with simulator_of(program) as simulator:
        while script is not None:
            if count == limit:
                raise TooManyError
            strategy = Scripted(script)
            execution = simulator.execute(strategy, 0)
            count += 1
            final = classes.setdefault(class_of(execution.trace, keys), final_of(execution))
            assert final == final_of(execution), "two interleavings that should commute differ in what came"
            script = strategy.next_script()
    return Interleavings(count, classes)


def final_of(execution: Execution) -> Final:
    """What came of an execution."""
    seen = [(event.thread, event.value) for event in execution.trace.events if event.value is not None]
    by_thread = tuple(sorted(seen, key=lambda pair: pair[0]))
    return str(execution.outcome), repr(execution.result), execution.output, by_thread


def class_of(trace: Trace, keys: Keys = NO_KEYS) -> Class:
    """The same for two interleavings if and only if one can be made of the other by commuting steps."""
    names = _names(trace.events)
    clocks = _clocks(trace, Touches(trace, keys))
    return tuple(
        sorted((_deed(event, names), clock) for event, clock in zip(trace.events, clocks, strict=True))
    )


def _clocks(trace: Trace, touches: Touches) -> list[Clock]:
    clocks: list[Clock] = []
    before: list[tuple[int, Clock, float, tuple[Touch, ...]]] = []  # the last event first
    present: list[Clock] = [(0,) * len(trace.threads)] * len(trace.threads)
    for event in trace.events:
        thread, touched, clock = event.thread, touches.of(event), present[event.thread]
        for other, known, time, theirs in before:
            if known[other] > clock[other] and (time < event.time or _depends(theirs, touched)):
                clock = tuple(map(max, clock, known))
        clock = (*clock[:thread], clock[thread] + 1, *clock[thread + 1 :])
        before.insert(0, (thread, clock, event.time, touched))
        present[thread] = clock
        clocks.append(clock)
    return clocks


def _names(events: Sequence[Event]) -> dict[int, str]:
    """For each object a name that does not hang on the order of the threads: its first toucher and when."""
    counts: dict[int, int] = {}
    names: dict[int, tuple[int, int]] = {}
    for event in events:
        number = counts[event.thread] = counts.get(event.thread, 0) + 1
        if event.obj is not None:
            names[event.obj] = min(names.get(event.obj, (event.thread, number)), (event.thread, number))
    return {obj: f"touched by T{thread} in its event {number}" for obj, (thread, number) in names.items()}


def _deed(event: Event, names: Mapping[int, str]) -> tuple[str, ...]:
    """What a thread did, but for the values, which follow from the order."""
    site = event.site
    return (
        str(event.thread),
        event.kind,
        "" if event.obj is None else names[event.obj],
        str(event.target),
        str(event.field),
        str(event.result),
        "" if site is None else f"{site.line}:{site.column}",
    )


@cache
def _depends(first: tuple[Touch, ...], second: tuple[Touch, ...]) -> bool:
    """Whether two events of different threads cannot be exchanged."""
    return any(one.conflicts(other) for one in first for other in second)
