"""Condition, Event, Semaphore and Barrier: one call is one operation."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from support.simulation import outcomes_of, story, story_of
from threadsim import Outcome, simulate


def start(*bodies: Any) -> list[threading.Thread]:
    threads = [threading.Thread(target=body) for body in bodies]
    for thread in threads:
        thread.start()
    return threads


# Conditions.


def test_condition_and_its_own_lock_are_one_object() -> None:
    def program() -> None:
        ready = threading.Condition()
        with ready:
            ready.notify()

    execution = simulate(program)
    assert story(execution) == ["T0 acquire ready", "T0 notify ready", "T0 release ready", "T0 end"]
    assert [(obj.kind, obj.name) for obj in execution.trace.objects] == [("Condition", "ready")]


@pytest.mark.parametrize("kind", ["Lock", "RLock"])
def test_condition_over_a_lock_of_the_programs_is_a_second_object(kind: str) -> None:
    def program() -> None:
        mutex = getattr(threading, kind)()
        ready = threading.Condition(mutex)
        with ready:
            ready.notify_all()

    execution = simulate(program)
    assert story(execution) == ["T0 acquire mutex", "T0 notify_all ready", "T0 release mutex", "T0 end"]
    assert [obj.kind for obj in execution.trace.objects] == [kind, "Condition"]


@pytest.mark.parametrize("kind", ["Lock", "RLock", None])
def test_waiter_gives_the_lock_up_and_has_it_again_when_it_wakes(kind: str | None) -> None:
    def program() -> tuple[str, ...]:
        ready = threading.Condition(getattr(threading, kind)() if kind else None)
        seen = []

        def consumer() -> None:
            with ready:
                while not seen:
                    ready.wait()
                seen.append("consumed")

        def producer() -> None:
            with ready:
                seen.append("produced")
                ready.notify()

        for thread in start(consumer, producer):
            thread.join()
        return tuple(seen)

    assert outcomes_of(program) == {("produced", "consumed")}


def test_wait_and_wake_are_two_events() -> None:
    def program() -> None:
        ready = threading.Condition()

        def waiter() -> None:
            with ready:
                ready.wait()

        (thread,) = start(waiter)
        time.sleep(1)
        with ready:
            ready.notify()
        thread.join()

    execution = simulate(program)
    assert story_of(execution, 1) == [
        "begin",
        "acquire ready",
        "wait ready",
        "wake ready",
        "release ready",
        "end",
    ]
    wake = execution.trace.first("wake")
    assert (wake.result, wake.waited) == (None, pytest.approx(1))
    assert execution.trace.happens_before(execution.trace.first("notify"), wake)


def test_notify_wakes_as_many_as_it_says_in_the_order_of_their_waits() -> None:
    def program() -> tuple[str, ...]:
        ready = threading.Condition()
        woken = []

        def waiter(name: str) -> None:
            with ready:
                ready.wait()
                woken.append(name)

        for name in "abc":
            threading.Thread(target=waiter, args=(name,), daemon=True).start()
            time.sleep(1)
        with ready:
            ready.notify(2)
        time.sleep(1)
        return tuple(sorted(woken))

    assert outcomes_of(program) == {("a", "b")}
    assert "T0 notify ready = 2" in story(simulate(program))


def test_condition_wait_times_out_with_the_lock_held() -> None:
    def program() -> tuple[bool, bool]:
        ready = threading.Condition()
        with ready:
            return ready.wait(5), ready._is_owned()  # type: ignore[attr-defined]

    execution = simulate(program)
    assert execution.result == (False, True)
    assert story(execution)[1:3] == ["T0 wait ready", "T0 wake ready -> timed out"]
    assert execution.trace.first("wake").waited == 5


def test_wait_for_is_seen_as_its_waits() -> None:
    def program() -> bool:
        ready = threading.Condition()
        with ready:
            return ready.wait_for(lambda: False, timeout=2)

    execution = simulate(program)
    assert execution.result is False
    assert story(execution)[1:3] == ["T0 wait ready", "T0 wake ready -> timed out"]


def test_notify_without_the_lock_is_an_error_and_an_event() -> None:
    def program() -> None:
        ready = threading.Condition()
        with pytest.raises(RuntimeError, match="un-acquired lock"):
            ready.notify()

    assert story(simulate(program))[0] == "T0 notify ready -> RuntimeError"


def test_lost_wakeup_is_a_deadlock_now_and_then() -> None:
    def program() -> str:
        ready = threading.Condition()

        def waiter() -> None:
            with ready:
                ready.wait()

        (thread,) = start(waiter)
        with ready:
            ready.notify()
        thread.join()
        return "woken"

    assert outcomes_of(program) == {"woken", Outcome.DEADLOCK}


# Events.


def test_event_that_is_set_need_not_be_waited_for() -> None:
    def program() -> None:
        ready = threading.Event()
        ready.set()
        ready.wait()
        ready.clear()
        ready.is_set()

    assert story(simulate(program))[:-1] == [
        "T0 set ready",
        "T0 wait ready",
        "T0 clear ready",
        "T0 is_set ready -> false",
    ]


def test_set_wakes_everybody() -> None:
    def program() -> int:
        ready = threading.Event()
        woken = []
        threads = start(*[lambda: (ready.wait(), woken.append(1))] * 3)
        ready.set()
        for thread in threads:
            thread.join()
        return len(woken)

    assert outcomes_of(program) == {3}


def test_event_wait_times_out() -> None:
    def program() -> bool:
        return threading.Event().wait(60)

    execution = simulate(program)
    assert execution.result is False
    assert [row.partition(" ")[2].split(" ")[0] for row in story(execution)] == ["wait", "wake", "end"]
    assert execution.trace.first("wake").waited == 60


def test_set_at_the_deadline_may_come_in_time_or_not() -> None:
    def program() -> bool:
        ready = threading.Event()
        found = []
        (thread,) = start(lambda: found.append(ready.wait(1)))
        time.sleep(1)
        ready.set()
        thread.join()
        return found[0]

    assert outcomes_of(program) == {True, False}


# Semaphores.


@pytest.mark.parametrize("kind", ["Semaphore", "BoundedSemaphore"])
def test_semaphore_lets_in_as_many_as_it_has_permits(kind: str) -> None:
    def program() -> int:
        permits = getattr(threading, kind)(2)
        inside: list[int] = []
        most: list[int] = []

        def work() -> None:
            with permits:
                inside.append(1)
                most.append(len(inside))
                inside.pop()

        for thread in start(work, work, work):
            thread.join()
        return max(most)

    assert outcomes_of(program) == {1, 2}
    (permits, *_) = simulate(program).trace.objects
    assert (permits.kind, permits.name) == (kind, "permits")


def test_semaphore_tries() -> None:
    def program() -> list[bool]:
        permits = threading.Semaphore(0)
        found = [permits.acquire(False), permits.acquire(timeout=3)]
        permits.release(2)
        return [*found, permits.acquire(False)]

    execution = simulate(program)
    assert execution.result == [False, False, True]
    assert story(execution)[:-1] == [
        "T0 acquire permits -> would block",
        "T0 acquire permits -> timed out",
        "T0 release permits = 2",
        "T0 acquire permits",
    ]


def test_bounded_semaphore_refuses_what_it_never_gave() -> None:
    def program() -> None:
        permits = threading.BoundedSemaphore(1)
        with pytest.raises(ValueError, match="released too many times"):
            permits.release()

    assert story(simulate(program))[0] == "T0 release permits -> ValueError"


# Barriers.


def test_barrier_lets_all_go_when_the_last_arrives() -> None:
    def program() -> tuple[int, int]:
        meeting = threading.Barrier(3)
        arrived: list[int] = []
        seen = []

        def work() -> None:
            arrived.append(1)
            meeting.wait()
            seen.append(len(arrived))

        for thread in start(work, work, work):
            thread.join()
        return min(seen), len(seen)

    assert outcomes_of(program) == {(3, 3)}
    rows = [row.split(" ", 1)[1] for row in story(simulate(program))]
    assert (rows.count("wait meeting"), rows.count("wake meeting")) == (3, 2)


def test_barrier_hands_out_each_place_once() -> None:
    def program() -> tuple[int, ...]:
        meeting = threading.Barrier(3)
        places: list[int] = []
        for thread in start(*[lambda: places.append(meeting.wait())] * 3):
            thread.join()
        return tuple(sorted(places))

    assert outcomes_of(program) == {(0, 1, 2)}


def test_barriers_action_comes_after_the_arrivals_and_before_the_wakes() -> None:
    def program() -> None:
        meeting = threading.Barrier(2, action=lambda: print("all here"))
        (thread,) = start(meeting.wait)
        meeting.wait()
        thread.join()

    for seed in range(5):
        execution = simulate(program, seed=seed)
        trace = execution.trace
        assert execution.output == "all here\n"
        said, wake = trace.first("output"), trace.first("wake")
        assert all(trace.happens_before(wait, said) for wait in trace.select("wait"))
        assert trace.happens_before(said, wake)


def test_barriers_action_may_block() -> None:
    def program() -> str:
        lock = threading.Lock()
        done = []

        def action() -> None:
            with lock:
                done.append("action")

        meeting = threading.Barrier(2, action=action)

        def holder() -> None:
            with lock:
                time.sleep(1)

        threads = start(holder, meeting.wait)
        meeting.wait()
        for thread in threads:
            thread.join()
        return done[0]

    assert outcomes_of(program) == {"action"}


def test_barriers_action_that_raises_breaks_it() -> None:
    def program() -> tuple[str, ...]:
        meeting = threading.Barrier(2, action=lambda: 1 / 0)
        found: list[str] = []

        def work() -> None:
            try:
                meeting.wait()
            except (ZeroDivisionError, threading.BrokenBarrierError) as error:
                found.append(type(error).__name__)

        for thread in start(work, work):
            thread.join()
        return tuple(sorted(found))

    assert outcomes_of(program) == {("BrokenBarrierError", "ZeroDivisionError")}


def test_barrier_that_times_out_is_broken() -> None:
    def program() -> bool:
        meeting = threading.Barrier(2)
        with pytest.raises(threading.BrokenBarrierError):
            meeting.wait(7)
        return meeting.broken

    execution = simulate(program)
    assert execution.result is True
    assert story(execution)[:2] == ["T0 wait meeting", "T0 wake meeting -> broken"]
    assert execution.trace.first("wake").waited == 7


@pytest.mark.parametrize("breaker", ["abort", "reset"])
def test_barrier_that_is_broken_wakes_who_waits(breaker: str) -> None:
    def program() -> None:
        meeting = threading.Barrier(2)

        def work() -> None:
            with pytest.raises(threading.BrokenBarrierError):
                meeting.wait()

        (thread,) = start(work)
        time.sleep(1)
        getattr(meeting, breaker)()
        thread.join()

    execution = simulate(program)
    execution.assert_passed()
    assert f"T0 {breaker} meeting" in story(execution)
    assert "T1 wake meeting -> broken" in story(execution)
