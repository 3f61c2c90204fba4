from __future__ import annotations

import gzip
import json
import os
import re
import stat
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.traces import trace_of
from threadsim.model import codec
from threadsim.model.converter import make_converter
from threadsim.model.errors import TraceError
from threadsim.model.event import Event, Kind
from threadsim.model.schedule import Run, Schedule
from threadsim.model.site import Site
from threadsim.model.trace import (
    Ending,
    Failure,
    Header,
    ObjectInfo,
    Outcome,
    ThreadInfo,
    Trace,
    Waiting,
)

# Any text at all, lone surrogates among it; but not two that make a pair, which JSON takes for one character.
texts = st.text(st.characters(), max_size=8).filter(
    lambda text: not re.search("[\ud800-\udbff][\udc00-\udfff]", text)
)
whole = st.integers(0, 10**9)
seconds = st.floats(0, 1e9)
places = st.builds(Site, texts, whole, whole, whole, whole, texts)
sites = st.none() | places
stacks = st.lists(places, max_size=3).map(tuple)


@st.composite
def traces(draw: st.DrawFn) -> Trace:
    """Any trace at all whose numbers fit each other; what happens in it need make no sense."""
    threads = draw(st.integers(1, 4))
    objects = draw(st.integers(0, 4))
    thread = st.integers(0, threads - 1)
    some_thread = st.none() | thread
    some_object = st.none() | st.integers(0, objects - 1) if objects else st.none()
    event = st.builds(
        Event,
        number=st.just(0),
        thread=thread,
        kind=st.sampled_from(Kind),
        site=sites,
        obj=some_object,
        target=some_thread,
        field=st.none() | texts,
        value=st.none() | texts,
        result=st.none() | texts,
        waited=st.none() | seconds,
        time=seconds,
        stack=stacks,
    )
    waiting = st.builds(
        Waiting, thread, st.sampled_from(Kind), some_object, some_thread, some_thread, sites, stacks
    )
    ending = st.builds(
        Ending,
        st.sampled_from(Outcome),
        st.none() | st.builds(Failure, thread, texts, texts, sites, stacks),
        st.lists(waiting, max_size=3).map(tuple),
        texts,
        whole,
        seconds,
    )
    header = st.builds(
        Header,
        st.sampled_from(["recorded", "simulated"]),
        texts,
        st.lists(texts, max_size=3).map(tuple),
        st.dictionaries(texts, texts, max_size=3),
        texts,
        texts,
        st.none() | st.integers(),
        st.none() | texts,
        st.lists(texts, max_size=3).map(tuple),
    )
    run = st.builds(Run, thread, st.integers(1, 10**9), st.sampled_from(Kind), sites)
    infos = [
        ThreadInfo(
            number,
            draw(texts),
            draw(st.none() | st.integers(0, number - 1)) if number else None,
            draw(st.booleans()),
        )
        for number in range(threads)
    ]
    return Trace(
        draw(header),
        tuple(infos),
        tuple(ObjectInfo(number, draw(texts), draw(texts), draw(sites)) for number in range(objects)),
        tuple(attrs.evolve(e, number=i) for i, e in enumerate(draw(st.lists(event, max_size=6)))),
        Schedule(tuple(draw(st.lists(run, max_size=4)))),
        draw(st.none() | ending),
    )


def small() -> Trace:
    """A little of everything: UTF-8 of several bytes, a value in each kind of line."""
    trace = trace_of(
        """
        T0 start T1
        T1 begin
        T1 acquire lock
        T1 output stdout = "a → 😀\\n"
        T1 release lock
        T1 end
        T0 join T1
        """,
        header=Header(
            "simulated", "bank.py", ("-v",), {"bank.py": "sha256:0"}, "3.11.7", "linux-x86_64", 7, "random"
        ),
    )
    return attrs.evolve(
        trace, ending=Ending(Outcome.FAILED, Failure(1, "ValueError", "no", Site("bank.py", 2)))
    )


