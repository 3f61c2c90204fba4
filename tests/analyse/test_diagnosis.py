"""Which class of bug a failing trace is found to show, and which it is not."""

from __future__ import annotations

import time

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import threadsim.analyse  # noqa: F401 - gives traces their analyses
from support.failures import failed, numbers
from support.traces import trace_of
from threadsim.analyse.diagnosis import diagnose
from threadsim.model.findings import Cause
from threadsim.model.trace import Ending, Outcome, Trace

KINDS = {"d": "dict", "items": "deque", "jobs": "Queue", "lock": "Lock"}
ENDS = "T1 end\nT2 end\nT0 raise = 1 != 2"


def found(trace: Trace) -> tuple[Cause | None, list[int]]:
    """The class, and the numbers of the events."""
    diagnosis = diagnose(trace)
    return diagnosis.cause, numbers(diagnosis.events)


# Lost update.

LOST = """
    T1 read counter = 0
    T2 read counter = 0
    T1 write counter = 1
    T2 write counter = 1
    """


def test_a_lost_update_is_the_read_the_write_that_is_lost_and_the_one_that_overwrites_it() -> None:
    assert found(failed(LOST + ENDS)) == (Cause.LOST_UPDATE, [1, 2, 3])


def test_a_lost_update_in_words() -> None:
    assert diagnose(failed(LOST + ENDS)).summary == (
        "Thread-2 read counter → 0 at example.py:2, Thread-1 wrote counter = 1 at line 3, "
        "and Thread-2 then overwrote it with 1 at line 4: one update is lost."
    )


def test_an_item_of_a_container_can_lose_an_update_too() -> None:
    rows = LOST.replace("counter", "d['a']")
    assert found(failed(rows + ENDS, kinds=KINDS)) == (Cause.LOST_UPDATE, [1, 2, 3])


def test_an_update_of_an_item_may_begin_with_a_look_at_the_whole() -> None:
    trace = failed("T1 read d\nT2 read d\nT1 write d['a'] = 1\nT2 write d['a'] = 1\n" + ENDS, kinds=KINDS)
    line = trace.events[0].site
    on_one_line = tuple(
        attrs.evolve(event, site=line) if event.number < 4 else event for event in trace.events
    )
    assert found(attrs.evolve(trace, events=on_one_line)) == (Cause.LOST_UPDATE, [1, 2, 3])
    assert found(trace) == (Cause.CHECK_THEN_ACT, [1, 2, 3])


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(
            "T1 read counter = 0\nT1 write counter = 1\nT2 read counter = 1\nT2 write counter = 2",
            id="one after the other",
        ),
        pytest.param(
            "T1 read counter = 0\nT2 write counter = 0\nT1 write counter = 1",
            id="the other one sets it without a look",
        ),
        pytest.param(
            "T1 read counter = 0\nT2 read counter = 0\nT1 write counter = 0\nT2 write counter = 1",
            id="nothing was changed",
        ),
        pytest.param(
            "T1 read counter = 0\nT2 read total = 0\nT1 write counter = 1\nT2 write total = 1",
            id="two locations",
        ),
        pytest.param(
            "T1 read d['a'] = 0\nT2 read d['b'] = 0\nT1 write d['a'] = 1\nT2 write d['b'] = 1",
            id="two items",
        ),
    ],
)
def test_where_no_update_is_overwritten_none_is_lost(rows: str) -> None:
    assert found(failed(f"{rows}\n{ENDS}", kinds=KINDS)) == (None, [])


# Check-then-act.


def test_an_item_that_was_there_is_gone_when_it_is_taken() -> None:
    trace = failed(
        "T1 read d\nT2 delete d['a']\nT1 read d['a']\nT1 raise = no -> KeyError", at=2, kinds=KINDS
    )
    assert found(trace) == (Cause.CHECK_THEN_ACT, [0, 1, 2])
    assert diagnose(trace).summary == (
        "Thread-1 looked at d at example.py:1, Thread-2 deleted d['a'] at line 2, "
        "and Thread-1 then read d['a'] at line 3: KeyError: no."
    )


def test_an_item_that_another_thread_takes_first() -> None:
    rows = "T1 read items\nT2 read items\nT2 write items\nT1 write items\nT1 raise -> IndexError"
    assert found(failed(rows, at=3, kinds=KINDS)) == (Cause.CHECK_THEN_ACT, [0, 2, 3])


