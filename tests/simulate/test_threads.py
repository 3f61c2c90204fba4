"""Thread, Timer, thread-local data and what `_thread` starts."""

from __future__ import annotations

import _thread
import sys
import threading
import time
from contextvars import ContextVar
from typing import Any
from weakref import ref

import pytest

from support.simulation import outcomes_of, story, story_of
from threadsim import Outcome, simulate


def test_start_begin_end_join() -> None:
    def program() -> None:
        thread = threading.Thread(target=lambda: None, name="worker")
        thread.start()
        thread.join()

    execution = simulate(program)
    rows = story(execution)
    assert sorted(rows) == ["T0 end", "T0 join T1", "T0 start T1", "T1 begin", "T1 end"]
    assert [row for row in rows if row != "T0 end"] == ["T0 start T1", "T1 begin", "T1 end", "T0 join T1"]
    assert [(t.number, t.name, t.parent) for t in execution.trace.threads] == [
        (0, "MainThread", None),
        (1, "worker", 0),
    ]


def test_names_count_from_one_in_each_execution() -> None:
    def work() -> None:
        pass

    def program() -> None:
        for _ in range(2):
            threading.Thread(target=work).start()

    for _ in range(2):
        names = [thread.name for thread in simulate(program).trace.threads]
        assert names == ["MainThread", "Thread-1 (work)", "Thread-2 (work)"]


def test_threads_interleave_in_every_order() -> None:
    def program() -> str:
        order: list[str] = []
        threads = [threading.Thread(target=order.append, args=(name,)) for name in "ab"]
        for thread in threads:
            thread.start()
        order.append("m")
        for thread in threads:
            thread.join()
        return "".join(order)

    assert outcomes_of(program, range(800)) == {"abm", "amb", "bam", "bma", "mab", "mba"}