def stacks_of(trace: Trace) -> list[tuple[Site, ...]]:
    """All that there are: values are equal without regard to them."""
    ending = trace.ending or Ending(Outcome.PASSED)
    failed = () if ending.failure is None else (ending.failure,)
    return [each.stack for each in (*trace.events, *ending.waiting, *failed)]


@given(traces())
def test_any_trace_comes_back_as_it_was(trace: Trace) -> None:
    data = codec.dumps(trace)
    loaded = codec.loads(data, "x.jsonl")
    assert loaded == trace
    assert stacks_of(loaded) == stacks_of(trace)
    assert all(type(event.kind) is Kind for event in loaded.events)  # equal would do for a plain string
    assert loaded.outcome is trace.outcome
    assert codec.dumps(loaded) == data


@given(traces())
def test_each_line_is_json_and_utf_8_by_itself(trace: Trace) -> None:
    for line in codec.encode_lines(trace):
        assert "\n" not in line
        assert next(iter(json.loads(line.encode()))) == "type"


@given(traces())
def test_event_lines_made_by_hand_are_what_the_converter_makes(trace: Trace) -> None:
    converter = make_converter()
    for event in trace.events:
        line = codec.event_line(event)
        wanted = json.loads(json.dumps({"type": "event", **converter.unstructure(event)}))
        assert list(json.loads(line).items()) == list(wanted.items())


def test_a_pair_of_surrogates_is_the_character_it_stands_for() -> None:
    trace = Trace(Header("recorded", "\ud83d\ude00"))
    assert codec.loads(codec.dumps(trace), "x").header.program == "😀"


def test_lines_stand_in_the_order_that_the_format_promises() -> None:
    assert [json.loads(line)["type"] for line in codec.encode_lines(small())] == [
        *["header", "thread", "thread", "event", "event", "object", "event", "object"],
        *["event", "event", "event", "event", "run", "run", "run", "outcome"],
    ]


def test_what_has_its_default_is_left_out() -> None:
    assert (
        codec.event_line(Event(3, 1, Kind.BEGIN)) == '{"type":"event","number":3,"thread":1,"kind":"begin"}'
    )
    assert codec.header_line(Header("recorded", "x.py")) == (
        '{"type":"header","format":"threadsim-trace","version":1,"kind":"recorded","program":"x.py"}'
    )


def test_a_stack_is_written_where_there_is_one() -> None:
    inner, outer = Site("a.py", 9, function="inner"), Site("a.py", 3)
    event = Event(0, 0, Kind.ACQUIRE, inner, stack=(outer,))
    assert codec.event_line(event).endswith(',"stack":[["a.py",3,0,0,0,"<module>"]]}')
    waiting = Waiting(0, Kind.ACQUIRE, site=inner, stack=(outer,))
    line = codec.outcome_line(Ending(Outcome.DEADLOCK, waiting=(waiting,)))
    assert line.endswith(',"stack":[["a.py",3,0,0,0,"<module>"]]}]}')
    assert "stack" not in codec.outcome_line(Ending(Outcome.DEADLOCK, waiting=(Waiting(0, Kind.JOIN),)))


def test_threads_that_no_event_mentions_are_kept() -> None:
    trace = Trace(Header("recorded", "x"), (ThreadInfo(0, "MainThread"), ThreadInfo(1, "never started")))
    assert codec.loads(codec.dumps(trace), "x") == trace


# Files.


@pytest.mark.parametrize("name", ["x.jsonl", "x.jsonl.gz"])
def test_a_saved_trace_loads(tmp_path: Path, name: str) -> None:
    trace = small()
    trace.save(tmp_path / name)
    assert codec.load(tmp_path / name) == trace
    assert os.listdir(tmp_path) == [name]


def test_compressed_files_of_one_trace_are_the_same_bytes(tmp_path: Path) -> None:
    small().save(tmp_path / "one.jsonl.gz")
    small().save(tmp_path / "two.jsonl.gz")
    one = (tmp_path / "one.jsonl.gz").read_bytes()
    assert one == (tmp_path / "two.jsonl.gz").read_bytes()
    assert gzip.decompress(one) == codec.dumps(small())
    assert b"one" not in one


