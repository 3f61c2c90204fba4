"""Traces of executions that failed, written as a table of events."""

from __future__ import annotations

from collections.abc import Mapping

from support.traces import trace_of
from threadsim.model.event import Event, Kind
from threadsim.model.site import Site
from threadsim.model.trace import Ending, Failure, Outcome, Trace, Waiting

FILE = "example.py"


def failed(rows: str, *, at: int | None = None, kinds: Mapping[str, str] | None = None) -> Trace:
    """The trace of a failure: its last row but for ends is ``raise = MESSAGE -> TYPE``.

    Args:
        rows: As for `trace_of`.
        at: Number of the event on whose line it is raised; None for the raise's own line.
        kinds: As for `trace_of`.
    """
    trace = trace_of(rows, kinds=kinds, file=FILE)
    last = next(event for event in reversed(trace.events) if event.kind is Kind.RAISE)
    site = _site(last.number if at is None else at, last.thread)
    failure = Failure(last.thread, last.result or "AssertionError", last.value or "", site)
    message = f"{failure.type}: {failure.message} in {trace.thread_name(last.thread)}"
    return trace_of(rows, kinds=kinds, file=FILE, ending=Ending(Outcome.FAILED, failure, message=message))


def deadlocked(rows: str, *waiting: str, kinds: Mapping[str, str] | None = None) -> Trace:
    """The trace of a deadlock, with those who wait as ``T1 acquire lock held by T2`` or ``T0 join T1``."""
    trace = trace_of(rows, kinds=kinds, file=FILE)
    numbers = {info.name: info.number for info in trace.objects}
    last = len(trace.events)
    blocked = [_waiting(text, numbers, last + n) for n, text in enumerate(waiting)]
    return trace_of(rows, kinds=kinds, file=FILE, ending=Ending(Outcome.DEADLOCK, waiting=tuple(blocked)))


def _waiting(text: str, numbers: Mapping[str, int], line: int) -> Waiting:
    what, _, holder = text.partition(" held by ")
    thread, kind, target = what.split()
    joined = int(target[1:]) if kind == "join" else None
    return Waiting(
        int(thread[1:]),
        Kind(kind),
        obj=None if joined is not None else numbers[target],
        target=joined,
        holder=int(holder[1:]) if holder else None,
        site=_site(line, int(thread[1:])),
    )


def _site(number: int, thread: int) -> Site:
    """The site that `trace_of` gives to event `number`."""
    return Site(FILE, number + 1, 0, number + 1, 9, "work" if thread else "<module>")


def numbers(events: tuple[Event, ...]) -> list[int]:
    """Of some events."""
    return [event.number for event in events]
