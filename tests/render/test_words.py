import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.traces import trace_of
from threadsim.model.event import Kind
from threadsim.model.trace import Ending, Failure, Outcome
from threadsim.render.words import describe, describe_output, duration, name_of, printable, value_of


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("T0 start T1", "start Thread-1"),
        ("T1 begin", "begin"),
        ("T0 join T1", "join Thread-1"),
        ("T0 join T1 -> timed out", "join Thread-1 (timed out)"),
        ("T0 is_alive T1", "is_alive Thread-1 → True"),
        ("T0 is_alive T1 -> false", "is_alive Thread-1 → False"),
        ("T0 acquire lock", "acquire lock"),
        ("T0 acquire lock -> would block", "acquire lock (would block)"),
        ("T0 release lock -> RuntimeError", "release lock (raised RuntimeError)"),
        ("T0 wake cond -> timed out", "wake cond (timed out)"),
        ("T0 locked lock -> false", "locked lock → False"),
        ("T0 put jobs = 'a'", "put jobs ← a"),
        ("T0 get jobs = 3", "get jobs → 3"),
        ("T0 get jobs -> empty", "get jobs (empty)"),
        ("T0 read counter = 0", "read counter → 0"),
        ("T0 write counts['a'] = 1", "write counts['a'] = 1"),
        ("T0 delete counts['a']", "delete counts['a']"),
        ("T0 sleep = 0.5", "sleep 0.5 s"),
        ('T0 output stdout = "Thread 1: 0"', "print 'Thread 1: 0'"),
        ('T0 output stdout = "\\n"', r"print '\n'"),
        ('T0 output stderr = "oh\\n"', "print 'oh' to stderr"),
        ("T0 raise = 1 != 2", "raise 1 != 2"),
    ],
)
def test_an_event_reads_as_a_person_would_say_it(row: str, words: str) -> None:
    trace = trace_of(row)
    assert describe(trace, trace.events[0]) == words


def test_every_kind_has_words() -> None:
    for kind in Kind:
        trace = trace_of(f"T0 {kind} thing")
        assert kind.value in describe(trace, trace.events[0]) or kind is Kind.OUTPUT


@pytest.mark.parametrize(
    ("waited", "words"),
    [(None, "acquire lock"), (0.0, "acquire lock (waited)"), (0.5, "acquire lock (waited 0.5 s)")],
)
def test_a_wait_is_told(waited: float | None, words: str) -> None:
    trace = trace_of("T0 acquire lock")
    assert describe(trace, attrs.evolve(trace.events[0], waited=waited)) == words


def test_the_failing_event_names_its_exception() -> None:
    failure = Failure(0, "AssertionError", "1 != 2")
    trace = trace_of("T0 raise = 1 != 2", ending=Ending(Outcome.FAILED, failure))
    assert describe(trace, trace.events[0]) == "raise AssertionError: 1 != 2"


def test_the_writes_of_one_print_are_one_line() -> None:
    trace = trace_of('T0 output stdout = "ready"\nT0 output stdout = "\\n"')
    assert describe_output(trace, trace.events) == "print 'ready'"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "0 s"),
        (0.5, "0.5 s"),
        (3.0, "3 s"),
        (0.0314, "31.4 ms"),
        (0.000007, "7 µs"),
        (90.1234, "90.123 s"),
    ],
)
def test_a_duration_has_a_unit_that_fits(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb", r"a\nb"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\ud800", r"\ud800"),
        ("\u202e", r"\u202e"),
        ("wörker 🐍", "wörker 🐍"),
    ],
)
def test_what_is_not_printable_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_what_is_long_is_cut() -> None:
    assert name_of("x" * 100) == "x" * 39 + "…"
    assert value_of("\n" * 1_000_000).endswith("…")
    assert len(value_of("\n" * 1_000_000)) == 60


@given(st.text(), st.text(), st.sampled_from(Kind))
def test_words_are_one_printable_line_whatever_the_program_says(name: str, value: str, kind: Kind) -> None:
    trace = trace_of(f"T0 {kind} thing")
    odd = attrs.evolve(trace, objects=(attrs.evolve(trace.objects[0], name=name),))
    event = attrs.evolve(trace.events[0], value=value, result=value or None)
    assert describe(odd, event).isprintable()