def test_saving_replaces_the_file_that_a_link_points_to(tmp_path: Path) -> None:
    (tmp_path / "real.jsonl").write_text("before")
    (tmp_path / "link.jsonl").symlink_to("real.jsonl")
    small().save(tmp_path / "link.jsonl")
    assert (tmp_path / "link.jsonl").is_symlink()
    assert codec.load(tmp_path / "real.jsonl") == small()


def test_saving_to_what_is_no_file_writes_to_it(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        small().save(pipe)
        assert codec.loads(os.read(reader, 1 << 16), "pipe") == small()
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_save_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text("before")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(TraceError, match=r"cannot write .*x\.jsonl: No space left on device"):
        small().save(path)
    assert path.read_text() == "before"
    assert os.listdir(tmp_path) == ["x.jsonl"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [("", "Is a directory"), ("no/x.jsonl", "No such file or directory"), ("x\0y", "embedded null")],
)
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, name: str, reason: str) -> None:
    path = os.path.join(tmp_path, name)
    with pytest.raises(TraceError, match=f"^cannot write {re.escape(path)}: .*{reason}"):
        small().save(path)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [("", "Is a directory"), ("x.jsonl", "No such file or directory"), ("x\0y", "embedded null")],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, reason: str) -> None:
    path = os.path.join(tmp_path, name)
    with pytest.raises(TraceError, match=f"^cannot read {re.escape(path)}: .*{reason}"):
        codec.load(path)


