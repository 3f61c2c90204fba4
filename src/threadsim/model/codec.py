r"""The trace file: what it looks like, its version, and both directions.

A trace file is JSON Lines in UTF-8 (``.jsonl``; compressed with gzip if the name ends in ``.gz``). Each
line is an object whose ``type`` says which value of this room the other fields are of; a field that has its
default is left out, so that the file stays short and shows little but changes in a diff::

    {"type":"header","format":"threadsim-trace","version":1,"kind":"simulated","program":"bank.py", …}
    {"type":"thread","number":0,"name":"MainThread"}
    {"type":"thread","number":1,"name":"Thread-1 (work)","parent":0}
    {"type":"event","number":0,"thread":0,"kind":"start","site":["bank.py",9,0,9,9,"<module>"],"target":1}
    {"type":"event","number":1,"thread":1,"kind":"begin"}
    {"type":"object","number":0,"kind":"Lock","name":"Account._lock","site":["bank.py",3,21,3,37,"Account"]}
    {"type":"event","number":2,"thread":1,"kind":"acquire","site":["bank.py",5,13,5,23,"pay"],"obj":0}
     …
    {"type":"run","thread":0,"points":1,"kind":"start","site":["bank.py",9,0,9,9,"<module>"]}
    {"type":"run","thread":1,"points":2,"kind":"begin"}
    {"type":"outcome","outcome":"passed","steps":3}

- The header is the first line. It alone has ``format`` and ``version``.
- Threads and objects stand somewhere before the first line that mentions them; in what is written here,
  just before the first event that does. Threads, objects and events each count up from 0.
- A site is an array: file, line, column, end line, end column, function. A stack is an array of sites.
- The runs of the schedule come after the events; the outcome is the last line. A file without it is the
  trace of a run that was killed: it loads, incomplete. So does one whose last line has no newline and is no
  JSON (the write was cut off; that line is dropped) or whose gzip stream breaks off.
- A lone surrogate, which UTF-8 has not, is written as JSON's escape (``\udc80``). Two that make a pair come
  back as the character that they stand for, as JSON has it.
- The same trace gives the same bytes, compressed or not.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from functools import lru_cache
from json.encoder import encode_basestring as quote
from typing import Any, Final

import attrs
from cattrs.errors import BaseValidationError

from threadsim.model.converter import complaint, make_converter
from threadsim.model.disk import compress, decompress, write_whole
from threadsim.model.errors import TraceError
from threadsim.model.event import Event
from threadsim.model.schedule import Run, Schedule
from threadsim.model.site import Site
from threadsim.model.trace import Ending, Failure, Header, ObjectInfo, ThreadInfo, Trace, Waiting

FORMAT: Final = "threadsim-trace"
VERSION: Final = 1

_TYPES: dict[str, type] = {
    "header": Header,
    "thread": ThreadInfo,
    "object": ObjectInfo,
    "event": Event,
    "run": Run,
    "outcome": Ending,
}
for _cls in (*_TYPES.values(), Failure, Waiting):
    attrs.resolve_types(
        _cls
    )  # now: later `__module__` may name a package that shows the class, without its types
_converter = make_converter()
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


# Writing: one function a type of line, for whoever writes a trace while it happens.


def header_line(header: Header) -> str:
    """The first line of a file, without its newline, as of all these."""
    return _line("header", header, format=FORMAT, version=VERSION)


def thread_line(info: ThreadInfo) -> str:
    """The line that introduces a thread."""
    return _line("thread", info)


def object_line(info: ObjectInfo) -> str:
    """The line that introduces an object."""
    return _line("object", info)


def event_line(event: Event) -> str:
    """The line of an event.

    Put together by hand, in half the time: a recorder does this for each event while the program runs. A
    test holds it to what the converter makes of an event.
    """
    line = f'{{"type":"event","number":{event.number},"thread":{event.thread},"kind":"{event.kind}"'
    if event.site is not None:
        line += f',"site":{_site_text(event.site)}'
    if event.obj is not None:
        line += f',"obj":{event.obj}'
    if event.target is not None:
        line += f',"target":{event.target}'
    if event.field is not None:
        line += f',"field":{quote(event.field)}'
    if event.value is not None:
        line += f',"value":{quote(event.value)}'
    if event.result is not None:
        line += f',"result":{quote(event.result)}'
    if event.waited is not None:
        line += f',"waited":{event.waited!r}'
    if event.time:
        line += f',"time":{event.time!r}'
    if event.stack:
        line += f',"stack":[{",".join(map(_site_text, event.stack))}]'
    return _writable(line + "}")


def run_line(run: Run) -> str:
    """The line of a stretch of the schedule."""
    return _line("run", run)


def outcome_line(ending: Ending) -> str:
    """The last line of a file."""
    return _line("outcome", ending)


def _line(tag: str, value: object, **more: object) -> str:
    return _writable(_encode({"type": tag, **more, **_converter.unstructure(value)}))


@lru_cache(maxsize=4096)
def _site_text(site: Site) -> str:
    return _encode(_converter.unstructure(site))


def _writable(line: str) -> str:
    """With lone surrogates escaped; `backslashreplace` happens to write them just as JSON does."""
    return line if line.isascii() else line.encode("utf-8", "backslashreplace").decode("utf-8")


def encode_lines(trace: Trace) -> Iterator[str]:
    """The lines of a trace's file, without their newlines."""
    yield header_line(trace.header)
    threads = objects = 0  # how many have been introduced
    for event in trace.events:
        known = 1 + max(event.thread, -1 if event.target is None else event.target)
        yield from map(thread_line, trace.threads[threads:known])
        threads = max(threads, known)
        known = 0 if event.obj is None else 1 + event.obj
        yield from map(object_line, trace.objects[objects:known])
        objects = max(objects, known)
        yield event_line(event)
    yield from map(thread_line, trace.threads[threads:])
    yield from map(object_line, trace.objects[objects:])
    yield from map(run_line, trace.schedule.runs)
    if trace.ending is not None:
        yield outcome_line(trace.ending)