def test_what_was_changed_along_with_what_was_looked_at() -> None:
    rows = """
        T1 read closed = False
        T2 write closed = True
        T2 write file = None
        T1 read file = None
        T1 raise = no attribute -> AttributeError
        """
    trace = failed(rows, at=3)
    assert found(trace) == (Cause.CHECK_THEN_ACT, [0, 1, 2, 3])
    assert diagnose(trace).summary == (
        "Thread-1 read closed → False at example.py:1, Thread-2 wrote closed = True at line 2 "
        "and wrote file = None at line 3, and Thread-1 then read file → None at line 4: "
        "AttributeError: no attribute."
    )


def test_a_new_value_by_an_old_decision() -> None:
    rows = """
        T1 read balance = 100
        T2 read balance = 100
        T2 write balance = 20
        T1 read balance = 20
        T1 write balance = -60
        """
    trace = failed(rows + ENDS)
    assert found(trace) == (Cause.CHECK_THEN_ACT, [0, 2, 4])
    assert diagnose(trace).summary.endswith("wrote balance = -60 at line 5, by a check that was out of date.")


def test_what_was_missing_is_made_twice() -> None:
    rows = "T1 read made = None\nT2 read made = None\nT1 write made\nT2 write made\n"
    assert found(failed(rows + ENDS)) == (Cause.CHECK_THEN_ACT, [1, 2, 3])


def test_what_is_in_no_container_is_added_twice() -> None:
    rows = "T1 read items\nT2 read items\nT1 write items\nT2 write items\n"
    assert found(failed(rows + ENDS, kinds=KINDS)) == (Cause.CHECK_THEN_ACT, [1, 2, 3])


def test_a_queue_that_was_not_empty_is_empty() -> None:
    rows = "T1 size jobs\nT2 get jobs\nT1 get jobs -> empty\nT1 raise -> Empty"
    trace = failed(rows, at=2, kinds=KINDS)
    assert found(trace) == (Cause.CHECK_THEN_ACT, [0, 1, 2])
    assert diagnose(trace).summary == (
        "Thread-1 looked at jobs at example.py:1, Thread-2 took an item from jobs at line 2, "
        "and Thread-1 then found it empty at line 3."
    )


@pytest.mark.parametrize(
    ("rows", "at"),
    [
        pytest.param("T2 delete d['a']\nT1 read d\nT1 read d['a']\nT1 raise -> KeyError", 2, id="before"),
        pytest.param(
            "T1 read d\nT2 write d['b'] = 1\nT1 read d['a']\nT1 raise -> KeyError", 2, id="other item"
        ),
        pytest.param(
            "T1 read d\nT1 delete d['a']\nT1 read d['a']\nT1 raise -> KeyError", 2, id="its own doing"
        ),
        pytest.param("T1 read d\nT2 read d\nT1 read d['a']\nT1 raise -> KeyError", 2, id="nothing changed"),
        pytest.param(
            "T1 read d\nT2 write d\nT1 read d['a']\nT1 sleep\nT1 raise -> OSError", 4, id="elsewhere"
        ),
        pytest.param("T1 size jobs\nT1 get jobs -> empty\nT1 raise -> Empty", 1, id="nobody took it"),
        pytest.param(
            "T1 get jobs\nT2 get jobs\nT1 get jobs -> empty\nT1 raise -> Empty", 2, id="nobody asked"
        ),
        pytest.param(
            "T1 read closed = False\nT2 write closed = True\nT1 read file\nT1 raise -> OSError",
            2,
            id="unrelated",
        ),
    ],
)
def test_where_nothing_was_checked_or_nothing_came_between_it_is_no_check_then_act(
    rows: str, at: int
) -> None:
    assert diagnose(failed(rows, at=at, kinds=KINDS)).cause is not Cause.CHECK_THEN_ACT


def test_a_thread_that_waited_in_between_knows_that_things_change() -> None:
    rows = "T1 read items\nT1 wait cond\nT2 write items\nT1 wake cond\nT1 write items\n"
    trace = failed(rows + ENDS, kinds={**KINDS, "cond": "Condition"})
    assert found(trace) == (None, [])


# Write skew.

SKEW = """
    T1 read bob = True
    T2 read alice = True
    T1 write alice = False
    T2 write bob = False
    """