def test_a_file_that_is_not_gzip_in_spite_of_its_name(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(codec.dumps(small()))
    with pytest.raises(
        TraceError, match=r"^cannot read .*x\.jsonl\.gz: not a whole gzip file: .*incorrect header"
    ):
        codec.load(path)


def test_a_damaged_gzip_file(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl.gz"
    small().save(path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(TraceError, match=r"^cannot read .*x\.jsonl\.gz: not a whole gzip file"):
        codec.load(path)


# Files that were cut off.


def check_cut_off(whole: Trace, load: Any) -> None:
    """Either the trace or a beginning of it that says it is incomplete, or an error of ours."""
    try:
        trace = load()
    except TraceError as error:
        assert re.search("is empty|not a threadsim trace", str(error))  # noqa: PT017 - it need not raise
        return
    assert trace.header == whole.header
    assert trace.events == whole.events[: len(trace.events)]
    assert trace.complete == (trace == whole)


def test_a_file_cut_off_at_any_byte_gives_what_there_is() -> None:
    data = codec.dumps(small())
    for size in range(len(data)):
        check_cut_off(small(), lambda size=size: codec.loads(data[:size], "x"))
    end_of_header = data.index(b"\n")
    assert not codec.loads(data[:end_of_header], "x").complete
    assert codec.loads(data[:-1], "x") == small()
    assert codec.loads(data[:-2], "x") == attrs.evolve(small(), ending=None)


def test_a_compressed_file_cut_off_at_any_byte_gives_what_there_is(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl.gz"
    small().save(path)
    data = path.read_bytes()
    for size in range(len(data)):
        path.write_bytes(data[:size])
        check_cut_off(small(), lambda: codec.load(path))


@given(st.binary())
def test_no_bytes_raise_anything_but_a_trace_error(data: bytes) -> None:
    with pytest.raises(TraceError, match=r"^x\.jsonl"):
        codec.loads(data, "x.jsonl")


@given(st.data())
def test_no_damage_raises_anything_but_a_trace_error(data: st.DataObject) -> None:
    content = bytearray(codec.dumps(small()))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place : place + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=3))
    try:
        codec.loads(bytes(content), "x.jsonl")
    except TraceError as error:
        assert re.match(r"x\.jsonl, line \d+: .", str(error))  # noqa: PT017 - it need not raise


# Broken files: each line here is put in place of line 5 of `small`, an event of thread 1.

HEADER = '{"type":"header","format":"threadsim-trace","version":1,"kind":"recorded","program":"x.py"}'


def broken(line: str | bytes, *, at: int = 5, wrong: int | None = None) -> str:
    """The message about a file of which line `at` is replaced; it should name line `wrong`, or that one."""
    lines = codec.dumps(small()).splitlines()
    lines[at - 1] = line if isinstance(line, bytes) else line.encode()
    with pytest.raises(TraceError) as caught:
        codec.loads(b"\n".join(lines) + b"\n", "traces/x.jsonl")
    message = str(caught.value)
    assert message.startswith(f"traces/x.jsonl, line {wrong or at}: ")
    assert "\n" not in message
    return message.partition(": ")[2]


def event(**changes: Any) -> str:
    fields = {"type": "event", "number": 1, "thread": 1, "kind": "begin", **changes}
    return json.dumps({key: value for key, value in fields.items() if value is not ...})


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "not JSON: Expecting value (column 1)"),
        ("{", "not JSON: Expecting property name enclosed in double quotes (column 2)"),
        (b'{"type":"\xff"}', "not UTF-8 (byte 10 of the line)"),
        ("[1]", "not a JSON object"),
        ("{}", "there is no line of type None; the types are header, thread, object, event, run, outcome"),
        (
            '{"type":[]}',
            "there is no line of type []; the types are header, thread, object, event, run, outcome",
        ),
        (
            '{"type":"fork"}',
            "there is no line of type 'fork'; the types are header, thread, object, event, run, outcome",
        ),
        (HEADER, "a second header"),
        (event(thread=...), "event: field 'thread' is missing"),
        (event(thread="a"), "event: field 'thread' should be a whole number, got 'a'"),
        (event(thread=True), "event: field 'thread' should be a whole number, got True"),
        (event(thread=1.0), "event: field 'thread' should be a whole number, got 1.0"),
        (event(obj="a"), "event: field 'obj' should be a whole number, got 'a'"),
        (event(value=1), "event: field 'value' should be a string, got 1"),
        (event(time="1"), "event: field 'time' should be a number, got '1'"),
        (event(time=True), "event: field 'time' should be a number, got True"),
        (event(time=float("nan")), "not JSON that a trace has: NaN is no number in JSON"),
        (event(time=...)[:-1] + ',"time":1e999}', "event: field 'time' should be a number, got inf"),
        (event(colour=1), "event: unknown field 'colour'"),
        (event(number=2), "event: field 'number' should be 1, as they count up, got 2"),
        (event(thread=2), "event: no line before this one introduces thread 2"),
        (event(thread=-1), "event: no line before this one introduces thread -1"),
        (event(target=9), "event: no line before this one introduces thread 9"),
        (event(obj=0), "event: no line before this one introduces object 0"),
        (
            event(site=[]),
            "event: field 'site' should be [file, line, column, end line, end column, function], got []",
        ),
        (
            event(site=["x.py", 1, 0, 1, True, "f"]),
            "event: field 'site' should be [file, line, column, end line, end column, function], "
            "got ['x.py', 1, 0, 1, True, 'f']",
        ),
        (event(stack={}), "event: field 'stack' should be an array, got {}"),
        (
            event(stack=[3]),
            "event: field 'stack[0]' should be [file, line, column, end line, end column, function], got 3",
        ),
        (
            '{"type":"thread","number":3,"name":"x"}',
            "thread: field 'number' should be 2, as they count up, got 3",
        ),
        (
            '{"type":"thread","number":2,"name":"x","parent":2}',
            "thread: no line before this one introduces thread 2",
        ),
        (
            '{"type":"thread","number":2,"name":"x","daemon":0}',
            "thread: field 'daemon' should be true or false, got 0",
        ),
        (
            '{"type":"object","number":0,"name":"x"}',
            "object: field 'kind' is missing",
        ),
        (
            '{"type":"run","thread":0,"points":0,"kind":"start"}',
            "run: field 'points' should be at least 1, got 0",
        ),
        (
            '{"type":"run","thread":5,"points":1,"kind":"start"}',
            "run: no line before this one introduces thread 5",
        ),
        (
            '{"type":"outcome","outcome":"great"}',
            "outcome: field 'outcome' should be one of passed, failed, deadlock, livelock, diverged, "
            "interrupted, got 'great'",
        ),
        (
            '{"type":"outcome","outcome":"failed","failure":"no"}',
            "outcome: field 'failure' should be an object, got 'no'",
        ),
        (
            '{"type":"outcome","outcome":"failed","failure":{"thread":"a","type":"E","message":""}}',
            "outcome: field 'failure.thread' should be a whole number, got 'a'",
        ),
        (
            '{"type":"outcome","outcome":"failed","failure":{"thread":7,"type":"E","message":""}}',
            "outcome: no line before this one introduces thread 7",
        ),
        (
            '{"type":"outcome","outcome":"deadlock","waiting":{}}',
            "outcome: field 'waiting' should be an array, got {}",
        ),
        (
            '{"type":"outcome","outcome":"deadlock","waiting":[{"thread":1,"kind":"join"},{"thread":1}]}',
            "outcome: field 'waiting[1].kind' is missing",
        ),
        (
            '{"type":"outcome","outcome":"deadlock","waiting":[{"thread":1,"kind":"acquire","obj":4}]}',
            "outcome: no line before this one introduces object 4",
        ),
    ],
)
def test_a_broken_line_is_shown_and_explained(line: str | bytes, message: str) -> None:
    assert broken(line) == message