def dumps(trace: Trace) -> bytes:
    """The file of a trace, not compressed."""
    return b"".join(line.encode() + b"\n" for line in encode_lines(trace))


def save(trace: Trace, path: str | os.PathLike[str]) -> None:
    """Write a trace's file, compressed if its name ends in ``.gz``.

    Raises:
        TraceError: It cannot be written there; whatever was there still is.
    """
    data = dumps(trace)
    try:
        write_whole(path, compress(data) if _is_compressed(path) else data)
    except (OSError, ValueError) as error:
        raise TraceError(f"cannot write {os.fspath(path)}: {_reason(error)}") from error


def _is_compressed(path: str | os.PathLike[str]) -> bool:
    return os.fspath(path).endswith(".gz")


def _reason(error: OSError | ValueError) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)


# Reading. Nothing here runs code of the program's, or trusts the file in anything.


def load(path: str | os.PathLike[str]) -> Trace:
    """Read a trace's file.

    Raises:
        TraceError: There is none, or it is broken; the message names the file, the line and what is wrong.
    """
    name = os.fspath(path)
    try:
        with open(path, "rb") as file:
            data = file.read()
        if _is_compressed(path):
            data = decompress(data)
    except (OSError, ValueError) as error:
        raise TraceError(f"cannot read {name}: {_reason(error)}") from error
    return loads(data, name)


def loads(data: bytes, source: str) -> Trace:
    """Read what `dumps` wrote.

    Args:
        data: The content of a file, not compressed.
        source: Its name, for messages.

    Raises:
        TraceError: It is broken; the message names the file, the line and what is wrong.
    """
    if not data:
        raise TraceError(f"{source} is empty")
    *lines, rest = data.split(b"\n")
    if _is_json(rest):
        lines.append(rest)
    reader = _Reader()
    for number, line in enumerate(lines, 1):
        try:
            reader.read(_parse(line))
        except _Broken as error:
            raise TraceError(f"{source}, line {number}: {error}") from None
    if reader.header is None:
        raise TraceError(f"{source}, line 1: {_NO_HEADER}")
    return reader.trace(reader.header)


_NO_HEADER: Final = "not a threadsim trace: it does not begin with a header line"


class _Broken(Exception):  # noqa: N818 - says what is broken
    """What is wrong with a line."""


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number in JSON")


_decode: Callable[[str], Any] = json.JSONDecoder(parse_constant=_refuse).decode


