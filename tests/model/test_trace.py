from __future__ import annotations

from typing import Any

import attrs
import pytest

from support.traces import trace_of
from threadsim.model.errors import ThreadsimError
from threadsim.model.event import Kind
from threadsim.model.schedule import Run, Schedule
from threadsim.model.trace import Ending, Failure, Header, Outcome, Trace


def trace() -> Trace:
    return trace_of(
        """
        T0 start T1
        T1 begin
        T1 acquire lock
        T1 write counts['a'] = 1
        T1 write counts = {}
        T1 release lock
        T1 output stdout = "one"
        T0 output stderr = "oh"
        T0 output stdout = "two"
        T1 raise = boom
        T1 end
        T0 join T1
        """,
        threads=["MainThread", "Thread-1 (work)"],
    )


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ({}, list(range(12))),
        ({"kind": "output"}, [6, 7, 8]),
        ({"kind": "output", "thread": "MainThread"}, [7, 8]),
        ({"kind": "start", "obj": "Thread-1"}, [0]),
        ({"obj": "T1"}, [0, 11]),
        ({"obj": "counts"}, [3, 4]),
        ({"obj": "counts['a']"}, [3]),
        ({"obj": "std*"}, [6, 7, 8]),
        ({"kind": "acquire", "obj": "lock", "thread": "T0"}, []),
        ({"thread": "nobody"}, []),
    ],
)
def test_events_are_selected_by_words(words: Any, numbers: list[int]) -> None:
    assert [event.number for event in trace().select(**words)] == numbers


def test_first_is_the_first_that_select_gives() -> None:
    assert trace().first("output", obj="stdout", thread="T0") == trace().events[8]


def test_first_says_what_there_is_instead() -> None:
    with pytest.raises(ThreadsimError) as caught:
        trace().first("acquire", obj="rlock")
    assert (
        str(caught.value)
        == "no event of this trace is 'acquire rlock'; there is acquire lock by Thread-1 (work)"
    )
    with pytest.raises(ThreadsimError, match=r"'put'; its kinds are acquire, begin, end, join, output, "):
        trace().first("put")
    with pytest.raises(ThreadsimError, match=r"; it has no events$"):
        Trace(Header("recorded", "x")).first("put")


def test_first_names_only_some_of_many() -> None:
    many = trace_of("\n".join(f"T0 acquire lock{number}" for number in range(20)))
    with pytest.raises(ThreadsimError, match=r"there is (acquire lock\d+ by MainThread, ){7}acquire .* …$"):
        many.first("acquire", obj="other")


def test_an_unknown_kind_is_an_error_and_not_an_empty_answer() -> None:
    with pytest.raises(ThreadsimError, match="there is no event kind 'lock'"):
        trace().select("lock")


def test_output_is_what_went_to_standard_output() -> None:
    assert trace().output == "onetwo"


def test_objects_are_called_as_in_the_source() -> None:
    assert [trace().object_name(trace().events[number]) for number in (0, 1, 2, 3)] == [
        "Thread-1 (work)",
        None,
        "lock",
        "counts['a']",
    ]


def test_a_trace_without_an_ending_is_incomplete() -> None:
    whole, cut_off = trace(), attrs.evolve(trace(), ending=None)
    assert (whole.complete, whole.outcome) == (True, Outcome.PASSED)
    assert (cut_off.complete, cut_off.outcome) == (False, None)


@pytest.mark.parametrize(("thread", "number"), [(1, 9), (0, None)])
def test_the_failing_event_is_the_raise_of_the_thread_that_failed(thread: int, number: int | None) -> None:
    ending = Ending(Outcome.FAILED, Failure(thread, "ValueError", "boom"))
    failing = attrs.evolve(trace(), ending=ending).failing_event
    assert (failing and failing.number) == number
    assert trace().failing_event is None


def test_a_schedule_counts_its_points_and_switches() -> None:
    runs = (Run(0, 2, Kind.START), Run(1, 5, Kind.BEGIN), Run(0, 1, Kind.JOIN))
    schedule = Schedule(runs)
    assert (schedule.points, schedule.switches) == (8, 2)
    assert list(schedule.starts()) == [(0, runs[0]), (2, runs[1]), (7, runs[2])]
    assert (Schedule().points, Schedule().switches) == (0, 0)


def test_what_is_derived_is_worked_out_once() -> None:
    calls = []

    def length(trace: Trace) -> int:
        calls.append(trace)
        return len(trace.events)

    one = trace()
    assert [one.derived(length), one.derived(length)] == [12, 12]
    assert len(calls) == 1
