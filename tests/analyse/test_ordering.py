from __future__ import annotations

import re

import pytest

import threadsim.analyse  # noqa: F401 - gives traces their analyses
from support.traces import trace_of
from threadsim.model.errors import OrderingError, ThreadsimError
from threadsim.model.trace import Trace

TRACE = """
    T0 start T1
    T0 start T2
    T1 begin
    T1 acquire lock
    T2 begin
    T2 acquire lock -> would block
    T1 release lock
    T2 acquire lock
    T2 release lock
    T1 end
    T2 end
    T0 join T1
    """


def trace() -> Trace:
    return trace_of(TRACE, threads=["MainThread", "Thread-1 (work)", "reader"])


def complaint(*selectors: str) -> str:
    with pytest.raises(OrderingError) as caught:
        trace().assert_order(*selectors)
    return str(caught.value)


@pytest.mark.parametrize(
    "selectors",
    [
        ("start Thread-1", "acquire lock by Thread-1", "release lock by Thread-1"),
        ("acquire lock by Thread-1", "acquire lock by reader", "release lock by reader", "join Thread-1"),
        ("start", "start", "begin"),
        ("* by T1", "* by T1", "* by T2"),
    ],
)
def test_events_in_this_order_are_found(selectors: tuple[str, ...]) -> None:
    trace().assert_order(*selectors)


def test_a_wrong_order_shows_both_events_their_sites_and_the_rows_around_them() -> None:
    first, second, empty, *rows = complaint(
        "acquire lock by Thread-1", "end by reader", "acquire lock by Thread-1"
    ).splitlines()
    assert first == "no 'acquire lock by Thread-1' after event 10 (end by reader)"
    assert second == "the last one is event 3 (acquire lock by Thread-1 (work), at example.py:4)"
    assert empty == ""
    numbers = [int(match[0]) for row in rows if (match := re.search(r"\d+", row))]
    assert numbers == list(range(12))
    assert [int(re.findall(r"\d+", row)[0]) for row in rows if row.startswith(">")] == [3, 10]
    assert "example.py:4" in rows[3]


def test_the_one_event_that_both_would_need_is_called_so() -> None:
    message = complaint("join", "join")
    assert message.startswith(
        "no 'join' after event 11 (join Thread-1 (work) by MainThread, at example.py:12)\n"
        "that event itself is the last one\n"
    )


def test_a_selector_that_means_no_event_is_told_what_there_is() -> None:
    assert complaint("start", "acquire rlock") == (
        "no event of this trace is 'acquire rlock'; "
        "there is acquire lock by Thread-1 (work), acquire lock by reader"
    )
    assert complaint("put queue", "start").startswith(
        "no event of this trace is 'put queue'; its kinds are acquire, begin,"
    )


def test_an_ordering_error_is_an_assertion_and_an_error_of_ours() -> None:
    assert issubclass(OrderingError, AssertionError)
    assert issubclass(OrderingError, ThreadsimError)


def test_fewer_than_two_events_have_no_order() -> None:
    with pytest.raises(ThreadsimError, match="compares at least two events"):
        trace().assert_order("start")


def test_a_selector_that_cannot_be_read_is_no_ordering_error() -> None:
    with pytest.raises(ThreadsimError, match="there is no event kind 'acquir'") as caught:
        trace().assert_order("start", "acquir lock")
    assert not isinstance(caught.value, OrderingError)