def test_write_skew_is_both_reads_and_both_writes() -> None:
    trace = failed(SKEW + ENDS)
    assert found(trace) == (Cause.WRITE_SKEW, [0, 1, 2, 3])
    assert diagnose(trace).summary == (
        "Thread-1 read bob → True at example.py:1 and wrote alice = False at line 3; "
        "Thread-2 read alice → True at line 2 and wrote bob = False at line 4: "
        "each had read before the other one wrote."
    )


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(
            "T1 read bob = True\nT1 write alice = False\nT2 read alice = False\nT2 write bob = False",
            id="the second saw it",
        ),
        pytest.param(
            "T1 write alice = False\nT2 write bob = False\nT1 read bob = False\nT2 read alice = False",
            id="writes first",
        ),
        pytest.param(
            "T1 read stop = False\nT2 read count = 0\nT1 write count = 1\nT2 write stop = True",
            id="a counter and a flag",
        ),
        pytest.param(
            "T1 read bob = True\nT2 read alice = True\nT1 write alice = False\nT2 write carol = False",
            id="one of them only",
        ),
    ],
)
def test_where_one_saw_what_the_other_wrote_there_is_no_write_skew(rows: str) -> None:
    assert found(failed(f"{rows}\n{ENDS}")) == (None, [])


# Order violation.


def test_a_read_before_the_first_write() -> None:
    rows = "T0 start T1\nT0 read result = None\nT1 write result = 42\nT0 read result = 42\nT0 raise = 42"
    trace = failed(rows, at=3)
    assert found(trace) == (Cause.ORDER_VIOLATION, [1, 2])
    assert diagnose(trace).summary == (
        "MainThread read result → None at example.py:2 before Thread-1 wrote result = 42 at line 3: "
        "nothing makes it wait for that."
    )


def test_a_read_before_a_thread_that_was_not_joined_wrote() -> None:
    rows = "T0 start T1\nT0 start T2\nT1 write n = 1\nT0 read n = 1\nT0 raise = 1\nT2 write n = 2"
    assert found(failed(rows, at=3)) == (Cause.ORDER_VIOLATION, [3, 5])


def test_a_use_after_the_end() -> None:
    trace = failed("T1 write conn = None\nT2 read conn = None\nT2 raise = gone -> AttributeError", at=1)
    assert found(trace) == (Cause.ORDER_VIOLATION, [0, 1])
    assert diagnose(trace).summary == (
        "Thread-1 wrote conn = None at example.py:1 before Thread-2 read conn → None at line 2: "
        "nothing makes the one wait for the other."
    )


@pytest.mark.parametrize(
    ("rows", "at"),
    [
        pytest.param(
            "T0 read result = None\nT0 raise -> TypeError\nT0 start T1\nT1 begin\nT1 write result = 42",
            0,
            id="ordered",
        ),
        pytest.param(
            "T1 write a = 40\nT0 read a = 40\nT0 read b = 50\nT0 raise = 90\nT1 write b = 60",
            2,
            id="half done",
        ),
        pytest.param(
            "T1 write x = 1\nT0 read x = 1\nT0 raise -> TypeError\nT1 write x = 2",
            1,
            id="not the first write",
        ),
        pytest.param("T1 write conn = 7\nT2 read conn = 7\nT2 raise -> OSError", 1, id="not done away with"),
        pytest.param(
            "T1 write conn = None\nT1 end\nT0 join T1\nT0 read conn = None\nT0 raise -> TypeError",
            3,
            id="joined",
        ),
    ],
)
def test_where_the_order_is_kept_or_does_not_matter_it_is_not_violated(rows: str, at: int) -> None:
    assert diagnose(failed(f"T0 start T1\nT1 begin\n{rows}", at=at + 2)).cause is None


# Iteration during mutation.

ITERATING = (
    "T1 read d\nT1 read d\n{}\nT1 read d\nT1 raise = dictionary changed size during iteration -> RuntimeError"
)


def test_a_container_that_changes_while_it_is_gone_through() -> None:
    trace = failed(ITERATING.format("T2 write d['b'] = 1"), at=3, kinds=KINDS)
    assert found(trace) == (Cause.ITERATION_DURING_MUTATION, [1, 2, 3])
    assert diagnose(trace).summary == (
        "Thread-1 was going through d at example.py:4 when Thread-2 wrote d['b'] = 1 at line 3."
    )


@pytest.mark.parametrize("row", ["T1 write d['b'] = 1", "T2 read d", "T2 write items"])
def test_a_container_that_its_own_thread_changes_is_no_bug_of_two_threads(row: str) -> None:
    assert diagnose(failed(ITERATING.format(row), at=3, kinds=KINDS)).cause is None


def test_another_runtime_error_is_no_iteration() -> None:
    trace = failed("T1 read d\nT2 write d\nT1 read d\nT1 raise = no -> RuntimeError", at=2, kinds=KINDS)
    assert diagnose(trace).cause is not Cause.ITERATION_DURING_MUTATION


