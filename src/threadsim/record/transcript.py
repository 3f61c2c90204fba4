"""Rows of the log made into the values of a trace, in their order, with numbers and unique names."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from types import CodeType

from threadsim.instrument.names import name_at
from threadsim.instrument.sites import is_threadings, site_at
from threadsim.model.event import Event, Kind
from threadsim.model.site import Site
from threadsim.model.trace import Failure, ObjectInfo, ThreadInfo
from threadsim.record.entries import Entry, ObjectEntry, ThreadEntry
from threadsim.record.log import Log, Row

Value = ThreadInfo | ObjectInfo | Event


class Transcript:
    """Takes rows from a log and gives what they say.

    Attributes:
        failure: The first exception that nobody caught.
    """

    def __init__(self, log: Log) -> None:
        self.failure: Failure | None = None
        self._log = log
        self._by_ident: dict[int, ThreadEntry] = {}
        self._threads = 0
        self._objects = 0
        self._events = 0
        self._names: dict[str, int] = {}
        self._main = log.registry.thread(threading.main_thread())
        self._outsiders = set(sys._current_frames()) - {threading.main_thread().ident, threading.get_ident()}
        """Threads that ran already when it began: a test runner's, say. What they do is not the program's."""

    def take(self) -> Iterator[Value]:
        """What has been noted since the last time: each thread and object stands before its first event."""
        if self._main.number is None:
            yield self._introduce_thread(self._main)
        rows = self._log.rows
        while rows:
            yield from self._values(rows.popleft())

    def _values(self, row: Row) -> Iterator[Value]:
        kind, ident, code, lasti, entry, result, waited, time, value = row
        site = _site(code, lasti)
        if kind is Kind.BEGIN and isinstance(entry, ThreadEntry):
            self._by_ident[ident] = entry
        if ident in self._outsiders and ident not in self._by_ident:
            return
        thread = self._by_ident.get(ident) or self._stranger(ident)
        if thread.number is None:
            yield from self._introductions(thread)
        target = obj = None
        if kind is not Kind.BEGIN and entry is not None:
            if entry.number is None:
                yield from self._introductions(entry, code, site)
            if isinstance(entry, ThreadEntry):
                target = entry.number
            else:
                obj = entry.number
        yield Event(
            number=self._events,
            thread=thread.number or 0,
            kind=kind,
            site=site,
            obj=obj,
            target=target,
            value=value,
            result=result,
            waited=None if waited is None else round(waited, 6),
            time=round(time - self._log.begun, 6),
        )
        self._events += 1
        if kind is Kind.END:
            self._by_ident.pop(ident, None)  # the next thread may get the same ident
        elif kind is Kind.RAISE and self.failure is None:
            self.failure = Failure(thread.number or 0, result or "", value or "", site)

    def _thread(self, ident: int) -> ThreadEntry:
        """Who has this ident at this point of the log."""
        return self._by_ident.get(ident) or self._stranger(ident)

    def _stranger(self, ident: int) -> ThreadEntry:
        """A thread that we did not see begin: it was there before, or `threading` does not know it."""
        known = threading._active.get(ident)  # type: ignore[attr-defined]
        if ident == threading.main_thread().ident:
            entry = self._main
        elif known is not None:
            entry = self._log.registry.thread(known)
        else:
            entry = ThreadEntry("unknown thread", daemon=True)
        self._by_ident[ident] = entry
        return entry

    def _introductions(
        self, entry: Entry, code: CodeType | None = None, site: Site | None = None
    ) -> Iterator[Value]:
        if isinstance(entry, ThreadEntry):
            parent = None if entry.parent is None else self._thread(entry.parent)
            if parent is not None and parent.number is None:
                yield from self._introductions(parent)
            yield self._introduce_thread(entry)
        else:
            yield self._introduce_object(entry, code, site)

    def _introduce_thread(self, entry: ThreadEntry) -> ThreadInfo:
        entry.number = self._threads
        self._threads += 1
        parent = None if entry.parent is None else self._thread(entry.parent).number
        return ThreadInfo(entry.number, entry.name, parent, entry.daemon)

    def _introduce_object(self, entry: ObjectEntry, code: CodeType | None, site: Site | None) -> ObjectInfo:
        """With the name from where it was made, else from where it is first used."""
        name = entry.name
        if name is None and code is not None and site is not None:
            name = name_at(code, site)
        entry.number = self._objects
        self._objects += 1
        return ObjectInfo(
            entry.number,
            entry.kind,
            self._unique(name or entry.kind.lower()),
            _site(entry.code, entry.lasti) or site,
        )

    def _unique(self, name: str) -> str:
        count = self._names[name] = self._names.get(name, 0) + 1
        return name if count == 1 else f"{name}#{count}"


def _site(code: CodeType | None, lasti: int) -> Site | None:
    return None if code is None or is_threadings(code) else site_at(code, lasti)
