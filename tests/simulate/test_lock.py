"""Lock and RLock, as the program sees them and as the trace shows them."""

from __future__ import annotations

import copy
import pickle
import threading
from typing import Any

import pytest

from support.simulation import outcomes_of, story, story_of
from threadsim import Outcome, simulate


def run(*bodies: Any) -> None:
    threads = [threading.Thread(target=body) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_with_block_is_acquire_and_release() -> None:
    def program() -> None:
        lock = threading.Lock()
        with lock:
            pass

    execution = simulate(program)
    assert story(execution) == ["T0 acquire lock", "T0 release lock", "T0 end"]
    assert [event.waited for event in execution.trace.events] == [None, None, None]


@pytest.mark.parametrize("kind", ["Lock", "RLock"])
def test_two_threads_are_never_inside_at_once(kind: str) -> None:
    def program() -> int:
        lock = getattr(threading, kind)()
        inside: list[int] = []
        most = 0

        def work() -> None:
            nonlocal most
            with lock:
                inside.append(1)
                most = max(most, len(inside))
                inside.pop()

        run(work, work, work)
        return most

    assert outcomes_of(program) == {1}


def test_any_waiter_may_get_a_released_lock() -> None:
    def program() -> str:
        lock = threading.Lock()
        order: list[str] = []

        def work(name: str) -> None:
            with lock:
                order.append(name)

        run(*(lambda name=name: work(name) for name in "abc"))
        return "".join(order)

    assert outcomes_of(program, range(800)) == {"abc", "acb", "bac", "bca", "cab", "cba"}


def test_try_that_fails_would_block() -> None:
    def program() -> bool:
        lock = threading.Lock()
        lock.acquire()
        return lock.acquire(False) or lock.acquire(timeout=0)

    execution = simulate(program)
    assert execution.result is False
    assert story(execution)[1:3] == ["T0 acquire lock -> would block", "T0 acquire lock -> timed out"]
    assert execution.trace.ending is not None
    assert execution.trace.ending.time == 0


def test_timed_acquire_of_a_held_lock_takes_virtual_seconds() -> None:
    def program() -> bool:
        lock = threading.Lock()
        lock.acquire()
        return lock.acquire(timeout=3600)

    execution = simulate(program)
    event = execution.trace.select("acquire")[1]
    assert (execution.result, event.result, event.waited, event.time) == (False, "timed out", 3600, 3600)


def test_waiter_that_times_out_keeps_nothing() -> None:
    def program() -> tuple[bool, ...]:
        lock = threading.Lock()
        taken = []

        def impatient() -> None:
            taken.append(lock.acquire(timeout=1))

        with lock:
            thread = threading.Thread(target=impatient)
            thread.start()
            thread.join()
        taken.append(lock.acquire(False))
        return tuple(taken)

    assert outcomes_of(program) == {(False, True)}


def test_lock_that_is_free_again_at_the_deadline_may_be_had_or_not() -> None:
    def program() -> bool:
        lock = threading.Lock()
        lock.acquire()
        taken = []

        def impatient() -> None:
            taken.append(lock.acquire(timeout=1))

        thread = threading.Thread(target=impatient)
        thread.start()
        threading.Event().wait(1)
        lock.release()
        thread.join()
        return taken[0]

    assert outcomes_of(program) == {True, False}


def test_release_of_a_free_lock_is_an_error_and_an_event() -> None:
    def program() -> None:
        lock = threading.Lock()
        with pytest.raises(RuntimeError, match="release unlocked lock"):
            lock.release()

    assert story(simulate(program))[0] == "T0 release lock -> RuntimeError"


def test_of_two_releases_one_fails_whatever_the_order() -> None:
    def program() -> int:
        lock = threading.Lock()
        lock.acquire()
        errors = []

        def release() -> None:
            try:
                lock.release()
            except RuntimeError as error:
                errors.append(error)

        run(release, release)
        return len(errors)

    assert outcomes_of(program) == {1}


def test_locked_says_whether_anybody_has_it() -> None:
    def program() -> tuple[bool, bool]:
        lock = threading.Lock()
        before = lock.locked()
        lock.acquire()
        return before, lock.locked()

    execution = simulate(program)
    assert execution.result == (False, True)
    assert story(execution)[0] == "T0 locked lock -> false"


def test_lock_may_be_released_by_another_thread() -> None:
    def program() -> None:
        lock = threading.Lock()
        lock.acquire()
        threading.Thread(target=lock.release).start()
        lock.acquire()

    execution = simulate(program)
    assert execution.outcome is Outcome.PASSED
    assert execution.trace.happens_before(
        execution.trace.first("release", obj="lock"), execution.trace.select("acquire", obj="lock")[1]
    )


def test_taking_a_lock_twice_is_a_deadlock_with_oneself() -> None:
    def program() -> None:
        lock = threading.Lock()
        lock.acquire()
        lock.acquire()

    execution = simulate(program)
    assert execution.outcome is Outcome.DEADLOCK
    assert execution.trace.ending is not None
    (waiting,) = execution.trace.ending.waiting
    assert (waiting.thread, waiting.kind, waiting.holder) == (0, "acquire", 0)
    assert execution.trace.objects[waiting.obj].name == "lock"  # type: ignore[index]


def test_rlock_is_free_after_as_many_releases_as_acquires() -> None:
    def program() -> tuple[bool, ...]:
        lock = threading.RLock()
        got = []

        def other() -> None:
            got.append(lock.acquire(False))
            if got[-1]:
                lock.release()

        with lock:
            with lock:
                run(other)
            run(other)
        run(other)
        return tuple(got)

    assert outcomes_of(program) == {(False, False, True)}
    assert story_of(simulate(program), 0)[:3] == ["acquire lock", "acquire lock", "start T1"]


def test_rlock_is_not_for_others_to_release() -> None:
    def program() -> None:
        lock = threading.RLock()
        with lock:
            thread = threading.Thread(target=lock.release)
            thread.start()
            thread.join()

    execution = simulate(program)
    assert execution.outcome is Outcome.FAILED
    assert "cannot release un-acquired lock" in str(execution.error)


def test_lock_order_inversion_is_a_deadlock_now_and_then() -> None:
    def program() -> str:
        first, second = threading.Lock(), threading.Lock()

        def forth() -> None:
            with first, second:
                pass

        def back() -> None:
            with second, first:
                pass

        run(forth, back)
        return "passed"

    assert outcomes_of(program) == {"passed", Outcome.DEADLOCK}


def test_names_of_locks_are_those_in_the_source() -> None:
    class Account:
        def __init__(self) -> None:
            self._lock = threading.RLock()

    def program() -> None:
        locks = [threading.Lock(), threading.Lock()]
        with Account()._lock, Account()._lock, locks[1]:
            pass

    names = [obj.name for obj in simulate(program).trace.objects]
    assert names[:2] == ["Account._lock", "Account#2._lock"]
    assert len(set(names)) == 3


@pytest.mark.parametrize("kind", ["Lock", "RLock"])
def test_twin_behaves_as_the_type_it_stands_for(kind: str) -> None:
    make = getattr(threading, kind)
    real = make()

    def program() -> dict[str, Any]:
        lock = make() if make is threading.RLock else threading.Lock()
        assert isinstance(lock, type(getattr(threading, kind)()))
        errors = []
        for attempt in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError) as raised:
                attempt(lock)
            errors.append(str(raised.value))
        lock.acquire()
        return {"errors": errors, "repr": repr(lock).split(" at ")[0]}

    with pytest.raises(TypeError) as raised:
        copy.copy(real)
    found = simulate(program).result
    assert found["errors"] == [str(raised.value)] * 3
    real.acquire()
    assert found["repr"].split(" owner=")[0] == repr(real).split(" at ")[0].split(" owner=")[0]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [((False, 1), ValueError), ((True, -2), ValueError), ((True, 1e100), OverflowError)],
)
def test_bad_timeouts_are_refused(arguments: tuple[Any, ...], error: type[Exception]) -> None:
    def program() -> None:
        with pytest.raises(error):
            threading.Lock().acquire(*arguments)

    simulate(program).assert_passed()