# Which one, where there are several.


def test_a_bug_that_the_failure_did_not_read_is_not_its_cause() -> None:
    rows = LOST + "T3 begin\nT0 read total = 3\nT0 raise = 3\nT3 write total = 4\nT3 write total = 5"
    assert diagnose(failed(rows, at=5)).cause is not Cause.LOST_UPDATE


def test_a_bug_two_steps_away_is_found() -> None:
    rows = LOST + "T2 write total = 1\nT3 begin\nT0 read total = 1\nT0 raise = 1"
    assert found(failed(rows, at=6)) == (Cause.LOST_UPDATE, [1, 2, 3])


def test_the_nearer_of_two_bugs_is_told() -> None:
    far = LOST + "T2 write total = 1\n"
    near = "T1 read total = 1\nT2 read total = 1\nT1 write total = 2\nT2 write total = 3\n"
    trace = failed(near + far + "T3 begin\nT0 read total = 1\nT0 raise = 1", at=10)
    assert diagnose(trace).summary.count("total") == 2


def test_an_exception_that_has_to_do_with_nothing_shared_has_no_class() -> None:
    trace = failed(LOST + "T3 begin\nT3 sleep\nT3 raise = no -> ZeroDivisionError")
    assert diagnose(failed(LOST + "T2 raise = no -> ZeroDivisionError")).cause is None
    assert found(trace) == (None, [])
    assert diagnose(trace).summary == "Thread-3 failed at example.py:7: ZeroDivisionError: no."


def test_without_a_class_it_is_told_what_was_read_and_who_wrote_it() -> None:
    rows = "T1 write a = 40\nT2 read a = 40\nT2 read b = 50\nT2 raise = 90\nT1 write b = 60"
    trace = failed(rows, at=2)
    assert found(trace) == (None, [0, 1])
    assert diagnose(trace).summary == (
        "Thread-2 failed at example.py:3: AssertionError: 90; "
        "it read a → 40 at line 2, after Thread-1 wrote a = 40 at line 1."
    )


@pytest.mark.parametrize("outcome", [Outcome.LIVELOCK, Outcome.DIVERGED, Outcome.INTERRUPTED, None])
def test_what_did_not_fail_by_itself_has_no_class(outcome: Outcome | None) -> None:
    ending = None if outcome is None else Ending(outcome, message="so it ended")
    diagnosis = diagnose(trace_of(LOST, ending=ending))
    assert (diagnosis.cause, diagnosis.events) == (None, ())
    assert diagnosis.summary.startswith("so it ended" if outcome else "incomplete")


def test_what_passed_but_for_a_check_afterwards_is_looked_at() -> None:
    assert found(trace_of(LOST)) == (Cause.LOST_UPDATE, [1, 2, 3])


# Any trace.

ACTIONS = [
    *["read x = 0", "write x = 1", "read y = None", "write y = 2", "delete y", "read d", "write d['a'] = 1"],
    *[
        "begin",
        "end",
        "start T1",
        "join T2",
        "acquire lock",
        "release lock",
        "size jobs",
        "get jobs -> empty",
    ],
    "raise = no -> KeyError",
]


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(ACTIONS)), max_size=25), st.integers(0, 25))
def test_any_trace_has_a_diagnosis_whose_events_are_its_own_in_order(
    rows: list[tuple[int, str]], at: int
) -> None:
    text = "\n".join(f"T{thread} {action}" for thread, action in [*rows, (1, "raise = no")])
    trace = failed(text, at=at, kinds=KINDS)
    diagnosis = diagnose(trace)
    assert diagnosis.summary.isprintable()
    assert numbers(diagnosis.events) == sorted(set(numbers(diagnosis.events)))
    assert all(trace.events[event.number] == event for event in diagnosis.events)
    assert diagnosis.cause is None or len({event.thread for event in diagnosis.events}) > 1


def test_a_long_trace_is_diagnosed_in_a_moment() -> None:
    rows = "".join(f"T{n % 7} read x{n % 5} = {n}\nT{n % 7} write x{n % 5} = {n}\n" for n in range(1000))
    short = failed(rows + "T0 raise = no")
    raising = short.events[-1]
    events = [attrs.evolve(short.events[n % 2000], number=n) for n in range(40_000)]
    trace = attrs.evolve(short, events=(*events, attrs.evolve(raising, number=len(events))))
    begin = time.process_time()
    diagnose(trace)
    assert time.process_time() - begin < 10  # 1 s here
