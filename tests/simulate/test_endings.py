"""How a program ends, and what a person is told about it."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from support.simulation import outcomes_of, story
from threadsim import Outcome, ThreadsimError, simulate
from threadsim.simulate.execution import Execution


def message(execution: Execution) -> str:
    assert execution.trace.ending is not None
    return execution.trace.ending.message


def test_what_the_program_returns_is_the_result() -> None:
    execution = simulate(lambda: 42)
    assert (execution.outcome, execution.result, execution.error) == (Outcome.PASSED, 42, None)
    assert message(execution) == ""


def test_exception_in_main_fails_the_execution() -> None:
    def program() -> None:
        raise LookupError("nothing there")

    execution = simulate(program)
    assert execution.outcome is Outcome.FAILED
    assert isinstance(execution.error, LookupError)
    assert story(execution) == ["T0 raise = nothing there -> LookupError", "T0 end"]
    assert message(execution) == "LookupError: nothing there in MainThread"
    assert execution.trace.ending is not None
    failure = execution.trace.ending.failure
    assert failure is not None
    assert (failure.thread, failure.type, failure.message) == (0, "LookupError", "nothing there")
    assert failure.site is not None
    assert failure.site.function.endswith("program")


def test_threads_end_in_peace_after_main_failed() -> None:
    def program() -> None:
        threading.Timer(5, print, ["went on"]).start()
        raise LookupError

    execution = simulate(program)
    assert (execution.outcome, execution.output) == (Outcome.FAILED, "went on\n")


def test_the_first_failure_counts() -> None:
    def program() -> None:
        threading.Timer(1, lambda: 1 / 0).start()
        threading.Timer(2, lambda: [][0]).start()

    execution = simulate(program)
    assert isinstance(execution.error, ZeroDivisionError)
    assert [event.result for event in execution.trace.select("raise")] == ["ZeroDivisionError", "IndexError"]


def test_traceback_has_the_programs_frames_only() -> None:
    def inner() -> None:
        raise LookupError

    def program() -> None:
        inner()

    error = simulate(program).error
    assert error is not None
    traceback, names = error.__traceback__, []
    while traceback is not None:
        names.append(traceback.tb_frame.f_code.co_name)
        traceback = traceback.tb_next
    assert names == ["program", "inner"]


@pytest.mark.parametrize(
    ("code", "outcome", "result", "errors"),
    [
        ((), Outcome.PASSED, None, ""),
        ((None,), Outcome.PASSED, None, ""),
        ((0,), Outcome.PASSED, 0, ""),
        ((3,), Outcome.FAILED, 3, ""),
        (("no luck",), Outcome.FAILED, "no luck", "no luck\n"),
    ],
)
def test_sys_exit(code: tuple[Any, ...], outcome: Outcome, result: Any, errors: str) -> None:
    execution = simulate(lambda: sys.exit(*code))
    assert (execution.outcome, execution.result, execution.errors) == (outcome, result, errors)


# Deadlocks.


def test_deadlock_says_who_waits_for_what_where_and_held_by_whom() -> None:
    def program() -> None:
        first, second = threading.Lock(), threading.Lock()

        def work() -> None:
            with second:
                time.sleep(1)
                with first:
                    pass

        threading.Thread(target=work, name="worker").start()
        with first:
            time.sleep(1)
            with second:
                pass

    execution = simulate(program)
    assert execution.outcome is Outcome.DEADLOCK
    assert execution.error is None
    text = message(execution)
    assert "worker waits for first" in text
    assert "held by MainThread" in text
    assert "MainThread waits for second" in text
    assert "held by worker" in text
    assert text.count("test_endings.py:") == 2
    with pytest.raises(ThreadsimError, match="worker waits for first"):
        execution.assert_passed()


@pytest.mark.parametrize(
    ("wait", "kind", "name"),
    [
        (lambda: threading.Event().wait(), "wait", "event"),
        (lambda: threading.Semaphore(0).acquire(), "acquire", "semaphore"),
        (lambda: threading.Barrier(2).wait(), "wait", "barrier"),
    ],
)
def test_who_waits_for_ever_is_told_with_the_operation(
    wait: Callable[[], object], kind: str, name: str
) -> None:
    execution = simulate(wait)
    assert execution.outcome is Outcome.DEADLOCK
    assert execution.trace.ending is not None
    (waiting,) = execution.trace.ending.waiting
    assert waiting.kind == kind
    assert waiting.obj is not None
    assert execution.trace.objects[waiting.obj].name == name


def test_waiting_for_a_thread_that_waits_is_a_deadlock() -> None:
    def program() -> None:
        lock = threading.Lock()
        lock.acquire()
        thread = threading.Thread(target=lock.acquire, name="worker")
        thread.start()
        thread.join()

    execution = simulate(program)
    assert execution.outcome is Outcome.DEADLOCK
    assert execution.trace.ending is not None
    join, acquire = execution.trace.ending.waiting
    assert (join.kind, join.target, acquire.kind, acquire.holder) == ("join", 1, "acquire", 0)


def test_thread_that_waits_for_ever_after_main_returned_is_a_deadlock() -> None:
    def program() -> None:
        threading.Thread(target=threading.Event().wait, name="worker").start()

    execution = simulate(program)
    assert execution.outcome is Outcome.DEADLOCK
    assert execution.trace.ending is not None
    assert [waiting.thread for waiting in execution.trace.ending.waiting] == [1]


def test_daemon_that_waits_for_ever_is_none() -> None:
    def program() -> None:
        threading.Thread(target=threading.Event().wait, daemon=True).start()

    assert outcomes_of(program) == {None}


# Livelocks.


def test_threads_that_go_round_for_ever_are_a_livelock() -> None:
    def program() -> None:
        turn = threading.Event()

        def spin() -> None:
            while not turn.is_set():
                pass

        threading.Thread(target=spin, name="spinner").start()
        spin()

    execution = simulate(program, max_steps=500)
    assert (execution.outcome, execution.steps) == (Outcome.LIVELOCK, 500)
    assert "500" in message(execution)
    assert "spinner" in message(execution)
    assert "max_steps" in message(execution)


def test_long_programs_get_more_steps() -> None:
    def program() -> str:
        lock = threading.Lock()
        for _ in range(300):
            with lock:
                pass
        return "done"

    assert simulate(program, max_steps=500).outcome is Outcome.LIVELOCK
    assert simulate(program, max_steps=1000).result == "done"


# What unwinding must not show.


def test_what_finally_blocks_raise_after_the_end_is_nobodys_failure() -> None:
    def program() -> None:
        lock = threading.Lock()
        lock.acquire()

        def work() -> None:
            try:
                lock.acquire()
            finally:
                raise LookupError

        threading.Thread(target=work).start()
        try:
            lock.acquire()
        finally:
            raise LookupError

    execution = simulate(program)
    assert (execution.outcome, execution.error, execution.errors) == (Outcome.DEADLOCK, None, "")
    assert execution.trace.select("raise") == ()


def test_waiter_in_a_condition_unwinds_though_another_has_the_lock() -> None:
    unwound = []

    def program() -> None:
        ready = threading.Condition()

        def work() -> None:
            try:
                with ready:
                    ready.wait()
            except BaseException as error:
                unwound.append(type(error).__name__)
                raise

        threading.Thread(target=work).start()
        time.sleep(1)
        ready.acquire()
        threading.Event().wait()

    execution = simulate(program)
    assert (execution.outcome, execution.error) == (Outcome.DEADLOCK, None)
    assert unwound == ["Unwind"]


def test_thread_that_catches_everything_is_left_behind() -> None:
    def program() -> None:
        never = threading.Event()

        def work() -> None:
            while True:
                try:
                    never.wait()
                except BaseException:
                    continue

        threading.Thread(target=work, daemon=True).start()
        time.sleep(1)

    assert outcomes_of(program, range(5)) == {None}