def test_nothing_may_follow_the_outcome() -> None:
    lines = codec.dumps(small()).splitlines()
    message = broken(b'{"type":"outcome","outcome":"passed"}\n' + lines[4], wrong=6)
    assert message == "the outcome should be the last line, and another follows it"


@pytest.mark.parametrize("kind", ["fork", 3])
def test_an_unknown_kind_of_event_is_told_the_known_ones(kind: Any) -> None:
    assert re.fullmatch(
        rf"event: field 'kind' should be one of start, begin, .*, output, got {kind!r}",
        broken(event(kind=kind)),
    )


def test_long_values_are_shortened_in_messages() -> None:
    assert len(broken(event(thread="a" * 10_000))) < 200


@pytest.mark.parametrize("text", ["9" * 5000, "[" * 100_000])
def test_json_that_python_refuses_is_a_clear_error(text: str) -> None:
    assert broken(text).startswith("not JSON")


def test_the_header_is_checked_field_by_field() -> None:
    assert broken(HEADER.replace("recorded", "dreamt"), at=1) == (
        "header: field 'kind' should be one of recorded, simulated, got 'dreamt'"
    )
    assert (
        broken(HEADER[:-1] + ',"arguments":"-v"}', at=1)
        == "header: field 'arguments' should be an array, got '-v'"
    )
    assert broken(HEADER[:-1] + ',"arguments":["-v",1]}', at=1) == (
        "header: field 'arguments[1]' should be a string, got 1"
    )
    assert broken(HEADER[:-1] + ',"sources":{"x.py":1}}', at=1) == (
        "header: field 'sources' should be an object of strings, got {'x.py': 1}"
    )


@pytest.mark.parametrize("version", ["0", "true", '"1"', "null"])
def test_a_version_that_is_none(version: str) -> None:
    assert broken(HEADER.replace(":1,", f":{version},"), at=1).startswith(
        "header: field 'version' should be a whole number from 1 on, got "
    )


def test_a_newer_version_is_not_guessed_at() -> None:
    assert broken(HEADER.replace(":1,", ":2,").replace("program", "programme"), at=1) == (
        "made by a newer threadsim: this one reads format version 1, not 2"
    )


@pytest.mark.parametrize(
    "content",
    [
        "hello",
        '{"type":"head',
        "[]\n",
        "{}\n",
        '{"type":"event","number":0}\n',
        '{"type":"header","format":"other","version":1}\n',
    ],
)
def test_what_is_no_trace_at_all_is_called_so(content: str) -> None:
    with pytest.raises(
        TraceError, match=r"^x, line 1: not a threadsim trace: it does not begin with a header line$"
    ):
        codec.loads(content.encode(), "x")


def test_an_empty_file() -> None:
    with pytest.raises(TraceError, match=r"^traces/x\.jsonl is empty$"):
        codec.loads(b"", "traces/x.jsonl")
