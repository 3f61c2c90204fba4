"""From what the kernel noted to a trace: numbers, names, values as text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import attrs

from threadsim.instrument.access import Access
from threadsim.instrument.stacks import Calls, callers
from threadsim.instrument.tracebacks import calls_to, site_of_error
from threadsim.model.event import ACCESSES, Event, Kind
from threadsim.model.schedule import Run, Schedule
from threadsim.model.site import Site
from threadsim.model.trace import Ending, Failure, Header, ObjectInfo, Outcome, ThreadInfo, Trace, Waiting
from threadsim.render.ending import waiting_lines
from threadsim.simulate.kernel import Kernel
from threadsim.simulate.left import Left
from threadsim.simulate.notes import ABSENT, Note, Where
from threadsim.simulate.registry import Entry
from threadsim.simulate.stacks import NotesWithStacks

LONGEST_VALUE = 60
"""Characters of a value that are kept."""

_AS_IT_IS = frozenset({Kind.OUTPUT, Kind.RAISE})


class Tracing:
    """Makes the trace of one execution that is over.

    Args:
        kernel: Of the execution.
        is_own: Whether a file (a `co_filename`) is of the program: stacks have the calls in such files.
    """

    def __init__(self, kernel: Kernel, is_own: Callable[[str], bool]) -> None:
        self._kernel = kernel
        self._is_own = is_own
        self._calls = kernel.notes.calls if isinstance(kernel.notes, NotesWithStacks) else {}
        self._numbers: dict[Entry, int] = {}
        self._objects: list[ObjectInfo] = []
        self._taken: dict[str, int] = {}

    def trace(self, header: Header) -> Trace:
        """The trace."""
        notes = self._kernel.notes
        events = tuple(
            self._event(number, notes[index], self._calls.get(index, ()))
            for number, index in enumerate(shared(notes))
        )
        ending = self._ending()
        trace = Trace(header, self._threads(), tuple(self._objects), events, self._schedule(), ending)
        return attrs.evolve(trace, ending=attrs.evolve(ending, message=_message(trace, ending)))

    def _event(self, number: int, note: Note, calls: Calls) -> Event:
        thread, kind, where, entry, target, field, value, result, waited, time, _ = note
        return Event(
            number=number,
            thread=thread,
            kind=kind,
            site=_site(where),
            obj=None if entry is None else self._number(_location(entry, where), _site(where)),
            target=None if target is None else target.number,
            field=field,
            value=_text(kind, value),
            result=result,
            waited=None if waited is None else round(waited, 9),
            time=round(time, 9),
            stack=callers(calls, _site(where), self._is_own),
        )

    def _number(self, entry: Entry, site: Site | None) -> int:
        number = self._numbers.get(entry)
        if number is None:
            number = self._numbers[entry] = len(self._objects)
            name = self._unique(entry.name or entry.kind.lower())
            self._objects.append(ObjectInfo(number, entry.kind, name, entry.site or site))
        return number

    def _unique(self, name: str) -> str:
        count = self._taken[name] = self._taken.get(name, 0) + 1
        return name if count == 1 else self._unique(f"{name}#{count}")

    def _threads(self) -> tuple[ThreadInfo, ...]:
        return tuple(
            ThreadInfo(t.number, t.name, None if t.parent is None else t.parent.number, t.daemon)
            for t in self._kernel.threads
        )

    def _schedule(self) -> Schedule:
        runs = self._kernel.runs
        ends = [*(start for _, start, _, _ in runs[1:]), self._kernel.steps]
        return Schedule(
            tuple(
                Run(thread, end - start, kind, _site(where))
                for (thread, start, kind, where), end in zip(runs, ends, strict=True)
                if end > start
            )
        )

    def _ending(self) -> Ending:
        kernel = self._kernel
        outcome = kernel.outcome or Outcome.PASSED
        failure = None
        if kernel.uncaught:
            thread, error = kernel.uncaught[0]
            site = site_of_error(error)
            stack = callers(calls_to(error), site, self._is_own)
            failure = Failure(thread.number, type(error).__name__, str(error), site, stack)
        waiting = tuple(self._waiting(left) for left in self._stuck(outcome))
        message = str(kernel.error) if outcome is Outcome.DIVERGED else ""
        return Ending(outcome, failure, waiting, message, kernel.steps, round(kernel.clock.now, 9))

    def _stuck(self, outcome: Outcome) -> Iterable[Left]:
        if outcome not in (Outcome.DEADLOCK, Outcome.LIVELOCK):
            return ()
        ready = outcome is Outcome.LIVELOCK
        left = self._kernel.left
        return [item for item in left if item.is_ready == ready and not _is_waiting_for_the_others(item)]

    def _waiting(self, left: Left) -> Waiting:
        return Waiting(
            thread=left.thread.number,
            kind=left.kind,
            obj=None if left.entry is None else self._number(left.entry, left.place),
            target=None if left.target is None else left.target.number,
            holder=None if left.holder is None else left.holder.number,
            site=left.place,
            stack=callers(left.calls, left.place, self._is_own),
        )


def shared(notes: Sequence[Note]) -> Iterator[int]:
    """The numbers of what becomes an event: all but accesses to what one thread touched, or all only read."""
    first_by: dict[Entry, int] = {}
    touched_by_others: set[Entry] = set()
    changed: set[Entry] = set()
    for thread, kind, where, entry, *_ in notes:
        if kind in ACCESSES and entry is not None:
            location = _location(entry, where)
            if first_by.setdefault(location, thread) != thread:
                touched_by_others.add(location)
            if kind is not Kind.READ:
                changed.add(location)
    shared = touched_by_others & changed
    for number, (_, kind, where, entry, *_) in enumerate(notes):
        if kind not in ACCESSES or entry is None or _location(entry, where) in shared:
            yield number


def _is_waiting_for_the_others(left: Left) -> bool:
    """Whether it is the main thread after its last line."""
    return left.kind is Kind.JOIN and left.target is None and left.entry is None


def _message(trace: Trace, ending: Ending) -> str:
    """What a person should read about it."""
    if ending.message or ending.outcome is Outcome.PASSED:
        return ending.message
    if ending.waiting:
        who = "\n  ".join(line for waiting in ending.waiting for line in waiting_lines(trace, waiting))
        if ending.outcome is Outcome.DEADLOCK:
            return f"deadlock:\n  {who}"
        going = f"still going after {ending.steps:,} scheduling points:"
        return f"{going}\n  {who}\nif it needs more, raise max_steps"
    if ending.failure is not None:
        message = ": ".join(part for part in (ending.failure.type, ending.failure.message) if part)
        return f"{message} in {trace.thread_name(ending.failure.thread)}"
    return str(ending.outcome)


def _site(where: Where) -> Site | None:
    return where.site if isinstance(where, Access) else where


def _location(entry: Entry, where: Where) -> Entry:
    return entry.location(where.name) if isinstance(where, Access) else entry


def _text(kind: Kind, value: Any) -> str | None:
    if value is ABSENT:
        return None
    if kind in _AS_IT_IS:
        return str(value)
    text = repr(value[:LONGEST_VALUE] if isinstance(value, str | bytes) else value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
