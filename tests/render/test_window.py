import pytest

from support.traces import trace_of
from threadsim.model.errors import ThreadsimError
from threadsim.model.trace import Trace
from threadsim.render.window import WHOLE, Window


@pytest.fixture
def trace() -> Trace:
    return trace_of(
        "T0 start T1\nT1 begin\nT0 start T2\nT2 begin\nT1 end\nT2 end",
        threads=("MainThread", "Thread-1 (work)", "worker-2"),
    )


@pytest.mark.parametrize(
    ("window", "numbers"),
    [
        (WHOLE, [0, 1, 2, 3, 4, 5]),
        (Window(first=2), [2, 3, 4, 5]),
        (Window(last=2), [0, 1, 2]),
        (Window(first=2, last=3), [2, 3]),
        (Window(first=-5, last=0), [0]),
        (Window(first=3, last=2), []),
        (Window(last=-1), []),
        (Window(first=6), []),
        (Window(threads=("Thread-1",)), [1, 4]),
        (Window(threads=("T2", "Main*")), [0, 2, 3, 5]),
        (Window(first=2, threads=("Thread-1 (work)",)), [4]),
    ],
)
def test_a_window_holds_just_what_it_says(trace: Trace, window: Window, numbers: list[int]) -> None:
    assert [event.number for event in window.events(trace)] == numbers


def test_an_unknown_thread_is_an_error_that_lists_the_threads(trace: Trace) -> None:
    with pytest.raises(ThreadsimError) as error:
        Window(threads=("Thread-9",)).events(trace)
    assert str(error.value) == (
        "no thread is called 'Thread-9'; there are T0 MainThread, T1 Thread-1 (work), T2 worker-2"
    )


def test_an_unknown_thread_among_hundreds_lists_the_first_few() -> None:
    crowd = trace_of("T0 sleep", threads=[f"worker-{n}" for n in range(300)])
    with pytest.raises(ThreadsimError, match=r"T19 worker-19, …$"):
        Window(threads=("nobody",)).events(crowd)


def test_an_empty_window_says_what_there_is(trace: Trace) -> None:
    assert Window(first=6).nothing_here(trace) == "no events from 6: the trace has events 0 to 5"
    assert WHOLE.nothing_here(trace_of("", ending=None)) == "no events: the trace is empty"
