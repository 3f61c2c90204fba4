"""Other threads of the process go on while an execution is under way: neither notices the other."""

from __future__ import annotations

import io
import logging
import queue
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from threading import Condition, Event, Lock, RLock
from typing import Any

import pytest

from support.simulation import executions_of, outcomes_of
from threadsim import Outcome, simulate
from threadsim.simulate.base_lock import PATIENCE
from threadsim.simulate.execution import Execution

LOCK = Lock()
RLOCK = RLock()
CONDITION = Condition()
EVENT = Event()
QUEUE: queue.Queue[int] = queue.Queue(1)
LOG = logging.Logger("of this module")
LOG.addHandler(logging.StreamHandler(io.StringIO()))
LOG.warning("the first time is another: a logger looks up its level, under a lock")


REAL = {"sleep": time.sleep}
"""Where no execution looks for names."""


class Other:
    """A real thread that does something again and again, and what came of it."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.work = work
        self.done = 0
        self.errors: list[BaseException] = []
        self.is_wanted = True
        self.thread = threading.Thread(target=self.run, name="other", daemon=True)

    def run(self) -> None:
        try:
            while self.is_wanted:
                self.work()
                self.done += 1
        except BaseException as error:
            self.errors.append(error)


@contextmanager
def going_on(*works: Callable[[], object]) -> Iterator[list[Other]]:
    """Real threads that do this meanwhile; in the end, that they came to no harm."""
    others = [Other(work) for work in works]
    for other in others:
        other.thread.start()
    try:
        yield others
        until(lambda: all(other.done >= 1 or other.errors for other in others))
        after = [other.done for other in others]
        until(lambda: all(o.done > done or o.errors for o, done in zip(others, after, strict=True)))
    finally:
        for other in others:
            other.is_wanted = False
        for other in others:
            other.thread.join(20)
    assert [other.errors for other in others] == [[] for _ in others]
    assert not any(other.thread.is_alive() for other in others)


def until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.0005)


# What the program does: something of everything, on what is there already and on what it makes.


class Account:
    def __init__(self) -> None:
        self.balance = 0
        self.seen: list[int] = []


def program() -> object:
    account = Account()
    jobs: queue.Queue[int] = queue.Queue()
    EVENT.clear()

    def work() -> None:
        with LOCK, RLOCK:
            account.balance += jobs.get()
        account.seen.append(account.balance)
        with CONDITION:
            CONDITION.notify_all()
        LOG.warning("balance %d", account.balance)
        print(account.balance, random.random(), threading.get_ident(), threading.current_thread().name)
        time.sleep(0.1)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
        jobs.put(1)
    with CONDITION:
        CONDITION.wait_for(lambda: len(account.seen) == 2, 5)
    EVENT.set()
    for thread in threads:
        thread.join()
    with ThreadPoolExecutor(1, "pool") as pool:
        wait([pool.submit(abs, -1)])
    return account.balance, time.monotonic(), threading.active_count(), threading.main_thread().name


# What others do meanwhile.


def sleep() -> None:
    begun = time.monotonic()
    time.sleep(0.001)
    assert 0.001 <= time.monotonic() - begun < 10
    assert abs(time.time() - time.time_ns() / 1e9) < 10


def take_locks() -> None:
    with LOCK:
        assert LOCK.locked()
        assert not LOCK.acquire(False)
    with RLOCK, RLOCK:
        pass
    with CONDITION:
        pass
    own, again = Lock(), RLock()
    with own, again, again:
        assert own.locked()
        assert not own.acquire(timeout=0.001)


def pass_things() -> None:
    there, back = queue.Queue[int](1), queue.SimpleQueue[int]()
    told, condition, answers = Event(), Condition(), []

    def answer() -> None:
        for _ in range(3):
            back.put(there.get(timeout=10) + 1)
        told.set()
        with condition:
            answers.append(1)
            condition.notify()

    thread = threading.Thread(target=answer)
    thread.start()
    for number in range(3):
        there.put(number, timeout=10)
        assert back.get(timeout=10) == number + 1
    assert told.wait(10)
    with condition:
        assert condition.wait_for(lambda: answers, 10)
    thread.join(10)
    assert not thread.is_alive()


def use_what_is_there() -> None:
    EVENT.is_set()
    with CONDITION:
        CONDITION.wait(0.001)
    QUEUE.put(1, timeout=10)
    assert QUEUE.get(timeout=10) == 1


def start_threads() -> None:
    ran: list[object] = []
    thread = threading.Thread(target=lambda: ran.append(threading.current_thread()), daemon=True)
    thread.start()
    thread.join(10)
    assert ran == [thread]
    timer = threading.Timer(0.001, ran.append, (2,))
    timer.start()
    timer.join(10)
    assert ran == [thread, 2]
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(pow, 2, number) for number in range(4)]
        assert wait(futures, 10).not_done == set()
        assert [future.result() for future in futures] == [1, 2, 4, 8]


def ask_about_threads() -> None:
    mine = threading.current_thread()
    assert mine.name == "other"
    assert mine.ident == threading.get_ident() > 1000
    assert mine in threading.enumerate()
    assert threading.active_count() >= 2
    assert threading.main_thread() in threading.enumerate()
    assert threading.main_thread().ident == MAIN_THREAD
    time.sleep(0.001)


MAIN_THREAD = threading.main_thread().ident


def touch_state() -> None:
    account = Account()
    for number in range(20):
        account.balance += number
        account.seen.append(account.balance)
    assert account.seen[-1] == account.balance == 190


def print_and_log() -> None:
    print("from another thread", file=sys.stdout, flush=True)
    LOG.warning("from another thread")


def die() -> None:
    thread = threading.Thread(target=lambda: {}["no such key"])
    thread.start()
    thread.join(10)


WORKS = [
    sleep,
    take_locks,
    pass_things,
    use_what_is_there,
    start_threads,
    ask_about_threads,
    touch_state,
    print_and_log,
]


def shown(execution: Execution) -> object:
    return execution.outcome, execution.result, execution.output, execution.errors, execution.trace


@pytest.fixture(scope="module")
def expected() -> list[object]:
    return [shown(execution) for execution in executions_of(program, range(10))]


@pytest.mark.parametrize("work", WORKS)
def test_what_others_do_changes_nothing_and_is_done(
    work: Callable[[], None], expected: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    before = threading.enumerate(), threading.main_thread()
    with going_on(work):
        got = [shown(execution) for execution in executions_of(program, range(10))]
    assert got == expected
    assert (threading.enumerate(), threading.main_thread()) == before


def test_many_others_at_once(expected: list[object], capsys: pytest.CaptureFixture[str]) -> None:
    with going_on(*WORKS):
        got = [shown(execution) for execution in executions_of(program, range(10))]
    assert got == expected


def test_work_begun_before_an_execution_ends_in_it_and_the_other_way_round(expected: list[object]) -> None:
    """Each wait of the other thread spans beginnings and ends of executions."""
    there, back = queue.Queue[int | None](), queue.Queue[int | None]()

    def answer() -> None:
        while (number := there.get()) is not None:
            back.put(number)

    other = threading.Thread(target=answer)
    other.start()
    with ThreadPoolExecutor(1) as pool:
        for seed in range(10):
            future = pool.submit(time.sleep, 0.002 * seed)
            assert shown(simulate(program, seed=seed)) == expected[seed]
            there.put(seed)
            assert back.get(timeout=10) == seed
            future.result(10)
    there.put(None)
    other.join(10)
    assert not other.is_alive()


def test_program_that_waits_for_the_same_as_others_is_woken_by_them_at_most_once_too_often() -> None:
    def notify() -> None:
        with CONDITION:
            CONDITION.notify_all()

    with going_on(notify, notify):
        for execution in executions_of(program, range(10)):
            execution.assert_passed()
            assert execution.result[0] == 2


def test_what_others_draw_changes_no_random_number_of_the_programs() -> None:
    asked: list[int] = []
    drawn: list[float] = []

    def draw() -> None:
        for _ in range(2):
            until(lambda: bool(asked))
            asked.clear()
            drawn.append(random.random())

    def program() -> tuple[float, float]:
        first, before = random.random(), len(drawn)
        asked.append(1)
        while len(drawn) == before:
            REAL["sleep"](0.001)
        return first, random.random()

    thread = threading.Thread(target=draw, daemon=True)
    thread.start()
    results = {simulate(program, seed=1).result for _ in range(2)}
    thread.join(10)
    generator = random.Random(1)
    assert results == {(generator.random(), generator.random())}
    assert len({*drawn, *results.pop()}) == 4


def test_what_others_print_is_not_the_programs(capsys: pytest.CaptureFixture[str]) -> None:
    with going_on(print_and_log):
        execution = simulate(lambda: print("from the program"))
    assert execution.output == "from the program\n"
    assert "from another thread" in capsys.readouterr().out


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_exception_in_another_thread_is_not_the_programs(expected: list[object]) -> None:
    with going_on(die):
        got = [shown(execution) for execution in executions_of(program, range(10))]
    assert got == expected


# Locks that both use.


@pytest.mark.parametrize("name", ["LOCK", "RLOCK", "CONDITION"])
def test_lock_excludes_others(name: str) -> None:
    lock = globals()[name]
    count = {"both": 0}
    added = 0

    def add() -> None:
        with lock:
            seen = count["both"]
            for _ in range(20):
                pass
            count["both"] = seen + 1

    def in_two_threads() -> None:
        threads = [threading.Thread(target=add) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    with going_on(add, add) as others:
        for execution in executions_of(in_two_threads, range(20)):
            execution.assert_passed()
            added += 2
    assert count["both"] == added + sum(other.done for other in others)


def test_other_that_has_a_lock_and_waits_for_the_programs_is_no_deadlock() -> None:
    """A simulated thread that waits for it must not keep the one from going on for which it waits."""
    first, second = Lock(), Lock()
    asked: list[int] = []
    has_first: list[int] = []
    rounds: list[int] = []

    def other() -> None:
        for _ in range(5):
            until(lambda: bool(asked))
            asked.clear()
            with first:
                has_first.append(1)
                with second:
                    rounds.append(1)

    def hold_second() -> None:
        with second:
            asked.append(1)
            while not has_first:
                REAL["sleep"](0.001)
            has_first.clear()
            time.sleep(1)

    def program() -> None:
        holder = threading.Thread(target=hold_second)
        holder.start()
        time.sleep(0.5)
        with first:
            pass
        holder.join()

    thread = threading.Thread(target=other, daemon=True)
    thread.start()
    for number, execution in enumerate(executions_of(program, range(5)), 1):
        execution.assert_passed()
        until(lambda number=number: len(rounds) == number)  # type: ignore[misc]
    thread.join(10)
    assert not thread.is_alive()


def test_lock_that_the_program_makes_excludes_others() -> None:
    """It hands the lock out; what they wait for comes to its end with the execution at the latest."""
    shared: dict[str, Any] = {}

    def other() -> None:
        lock = shared.get("lock")
        if lock is not None:
            with lock:
                seen = shared["count"]
                shared["count"] = seen + 1
                shared["by others"] += 1

    def own() -> None:
        with shared["lock"]:
            seen = shared["count"]
            shared["count"] = seen + 1

    def lends() -> None:
        shared.update({"count": 0, "by others": 0})
        shared["lock"] = Lock()
        threads = [threading.Thread(target=own) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with shared["lock"]:
            assert shared["count"] == shared["by others"] + 2
            shared["lock"] = None

    with going_on(other):
        for execution in executions_of(lends, range(20)):
            execution.assert_passed()


@pytest.mark.parametrize("made_before", [True, False])
def test_other_that_waits_for_the_programs_lock_gets_it(made_before: bool) -> None:
    lock = Lock()
    got: list[bool] = []
    lent: queue.Queue[Any] = queue.Queue()
    other = threading.Thread(target=lambda: got.append(lent.get(timeout=10).acquire()))
    other.start()

    def program() -> None:
        mine = lock if made_before else Lock()
        mine.acquire()
        lent.put(mine)
        for _ in range(50):
            time.sleep(1)
        if made_before:
            mine.release()

    execution = simulate(program)  # without the release, it has the lock to its end
    other.join(10)
    assert (execution.outcome, got) == (Outcome.PASSED, [True])


def test_lock_that_another_has_for_a_moment_is_waited_for() -> None:
    lock, taken = Lock(), Event()

    def hold() -> None:
        with lock:
            taken.set()
            time.sleep(0.05)

    other = threading.Thread(target=hold)
    other.start()
    taken.wait(10)
    execution = simulate(lambda: lock.acquire(False))
    other.join(10)
    assert (execution.outcome, execution.result) == (Outcome.PASSED, True)


def test_lock_that_another_has_for_good_is_a_deadlock() -> None:
    lock, taken, end = Lock(), Event(), Lock()
    end.acquire()

    def hold() -> None:
        with lock:
            taken.set()
            end.acquire()

    other = threading.Thread(target=hold)
    other.start()
    taken.wait(10)
    begun = time.monotonic()
    assert outcomes_of(lambda: lock.acquire(), range(3)) == {Outcome.DEADLOCK}
    assert time.monotonic() - begun < 3 * PATIENCE  # it is not waited for each time
    assert not lock.acquire(False)
    end.release()
    other.join(10)
    assert not lock.locked()


def test_pool_is_not_refused_work_while_an_execution_ends() -> None:
    def program() -> int:
        return ThreadPoolExecutor(2).submit(abs, -1).result()

    with ThreadPoolExecutor(2) as pool, going_on(lambda: pool.submit(abs, -1).result(10)):
        assert outcomes_of(program, range(20)) == {1}


def test_other_joins_a_thread_of_the_program() -> None:
    lent: queue.Queue[threading.Thread] = queue.Queue()
    joined: list[bool] = []

    def join() -> None:
        for _ in range(2):
            thread = lent.get(timeout=10)
            thread.join(10)
            joined.append(thread.is_alive())

    other = threading.Thread(target=join)
    other.start()

    def program() -> None:
        for target in (lambda: time.sleep(5), lambda: threading.Event().wait()):
            thread = threading.Thread(target=target, daemon=True)
            thread.start()
            lent.put(thread)
        time.sleep(10)

    simulate(program).assert_passed()
    other.join(15)
    assert joined == [False, False]
