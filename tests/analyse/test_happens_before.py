from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import threadsim.analyse  # noqa: F401 - gives traces their analyses
from support.traces import trace_of
from threadsim.analyse.happens_before import Clocks
from threadsim.model.causality import edges
from threadsim.model.errors import ThreadsimError
from threadsim.model.trace import Trace

KINDS = {
    "cond": "Condition",
    "event": "Event",
    "sem": "Semaphore",
    "bar": "Barrier",
    "queue": "PriorityQueue",
}
ACTIONS = [
    *["begin", "end", "start T1", "start T2", "join T1", "join T2", "acquire lock", "release lock"],
    *["acquire cond", "release cond", "wait cond", "wake cond", "notify cond", "notify_all cond"],
    *[
        "set event",
        "clear event",
        "wait event",
        "wake event",
        "acquire sem",
        "release sem",
        "wait bar",
        "wake bar",
    ],
    *["put queue", "get queue", "task_done queue", "join queue", "write x = 1"],
]
rows = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(ACTIONS)), max_size=25)


def closure(trace: Trace) -> set[tuple[int, int]]:
    """All pairs of which the first happens before the second, by following every path."""
    events = trace.events
    after: dict[int, set[int]] = {event.number: set() for event in events}
    for edge in edges(trace):
        after[edge.first].add(edge.second)
    for first in events:
        after[first.number] |= {e.number for e in events[first.number + 1 :] if e.thread == first.thread}
    reached: dict[int, set[int]] = {}
    for number in sorted(after, reverse=True):  # paths only lead to higher numbers
        reached[number] = after[number].union(*(reached[follower] for follower in after[number]))
    return {(first, second) for first, others in reached.items() for second in others}


@given(rows)
def test_clocks_say_what_following_every_path_says(rows: list[tuple[int, str]]) -> None:
    trace = trace_of("\n".join(f"T{thread} {action}" for thread, action in rows), kinds=KINDS)
    assert {
        (first.number, second.number)
        for first in trace.events
        for second in trace.events
        if trace.happens_before(first, second)
    } == closure(trace)


def locked() -> Trace:
    return trace_of(
        """
        T0 start T1
        T0 write x = 1
        T1 begin
        T1 acquire lock
        T1 write x = 2
        T1 release lock
        T0 read x = 2
        T0 acquire lock
        T0 read x = 2
        """
    )


def test_what_a_lock_orders_and_what_it_does_not() -> None:
    trace = locked()
    start, write, begin, _, locked_write, release, racy_read, acquire, locked_read = trace.events
    assert trace.happens_before(start, begin)
    assert trace.happens_before(locked_write, locked_read)
    assert trace.happens_before(release, acquire)
    assert not trace.happens_before(locked_read, locked_write)
    assert not trace.happens_before(locked_write, racy_read)
    assert not trace.happens_before(racy_read, locked_write)
    assert not trace.happens_before(write, locked_write)
    assert not trace.happens_before(write, write)


def test_the_clock_of_an_event_names_the_last_event_known_of_each_thread() -> None:
    clocks = Clocks(locked())
    assert clocks.at(0) == {0: 0}
    assert clocks.at(4) == {0: 0, 1: 4}
    assert clocks.at(6) == {0: 6}
    assert clocks.at(8) == {0: 8, 1: 5}


def test_clocks_are_worked_out_once_a_trace() -> None:
    trace = locked()
    assert trace.derived(Clocks) is trace.derived(Clocks)
    assert trace.derived(Clocks) is not locked().derived(Clocks)


def test_a_trace_is_equal_to_one_that_was_analysed() -> None:
    trace = locked()
    trace.derived(Clocks)
    assert trace == locked()
    assert attrs.evolve(trace, events=trace.events[:4]).derived(Clocks).at(3) == {0: 0, 1: 3}


def test_events_of_another_trace_are_refused() -> None:
    trace = locked()
    later = attrs.evolve(trace.events[3], time=9.0)
    beyond = attrs.evolve(trace.events[3], number=9)
    for stranger in (later, beyond):
        with pytest.raises(
            ThreadsimError, match=rf"^event {stranger.number} \(acquire\) is not one of this trace$"
        ):
            trace.happens_before(trace.events[0], stranger)
