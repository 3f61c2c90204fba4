"""The trace of one execution: the value that everything else reads."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from functools import cached_property
from typing import ClassVar, Literal, Protocol, TypeVar, cast

import attrs

from threadsim.model.errors import ThreadsimError
from threadsim.model.event import Event, Kind
from threadsim.model.schedule import Schedule
from threadsim.model.selector import Selector, object_matches, thread_matches
from threadsim.model.site import Site


class Outcome(StrEnum):
    """How an execution ended."""

    PASSED = "passed"
    FAILED = "failed"  # an exception that nobody caught, in any thread
    DEADLOCK = "deadlock"  # nobody can go on, and somebody is blocked
    LIVELOCK = "livelock"  # the step limit
    DIVERGED = "diverged"  # a replay that could not follow its trace
    INTERRUPTED = "interrupted"  # Ctrl-C


@attrs.frozen(slots=True)
class Header:
    """What was run, and how.

    Attributes:
        kind: ``recorded`` (a real run) or ``simulated``.
        program: The script relative to the working folder, or the dotted name of a callable.
        arguments: The script's own arguments.
        sources: For each source file in scope that the execution touched, a digest of its text
            (``sha256:…``).
        python: Version of the interpreter, as ``3.12.1``.
        platform: As ``linux-x86_64``.
        seed: Seed of the strategy; None for a recorded trace.
        strategy: Name of the strategy; None for a recorded trace.
        include: Packages that were in scope besides the program's own tree.
    """

    kind: Literal["recorded", "simulated"]
    program: str
    arguments: tuple[str, ...] = ()
    sources: dict[str, str] = attrs.field(factory=dict)
    python: str = ""
    platform: str = ""
    seed: int | None = None
    strategy: str | None = None
    include: tuple[str, ...] = ()


@attrs.frozen(slots=True)
class ThreadInfo:
    """A thread of the program. `number` 0 is the main thread; the others count in order of creation."""

    number: int
    name: str
    parent: int | None = None
    daemon: bool = False


@attrs.frozen(slots=True)
class ObjectInfo:
    """Something that threads share.

    Attributes:
        number: Counted from 0, in the order in which they are first seen.
        kind: ``Lock``, ``RLock``, ``Condition``, ``Event``, ``Semaphore``, ``BoundedSemaphore``, ``Barrier``,
            ``Queue`` (and its kin), ``attribute``, ``global``, ``cell``, ``stream``, or the type of a
            container: ``list``, ``dict``, ``set``, ``deque``, ``bytearray``.
        name: As in the source: ``lock``, ``Account._lock``, ``counter``. Unique within a trace: a second
            object of the same name is ``lock#2``.
        site: Where it was made, or first seen.
    """

    number: int
    kind: str
    name: str
    site: Site | None = None


@attrs.frozen(slots=True)
class Failure:
    """The exception that ended a thread; its `stack` is as that of an event."""

    thread: int
    type: str
    message: str
    site: Site | None = None
    stack: tuple[Site, ...] = attrs.field(default=(), eq=False)


@attrs.frozen(slots=True)
class Waiting:
    """A thread that is blocked at the end: what for, where, and who holds it (None: nobody does).

    Its `stack` is as that of an event.
    """

    thread: int
    kind: Kind
    obj: int | None = None
    target: int | None = None
    holder: int | None = None
    site: Site | None = None
    stack: tuple[Site, ...] = attrs.field(default=(), eq=False)


@attrs.frozen(slots=True)
class Ending:
    """How it ended.

    Attributes:
        outcome: In a word.
        failure: The first uncaught exception, if there was one.
        waiting: The blocked threads of a deadlock; of a livelock the threads that were still going, with
            what each was about to do.
        message: What a person should read about it, in one paragraph.
        steps: Scheduling points passed (0 in a recorded trace).
        time: Seconds that it took, real or virtual.
    """

    outcome: Outcome
    failure: Failure | None = None
    waiting: tuple[Waiting, ...] = ()
    message: str = ""
    steps: int = 0
    time: float = 0.0


class Analyses(Protocol):
    """The questions that a trace answers with the help of the room ``analyse``."""

    def happens_before(self, trace: Trace, first: Event, second: Event) -> bool:
        """Whether `first` happens before `second` in the partial order."""

    def assert_order(self, trace: Trace, selectors: Sequence[Selector]) -> None:
        """Raise unless the selected events are in the trace in the order given."""


class Files(Protocol):
    """The way to the disk; `threadsim.model.codec` is the one there is."""

    def save(self, trace: Trace, path: str | os.PathLike[str]) -> None:
        """Write the file at `path`, or leave all as it was."""


Derived = TypeVar("Derived")


@attrs.frozen(slots=False)
class Trace:
    """Header, threads, objects, events, schedule and ending of one execution.

    Made by `threadsim.simulate`, `threadsim.record` and `threadsim.load`; nothing that reads a trace needs
    to know which.

    Attributes:
        threads: By number.
        objects: By number.
        events: By number, in the order in which they happened.
        ending: None when the run was cut off (killed) before it ended.
    """

    header: Header
    threads: tuple[ThreadInfo, ...] = ()
    objects: tuple[ObjectInfo, ...] = ()
    events: tuple[Event, ...] = ()
    schedule: Schedule = attrs.field(factory=Schedule)
    ending: Ending | None = None
    _derived: dict[object, object] = attrs.field(factory=dict, init=False, repr=False, eq=False)

    analyses: ClassVar[Analyses]
    files: ClassVar[Files]

    @property
    def complete(self) -> bool:
        """Whether the trace has its end; that of a killed run has not."""
        return self.ending is not None

    @property
    def outcome(self) -> Outcome | None:
        """How it ended, None if the trace is incomplete."""
        return None if self.ending is None else self.ending.outcome

    @property
    def output(self) -> str:
        """All that was written to standard output."""
        streams = {obj.number for obj in self.objects if obj.kind == "stream" and obj.name == "stdout"}
        return "".join(
            event.value or "" for event in self.events if event.kind is Kind.OUTPUT and event.obj in streams
        )

    def thread_name(self, number: int) -> str:
        """A thread's name, as ``Thread-1 (print_numbers)``."""
        return self.threads[number].name if number < len(self.threads) else f"T{number}"

    def object_name(self, event: Event) -> str | None:
        """What an event was done to, as in the source: ``lock``, ``counts['a']``, ``Thread-1 (work)``."""
        if event.target is not None:
            return self.thread_name(event.target)
        if event.obj is None:
            return None
        name = self.objects[event.obj].name
        return f"{name}[{event.field}]" if event.field is not None else name

    def matches(self, selector: Selector, event: Event) -> bool:
        """Whether `selector` means `event`."""
        if selector.kind is not None and event.kind is not selector.kind:
            return False
        if selector.thread is not None and not thread_matches(
            selector.thread, event.thread, self.thread_name(event.thread)
        ):
            return False
        return selector.obj is None or self._object_matches(selector.obj, event)

    def _object_matches(self, pattern: str, event: Event) -> bool:
        if event.target is not None:
            return thread_matches(pattern, event.target, self.thread_name(event.target))
        if event.obj is None:
            return False
        return object_matches(pattern, self.objects[event.obj].name) or object_matches(
            pattern, self.object_name(event) or ""
        )

    def select(
        self, kind: str | None = None, *, obj: str | None = None, thread: str | None = None
    ) -> tuple[Event, ...]:
        """The events of a kind, on an object, by a thread; None stands for any.

        Args:
            kind: A word of `threadsim.model.event.Kind`, as ``acquire``.
            obj: Name of the object or of the target thread; ``*`` and ``?`` are wildcards.
            thread: Name of the thread, with or without what stands in brackets, or ``T1``.

        Raises:
            ThreadsimError: There is no such kind.

        Example:
            ``trace.select("acquire", obj="lock", thread="Thread-1")``
        """
        return tuple(self._selected(Selector.of(kind, obj=obj, thread=thread)))

    def _selected(self, selector: Selector) -> Iterable[Event]:
        return (event for event in self.events if self.matches(selector, event))

    def first(self, kind: str | None = None, *, obj: str | None = None, thread: str | None = None) -> Event:
        """The first event that `select` would give.

        Raises:
            ThreadsimError: There is none; the message says what there is instead.
        """
        selector = Selector.of(kind, obj=obj, thread=thread)
        for event in self._selected(selector):
            return event
        raise ThreadsimError(f"no event of this trace is {str(selector)!r}{self.instead(selector)}")

    def instead(self, selector: Selector) -> str:
        """What to tell a person whose `selector` means no event of this trace: what there is of the kind."""
        alike = self._selected(Selector(kind=selector.kind))
        names = sorted(
            {
                f"{e.kind} {self.object_name(e) or ''}".strip() + f" by {self.thread_name(e.thread)}"
                for e in alike
            }
        )
        if not names:
            return (
                f"; its kinds are {', '.join(sorted({e.kind for e in self.events}))}"
                if self.events
                else "; it has no events"
            )
        return f"; there is {', '.join(names[:8])}{' …' if len(names) > 8 else ''}"

    def happens_before(self, first: Event, second: Event) -> bool:
        """Whether `first` comes before `second` in every schedule with the same synchronisation.

        That is the partial order of vector clocks (Lamport 1978, Mattern 1989) over program order, start,
        join, locks, conditions, events, semaphores, barriers and queues (`threadsim.model.causality` has the
        rules); plain reads and writes order nothing.

        Raises:
            ThreadsimError: One of the events is not of this trace.
        """
        return self.analyses.happens_before(self, first, second)

    def assert_order(self, *selectors: str) -> None:
        """Check that events happened in this order, each found after the one before it.

        Args:
            selectors: ``KIND [OBJECT] [by THREAD]`` each, at least two.

        Raises:
            OrderingError: They did not; the message shows the two events, their sites and the rows
                around them.
            ThreadsimError: A selector cannot be read.

        Example:
            ``trace.assert_order("start Thread-1", "acquire lock by Thread-1", "release lock by Thread-1")``
        """
        if len(selectors) < 2:
            raise ThreadsimError("assert_order compares at least two events")
        self.analyses.assert_order(self, [Selector.parse(text) for text in selectors])

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the trace to a file: JSON Lines, compressed if its name ends in ``.gz``.

        Raises:
            TraceError: It cannot be written there; whatever was there still is.

        Example:
            ``trace.save("traces/lost_update.jsonl")``
        """
        self.files.save(self, path)

    def derived(self, work_out: Callable[[Trace], Derived]) -> Derived:
        """What a pure function makes of this trace, worked out once and kept as long as the trace.

        Example:
            ``trace.derived(edges)``
        """
        if work_out not in self._derived:
            self._derived[work_out] = work_out(self)
        return cast(Derived, self._derived[work_out])

    @cached_property
    def failing_event(self) -> Event | None:
        """The event at which the execution failed: the uncaught raise of the thread that failed first."""
        if self.ending is None or self.ending.failure is None:
            return None
        thread = self.ending.failure.thread
        return next((e for e in self.events if e.kind is Kind.RAISE and e.thread == thread), None)