def test_subclass_with_its_own_run() -> None:
    class Worker(threading.Thread):
        def __init__(self, number: int) -> None:
            super().__init__(name=f"worker-{number}")
            self.result = 0
            self.number = number

        def run(self) -> None:
            self.result = self.number**2

    def program() -> tuple[int, ...]:
        workers = [Worker(number) for number in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return tuple(worker.result for worker in workers)

    assert outcomes_of(program) == {(0, 1, 4)}
    assert [t.name for t in simulate(program).trace.threads[1:]] == ["worker-0", "worker-1", "worker-2"]


def test_join_with_a_timeout_gives_up() -> None:
    def program() -> bool:
        thread = threading.Thread(target=time.sleep, args=(10,))
        thread.start()
        thread.join(timeout=3)
        return thread.is_alive()

    execution = simulate(program)
    assert execution.result is True
    join = execution.trace.first("join")
    assert (join.result, join.waited) == ("timed out", pytest.approx(3))


def test_join_that_asks_only() -> None:
    def program() -> None:
        thread = threading.Thread(target=time.sleep, args=(10,))
        thread.start()
        for timeout in (0, -1):
            thread.join(timeout)

    execution = simulate(program)
    assert [(e.result, e.time < 1) for e in execution.trace.select("join")] == [("timed out", True)] * 2


def test_mistakes_with_threads_are_errors_and_events() -> None:
    def program() -> None:
        thread = threading.Thread(target=lambda: None)
        with pytest.raises(RuntimeError, match="before it is started"):
            thread.join()
        thread.start()
        with pytest.raises(RuntimeError, match="only be started once"):
            thread.start()
        with pytest.raises(RuntimeError, match="cannot join current thread"):
            threading.current_thread().join()
        thread.join()
        thread.join()

    execution = simulate(program)
    execution.assert_passed()
    rows = story_of(execution, 0)
    assert rows[0] == "join -> RuntimeError"
    assert "start T1 -> RuntimeError" in rows
    assert "join T0 -> RuntimeError" in rows
    assert rows.count("join T1") == 2


def test_is_alive_is_an_operation() -> None:
    def program() -> tuple[bool, bool]:
        thread = threading.Thread(target=lambda: None)
        thread.start()
        before = thread.is_alive()
        thread.join()
        return before, thread.is_alive()

    assert outcomes_of(program) == {(True, False), (False, False)}
    assert "T0 is_alive T1 -> false" in story(simulate(program))


def test_who_is_there() -> None:
    def program() -> tuple[Any, ...]:
        found = []

        def work() -> None:
            found.append(threading.current_thread().name)
            found.append(threading.active_count())
            found.append(threading.get_ident() == threading.current_thread().ident)

        thread = threading.Thread(target=work, name="worker")
        thread.start()
        thread.join()
        found.append([one.name for one in threading.enumerate()])
        found.append(threading.main_thread() is threading.current_thread())
        return (*found[:3], tuple(found[3]), *found[4:])

    assert outcomes_of(program) == {("worker", 2, True, ("MainThread",), True)}


# The end of the program.


def test_threads_are_waited_for_when_main_returns() -> None:
    def program() -> None:
        def work() -> None:
            time.sleep(100)
            print("done")

        threading.Thread(target=work).start()

    execution = simulate(program)
    assert (execution.outcome, execution.output) == (Outcome.PASSED, "done\n")


def test_threads_started_by_threads_are_waited_for() -> None:
    def program() -> None:
        def later() -> None:
            time.sleep(1)
            print("later")

        threading.Thread(target=lambda: threading.Thread(target=later).start()).start()

    assert simulate(program).output == "later\n"


def test_how_long_main_waits_does_not_depend_on_addresses() -> None:
    def program() -> None:
        for seconds in (3, 1, 2):
            threading.Thread(target=time.sleep, args=(seconds,)).start()

    kept = []
    steps = set()
    for _ in range(6):
        steps.add(simulate(program, seed=1).steps)
        kept.append([threading.Lock() for _ in range(7)])  # so that the next ones lie elsewhere
    assert len(steps) == 1


def test_daemon_threads_are_dropped_when_main_returns() -> None:
    def program() -> None:
        def work() -> None:
            time.sleep(100)
            print("never")

        threading.Thread(target=work, daemon=True).start()

    execution = simulate(program)
    assert (execution.outcome, execution.output) == (Outcome.PASSED, "")
    assert execution.trace.threads[1].daemon
    assert "T1 end" not in story(execution)


def test_dropped_daemon_runs_its_finally_blocks_and_nothing_of_it_shows() -> None:
    unwound = []

    def program() -> None:
        def work() -> None:
            try:
                time.sleep(100)
            finally:
                print("never")
                with threading.Lock():
                    unwound.append(threading.current_thread().name)

        threading.Thread(target=work, daemon=True, name="worker").start()
        time.sleep(1)

    execution = simulate(program)
    assert unwound == ["worker"]
    assert (execution.output, "T1 end" in story(execution)) == ("", False)


def test_atexit_callbacks_of_threading_run_before_the_wait() -> None:
    def program() -> None:
        stop = threading.Event()
        threading._register_atexit(stop.set)  # type: ignore[attr-defined]
        threading.Thread(target=stop.wait).start()

    before = list(threading._threading_atexits)  # type: ignore[attr-defined]
    assert outcomes_of(program) == {None}
    assert threading._threading_atexits == before  # type: ignore[attr-defined]


# Exceptions.


def test_exception_in_a_thread_fails_the_execution_and_is_reported() -> None:
    def program() -> str:
        def work() -> None:
            raise LookupError("nothing there")

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        return "main went on"

    execution = simulate(program)
    assert execution.outcome is Outcome.FAILED
    assert isinstance(execution.error, LookupError)
    assert execution.result == "main went on"
    assert story_of(execution, 1) == ["begin", "raise = nothing there -> LookupError", "end"]
    assert "Exception in thread Thread-1 (work)" in execution.errors
    assert execution.errors.endswith("LookupError: nothing there\n")
    assert "src/threadsim" not in execution.errors
    with pytest.raises(LookupError, match="nothing there"):
        execution.assert_passed()


def test_the_programs_own_excepthook_is_called() -> None:
    def program() -> None:
        threading.excepthook = lambda args: print("caught", args.exc_type.__name__, args.thread.name)
        threading.Thread(target=lambda: 1 / 0, name="worker").start()

    before = threading.excepthook
    execution = simulate(program)
    assert execution.output == "caught ZeroDivisionError worker\n"
    assert (execution.errors, execution.outcome) == ("", Outcome.FAILED)
    assert threading.excepthook is before


def test_sys_exit_ends_a_thread_quietly() -> None:
    def program() -> None:
        threading.Thread(target=sys.exit, args=(3,)).start()

    execution = simulate(program)
    assert (execution.outcome, execution.errors) == (Outcome.PASSED, "")


# Timers.


def test_timer_takes_no_real_time() -> None:
    def program() -> None:
        threading.Timer(3, print, ["fired"]).start()

    begun = time.perf_counter()
    execution = simulate(program)
    assert time.perf_counter() - begun < 3
    assert execution.output == "fired\n"
    assert story_of(execution, 1) == [
        "begin",
        "fire",
        "output stdout = fired",
        "output stdout = \n",
        "end",
    ]
    assert execution.trace.first("fire").time == 3


def test_timer_that_is_cancelled_does_not_fire() -> None:
    def program() -> None:
        timer = threading.Timer(3, print, ["fired"])
        timer.start()
        time.sleep(1)
        timer.cancel()

    execution = simulate(program)
    assert execution.output == ""
    assert story_of(execution, 1) == ["begin", "end"]
    assert "T0 cancel T1" in story(execution)


def test_timer_may_fire_or_not_if_it_is_cancelled_just_then() -> None:
    def program() -> str:
        fired: list[str] = []
        timer = threading.Timer(3, fired.append, ["fired"])
        timer.start()
        time.sleep(3)
        timer.cancel()
        timer.join()
        return "".join(fired)

    assert outcomes_of(program) == {"", "fired"}


def test_timer_that_repeats() -> None:
    class Repeating(threading.Timer):
        def run(self) -> None:
            while not self.finished.wait(self.interval):
                self.function()

    def program() -> int:
        ticks: list[float] = []
        timer = Repeating(2, lambda: ticks.append(time.monotonic()))
        timer.start()
        time.sleep(7)
        timer.cancel()
        timer.join()
        return len(ticks)

    assert outcomes_of(program) == {3}


# Thread-local data.


def use_local_data(plain: Any, context: Any) -> tuple[Any, ...]:
    plain.value = "main"
    seen = []

    def work(number: int) -> None:
        seen.append(hasattr(plain, "value"))
        plain.value = number
        context.log.append(number)
        seen.append((plain.value, *context.log))

    threads = [threading.Thread(target=work, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return (*sorted(seen, key=repr), plain.value, *context.log)


EACH_ITS_OWN = ((1, 1), (2, 2), False, False, "main")


def test_thread_local_data_is_each_threads_own() -> None:
    def program() -> tuple[Any, ...]:
        class Context(threading.local):
            def __init__(self) -> None:
                self.log: list[int] = []

        return use_local_data(threading.local(), Context())

    assert outcomes_of(program) == {EACH_ITS_OWN}
    trace = simulate(program).trace
    assert [obj.name for obj in trace.objects if "log" in obj.name or "value" in obj.name] == []


@pytest.mark.xfail(strict=True, reason="what was made before the execution keeps a real thread's data")
def test_thread_local_data_made_before_the_execution_is_each_threads_own() -> None:
    class Context(threading.local):
        def __init__(self) -> None:
            self.log: list[int] = []

    plain, context = threading.local(), Context()
    assert outcomes_of(lambda: use_local_data(plain, context), range(1)) == {EACH_ITS_OWN}


# What threads have of those before them: nothing.


def test_each_thread_begins_with_a_context_of_its_own() -> None:
    variable = ContextVar("variable", default=0)

    def program() -> list[int]:
        seen = []

        def work(number: int) -> None:
            seen.append(variable.get())
            variable.set(number)

        for number in (1, 2):  # one after the other
            thread = threading.Thread(target=work, args=(number,))
            thread.start()
            thread.join()
        return seen

    assert simulate(program).result == [0, 0]


def test_nothing_of_a_thread_lives_on_when_it_is_over() -> None:
    class Thing:
        pass

    variable: ContextVar[Thing] = ContextVar("variable")

    def program() -> object:
        things = []

        def work() -> None:
            thing = Thing()
            things.append(ref(thing))
            variable.set(thing)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        return things[0]()

    assert simulate(program).result is None


# Threads without a Thread.


def test_bare_thread() -> None:
    def program() -> int:
        done = _thread.allocate_lock()
        done.acquire()
        seen = []

        def work(number: int, *, factor: int) -> None:
            seen.append(number * factor)
            done.release()

        _thread.start_new_thread(work, (2,), {"factor": 3})
        done.acquire()
        return seen[0]

    assert outcomes_of(program) == {6}
    execution = simulate(program)
    assert execution.trace.threads[1].name == "work"
    assert story_of(execution, 0)[:2] == ["acquire done", "start T1"]


def test_bare_thread_is_not_waited_for() -> None:
    def program() -> None:
        _thread.start_new_thread(time.sleep, (100,))
        time.sleep(1)

    execution = simulate(program)
    assert execution.trace.ending is not None
    assert execution.trace.ending.time < 100


def test_bare_thread_that_raises_fails_the_execution() -> None:
    def program() -> None:
        def work() -> None:
            raise LookupError

        _thread.start_new_thread(work, ())
        time.sleep(1)

    assert outcomes_of(program) == {LookupError}


def test_count_of_threads() -> None:
    def program() -> tuple[int, int]:
        thread = threading.Thread(target=time.sleep, args=(1,))
        thread.start()
        before = _thread._count()  # type: ignore[attr-defined]
        thread.join()
        return before, _thread._count()  # type: ignore[attr-defined]

    assert outcomes_of(program) == {(1, 0)}