def _parse(line: bytes) -> Any:
    try:
        return _decode(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise _Broken(f"not UTF-8 (byte {error.start + 1} of the line)") from None
    except json.JSONDecodeError as error:
        raise _Broken(f"not JSON: {error.msg} (column {error.colno})") from None
    except (ValueError, RecursionError) as error:  # NaN, a number of 5,000 digits, brackets 10,000 deep
        raise _Broken(f"not JSON that a trace has: {error}") from None


def _is_json(line: bytes) -> bool:
    try:
        _parse(line)
    except _Broken:
        return False
    return True


class _Reader:
    """Takes the lines of a file one by one, and checks that each fits those before it."""

    def __init__(self) -> None:
        self.header: Header | None = None
        self.threads: list[ThreadInfo] = []
        self.objects: list[ObjectInfo] = []
        self.events: list[Event] = []
        self.runs: list[Run] = []
        self.ending: Ending | None = None
        self._accept: dict[str, Callable[[Any], None]] = {
            "header": self._accept_header,
            "thread": self._accept_thread,
            "object": self._accept_object,
            "event": self._accept_event,
            "run": self._accept_run,
            "outcome": self._accept_outcome,
        }

    def trace(self, header: Header) -> Trace:
        return Trace(
            header,
            tuple(self.threads),
            tuple(self.objects),
            tuple(self.events),
            Schedule(tuple(self.runs)),
            self.ending,
        )

    def read(self, line: Any) -> None:
        """Take one line, as parsed from JSON."""
        if type(line) is not dict:
            raise _Broken(_NO_HEADER if self.header is None else "not a JSON object")
        tag = line.pop("type", None)
        if self.header is None:
            _check_format(tag, line)
        elif tag == "header":
            raise _Broken("a second header")
        elif self.ending is not None:
            raise _Broken("the outcome should be the last line, and another follows it")
        if type(tag) is not str or tag not in _TYPES:
            raise _Broken(f"there is no line of type {tag!r}; the types are {', '.join(_TYPES)}")
        try:
            value: Any = _converter.structure(line, _TYPES[tag])
        except BaseValidationError as error:
            raise _Broken(f"{tag}: {complaint(error)}") from None
        self._accept[tag](value)

    def _accept_header(self, header: Header) -> None:
        self.header = header

    def _accept_thread(self, info: ThreadInfo) -> None:
        _check_count("thread", info.number, len(self.threads))
        self._check_threads("thread", info.parent)
        self.threads.append(info)

    def _accept_object(self, info: ObjectInfo) -> None:
        _check_count("object", info.number, len(self.objects))
        self.objects.append(info)

    def _accept_event(self, event: Event) -> None:
        _check_count("event", event.number, len(self.events))
        self._check_threads("event", event.thread, event.target)
        self._check_object("event", event.obj)
        self.events.append(event)

    def _accept_run(self, run: Run) -> None:
        self._check_threads("run", run.thread)
        if run.points < 1:
            raise _Broken(f"run: field 'points' should be at least 1, got {run.points}")
        self.runs.append(run)

    def _accept_outcome(self, ending: Ending) -> None:
        if ending.failure is not None:
            self._check_threads("outcome", ending.failure.thread)
        for waiting in ending.waiting:
            self._check_threads("outcome", waiting.thread, waiting.target, waiting.holder)
            self._check_object("outcome", waiting.obj)
        self.ending = ending

    def _check_threads(self, tag: str, *numbers: int | None) -> None:
        for number in numbers:
            if number is not None and not 0 <= number < len(self.threads):
                raise _Broken(f"{tag}: no line before this one introduces thread {number}")

    def _check_object(self, tag: str, number: int | None) -> None:
        if number is not None and not 0 <= number < len(self.objects):
            raise _Broken(f"{tag}: no line before this one introduces object {number}")


def _check_format(tag: object, line: dict[str, Any]) -> None:
    """That the first line is a header that this version understands; leaves the fields of a Header."""
    if tag != "header" or line.pop("format", None) != FORMAT:
        raise _Broken(_NO_HEADER)
    version = line.pop("version", None)
    if type(version) is not int or version < 1:
        raise _Broken(f"header: field 'version' should be a whole number from 1 on, got {version!r}")
    if version > VERSION:
        raise _Broken(f"made by a newer threadsim: this one reads format version {VERSION}, not {version}")


def _check_count(tag: str, number: int, count: int) -> None:
    if number != count:
        raise _Broken(f"{tag}: field 'number' should be {count}, as they count up, got {number}")
