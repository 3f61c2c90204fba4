"""Which class of bug a deadlock is found to show."""

from __future__ import annotations

import pytest

import threadsim.analyse  # noqa: F401 - gives traces their analyses
from support.failures import deadlocked, numbers
from threadsim.analyse.diagnosis import diagnose
from threadsim.model.findings import Cause
from threadsim.model.trace import Trace

KINDS = {"cond": "Condition", "ready": "Event", "jobs": "Queue", "free": "Semaphore"}


def found(trace: Trace) -> tuple[Cause | None, list[int]]:
    diagnosis = diagnose(trace)
    return diagnosis.cause, numbers(diagnosis.events)


# Cycles.


def test_two_locks_in_two_orders() -> None:
    trace = deadlocked(
        "T1 acquire a\nT2 acquire b", "T0 join T1", "T1 acquire b held by T2", "T2 acquire a held by T1"
    )
    assert found(trace) == (Cause.DEADLOCK_CYCLE, [0, 1])
    assert diagnose(trace).summary == (
        "Thread-1 holds a (taken at example.py:1) and waits for b at line 4; "
        "Thread-2 holds b (taken at line 2) and waits for a at line 5: neither can go on."
    )


def test_a_cycle_of_three_leaves_out_who_only_waits_for_one_of_them() -> None:
    trace = deadlocked(
        "T1 acquire a\nT2 acquire b\nT3 acquire c\nT4 acquire d",
        "T4 acquire a held by T1",
        "T1 acquire b held by T2",
        "T2 acquire c held by T3",
        "T3 acquire a held by T1",
    )
    assert found(trace) == (Cause.DEADLOCK_CYCLE, [0, 1, 2])
    assert diagnose(trace).summary.endswith("none can go on.")
    assert "Thread-4" not in diagnose(trace).summary


def test_a_lock_that_its_holder_takes_again() -> None:
    trace = deadlocked("T1 acquire a", "T1 acquire a held by T1")
    assert found(trace) == (Cause.DEADLOCK_CYCLE, [0])
    assert diagnose(trace).summary == (
        "Thread-1 took a at example.py:1 and waits for it again at line 2: it holds it itself."
    )


def test_a_thread_that_joins_one_that_waits_for_its_lock() -> None:
    trace = deadlocked("T0 acquire a\nT0 start T1", "T0 join T1", "T1 acquire a held by T0")
    assert found(trace) == (Cause.DEADLOCK_CYCLE, [0])
    assert diagnose(trace).summary == (
        "MainThread holds a (taken at example.py:1) and waits for Thread-1 to end at line 3; "
        "Thread-1 waits for a at line 4: neither can go on."
    )


def test_of_a_lock_that_was_taken_more_than_once_the_last_time_counts() -> None:
    trace = deadlocked(
        "T1 acquire a\nT1 release a\nT1 acquire a\nT2 acquire b",
        "T1 acquire b held by T2",
        "T2 acquire a held by T1",
    )
    assert found(trace) == (Cause.DEADLOCK_CYCLE, [2, 3])


def test_a_chain_that_ends_is_no_cycle() -> None:
    trace = deadlocked("T2 acquire a\nT2 wait ready", "T1 acquire a held by T2", "T2 wait ready", kinds=KINDS)
    assert found(trace) == (None, [])
    assert "Thread-1 waits for a (example.py:3), held by Thread-2" in diagnose(trace).summary


# Missed notifies.


def test_a_notify_before_the_wait() -> None:
    rows = "T0 notify cond\nT1 acquire cond\nT1 wait cond"
    trace = deadlocked(rows, "T0 join T1", "T1 wait cond", kinds=KINDS)
    assert found(trace) == (Cause.MISSED_NOTIFY, [0, 2])
    assert diagnose(trace).summary == (
        "MainThread notified cond at example.py:1 before Thread-1 waited for cond at line 3: "
        "nobody wakes it now."
    )


def test_a_flag_that_was_up_for_a_moment() -> None:
    rows = "T0 set ready\nT0 clear ready\nT1 wait ready"
    trace = deadlocked(rows, "T1 wait ready", kinds=KINDS)
    assert found(trace) == (Cause.MISSED_NOTIFY, [0, 1, 2])


def test_a_flag_that_the_thread_takes_down_itself_before_it_waits() -> None:
    rows = "T0 set ready\nT1 clear ready\nT1 wait ready"
    assert found(deadlocked(rows, "T1 wait ready", kinds=KINDS)) == (Cause.MISSED_NOTIFY, [0, 1, 2])


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param("T1 wait cond", id="nobody ever did"),
        pytest.param("T1 notify cond\nT1 wait cond", id="it did so itself"),
        pytest.param("T2 wait cond\nT0 notify cond\nT2 wake cond\nT1 wait cond", id="it was for another one"),
        pytest.param("T2 wait cond\nT1 wait cond\nT0 notify cond\nT2 wake cond", id="one for two"),
        pytest.param(
            "T0 write n = 1\nT0 notify cond\nT1 acquire cond\nT1 read n = 1\nT1 wait cond", id="it knew of it"
        ),
        pytest.param(
            "T0 notify cond\nT1 wait cond\nT0 notify cond\nT1 wake cond\nT1 wait cond",
            id="it got a later one",
        ),
        pytest.param("T1 wait ready", id="never set"),
        pytest.param("T0 set ready\nT1 wait ready\nT0 clear ready\nT1 wait ready", id="it saw it"),
        pytest.param("T0 set ready\nT1 is_set ready\nT0 clear ready\nT1 wait ready", id="it looked"),
    ],
)
def test_what_was_not_missed_is_no_missed_notify(rows: str) -> None:
    obj = "ready" if "ready" in rows else "cond"
    assert found(deadlocked(rows, f"T1 wait {obj}", kinds=KINDS)) == (None, [])


# Check-then-act.


def test_a_queue_that_was_not_empty_when_it_was_asked() -> None:
    trace = deadlocked("T1 size jobs\nT2 size jobs\nT2 get jobs", "T1 get jobs", kinds=KINDS)
    assert found(trace) == (Cause.CHECK_THEN_ACT, [0, 2])
    assert diagnose(trace).summary == (
        "Thread-1 looked at jobs at example.py:1, Thread-2 took an item from jobs at line 3, "
        "and Thread-1 now waits for it in vain."
    )


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param("T1 size jobs", id="nobody took it"),
        pytest.param("T2 get jobs", id="nobody asked"),
        pytest.param("T2 get jobs\nT1 size jobs", id="asked later"),
        pytest.param("T1 size jobs\nT1 get jobs\nT2 get jobs", id="it had what it asked for"),
        pytest.param("T1 size jobs\nT2 get jobs -> empty", id="the other one got nothing"),
    ],
)
def test_a_queue_that_is_just_empty_is_no_check_then_act(rows: str) -> None:
    assert found(deadlocked(rows, "T1 get jobs", kinds=KINDS)) == (None, [])


def test_permits_that_run_out_have_no_class() -> None:
    trace = deadlocked("T2 acquire free", "T1 acquire free", "T2 acquire free", kinds=KINDS)
    assert found(trace) == (None, [])
