"""Traces written as a table of events, for tests that read traces."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence

from threadsim.model.event import Event, Kind
from threadsim.model.schedule import Run, Schedule
from threadsim.model.site import Site
from threadsim.model.trace import Ending, Header, ObjectInfo, Outcome, ThreadInfo, Trace

PASSED = Ending(Outcome.PASSED)

_ROW = re.compile(
    r"T(?P<thread>\d+)\s+(?P<kind>\w+)"
    r"(?:\s+(?:T(?P<target>\d+)|(?P<object>[^\s\[=]+)(?:\[(?P<field>.*?)\])?))?"
    r"(?:\s+=\s+(?P<value>.*?))?(?:\s+->\s+(?P<result>.*?))?"
)

_KINDS = {Kind.OUTPUT: "stream", Kind.READ: "global", Kind.WRITE: "global", Kind.DELETE: "global"}


def trace_of(
    rows: str,
    *,
    threads: Sequence[str] = (),
    kinds: Mapping[str, str] | None = None,
    ending: Ending | None = PASSED,
    header: Header | None = None,
    file: str = "example.py",
) -> Trace:
    r"""A trace from one row an event: ``THREAD KIND [OBJECT | THREAD] [= VALUE] [-> RESULT]``.

    Event number N stands in line N + 1 of `file`, in the function ``work`` unless its thread is T0. A value
    in quotes is the text between them. The schedule has a point for each event.

    Args:
        rows: As in the example; empty lines are skipped.
        threads: Names of the threads in order, MainThread and ``Thread-1``, ``Thread-2`` … unless given.
        kinds: The kinds of objects by name; else ``stream`` for what is put out to, ``global`` for what is
            read or written, ``Lock`` for the rest.
        ending: None for a run that was cut off.
        header: Else that of a recorded run of `file`.
        file: The source file.

    Example:
        >>> trace_of('''
        ...     T0 start T1
        ...     T1 begin
        ...     T1 acquire lock
        ...     T1 write counts['a'] = 1
        ...     T1 release lock
        ...     T1 output stdout = "done\\n"
        ...     T1 end
        ...     T0 join T1 -> timed out
        ... ''')
    """
    builder = _Builder(dict(kinds or {}), file)
    for row in filter(None, map(str.strip, rows.splitlines())):
        builder.add(row)
    return Trace(
        header=header or Header("recorded", file),
        threads=builder.thread_infos(threads),
        objects=tuple(builder.objects.values()),
        events=tuple(builder.events),
        schedule=builder.schedule(),
        ending=ending,
    )


class _Builder:
    def __init__(self, kinds: dict[str, str], file: str) -> None:
        self.kinds = kinds
        self.file = file
        self.objects: dict[str, ObjectInfo] = {}
        self.events: list[Event] = []
        self.parents: dict[int, int | None] = {0: None}

    def add(self, row: str) -> None:
        match = _ROW.fullmatch(row)
        assert match is not None, f"not a row: {row!r}"
        number, thread, kind = len(self.events), int(match["thread"]), Kind(match["kind"])
        site = Site(self.file, number + 1, 0, number + 1, 9, "work" if thread else "<module>")
        target = None if match["target"] is None else int(match["target"])
        self.parents.setdefault(thread, None)
        if target is not None:
            self.parents.setdefault(target, thread)
        self.events.append(
            Event(
                number,
                thread,
                kind,
                None if kind in (Kind.BEGIN, Kind.END) else site,
                obj=None if match["object"] is None else self._object(match["object"], kind, site),
                target=target,
                field=match["field"],
                value=_value(match["value"]),
                result=match["result"],
                time=number / 1000,
            )
        )

    def _object(self, name: str, kind: Kind, site: Site) -> int:
        if name not in self.objects:
            sort = self.kinds.get(name, _KINDS.get(kind, "Lock"))
            self.objects[name] = ObjectInfo(len(self.objects), sort, name, site)
        return self.objects[name].number

    def thread_infos(self, names: Sequence[str]) -> tuple[ThreadInfo, ...]:
        last = max(*self.parents, len(names) - 1)
        default = ["MainThread", *(f"Thread-{number}" for number in range(1, last + 1))]
        every = [*names, *default[len(names) :]]
        return tuple(ThreadInfo(number, name, self.parents.get(number)) for number, name in enumerate(every))

    def schedule(self) -> Schedule:
        runs: list[Run] = []
        for event in self.events:
            if runs and runs[-1].thread == event.thread:
                last = runs.pop()
                runs.append(Run(last.thread, last.points + 1, last.kind, last.site))
            else:
                runs.append(Run(event.thread, 1, event.kind, event.site))
        return Schedule(tuple(runs))


def _value(text: str | None) -> str | None:
    if text is not None and text[0] in "'\"":
        value = ast.literal_eval(text)
        assert isinstance(value, str)
        return value
    return text
