"""What `record` sees of real threads, and that nothing is left of it."""

from __future__ import annotations

import copy
import pickle
import queue
import sys
import threading
import time
import types
import weakref
from collections.abc import Callable
from queue import SimpleQueue
from threading import Condition, Lock, RLock, Thread
from typing import Any

import pytest

from threadsim.model.errors import ThreadsimError
from threadsim.model.event import Event
from threadsim.model.trace import Outcome, Trace
from threadsim.record.recorder import Recording, record

SHORT = 0.01  # seconds to wait in vain


def words(trace: Trace, event: Event) -> str:
    parts = [f"T{event.thread}", event.kind.value, trace.object_name(event), event.result]
    return " ".join(part for part in parts if part is not None)


def story(trace: Trace, thread: int | None = None) -> list[str]:
    """The events in words, or those of one thread."""
    return [words(trace, event) for event in trace.events if thread in (None, event.thread)]


def recorded(program: Callable[[], object]) -> Trace:
    with record() as recording:
        program()
    return recording.trace


def run(*targets: Callable[[], object]) -> None:
    threads = [Thread(target=target, name=f"worker-{n}") for n, target in enumerate(targets)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def until(condition: Callable[[], object]) -> None:
    """Wait for what another thread will do, without an operation of ours."""
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


# Threads.


def test_a_threads_life() -> None:
    def program() -> None:
        thread = Thread(target=time.sleep, args=(SHORT,), name="worker", daemon=True)
        thread.start()
        thread.join()

    trace = recorded(program)
    assert story(trace) == ["T0 start worker", "T1 begin", "T1 end", "T0 join worker"]
    start, begin, end, join = trace.events
    assert join.waited is not None
    assert 0 < join.waited < 1
    assert start.time <= begin.time < end.time <= join.time
    assert [(t.number, t.name, t.parent, t.daemon) for t in trace.threads] == [
        (0, "MainThread", None, False),
        (1, "worker", 0, True),
    ]
    assert start.site is not None
    assert start.site.function == "test_a_threads_life.program"
    assert begin.site is end.site is None


def test_joins_that_do_not_wait_and_joins_in_vain() -> None:
    def program() -> None:
        going = threading.Event()
        thread = Thread(target=going.wait, name="worker")
        thread.start()
        thread.join(SHORT)
        thread.is_alive()
        going.set()
        thread.join()
        thread.join(1)
        thread.is_alive()
        with pytest.raises(RuntimeError):
            threading.main_thread().join()

    trace = recorded(program)
    assert [text for text in story(trace, 0) if "going" not in text] == [
        "T0 start worker",
        "T0 join worker timed out",
        "T0 is_alive worker",
        "T0 join worker",
        "T0 join worker",
        "T0 is_alive worker false",
        "T0 join MainThread RuntimeError",
    ]
    assert [event.waited is None for event in trace.select("join", thread="T0")] == [False, False, True, True]


def test_a_start_that_is_refused() -> None:
    def program() -> None:
        thread = Thread(target=len, args=("",), name="worker")
        thread.start()
        thread.join()
        with pytest.raises(RuntimeError):
            thread.start()

    assert story(recorded(program), 0)[-1] == "T0 start worker RuntimeError"


class Worker(Thread):
    """Overrides all that there is to override."""

    def __init__(self, lock: Any) -> None:
        super().__init__(name="worker")
        self.lock = lock

    def start(self) -> None:
        super().start()

    def run(self) -> None:
        with self.lock:
            pass

    def join(self, timeout: float | None = None) -> None:
        super().join(timeout)


def test_subclasses_of_thread_that_were_there_before() -> None:
    def program() -> None:
        lock = Lock()
        worker = Worker(lock)
        worker.start()
        worker.join()

    assert story(recorded(program)) == [
        "T0 start worker",
        "T1 begin",
        "T1 acquire lock",
        "T1 release lock",
        "T1 end",
        "T0 join worker",
    ]


def test_grandchildren_have_their_parent() -> None:
    def outer() -> None:
        inner = Thread(target=len, args=("",), name="inner")
        inner.start()
        inner.join()

    trace = recorded(lambda: run(outer))
    assert [(t.name, t.parent) for t in trace.threads] == [
        ("MainThread", None),
        ("worker-0", 0),
        ("inner", 1),
    ]


def test_a_lock_as_a_target_is_the_programs_call() -> None:
    def program() -> None:
        lock = Lock()
        run(lock.acquire)

    trace = recorded(program)
    assert "T1 acquire lock" in story(trace)
    assert trace.first("acquire").site is None


def test_an_uncaught_exception_of_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", seen.append)

    def fail() -> None:
        raise ValueError("no such account")

    trace = recorded(lambda: run(fail))
    assert story(trace, 1) == ["T1 begin", "T1 raise ValueError", "T1 end"]
    assert trace.outcome is Outcome.FAILED
    assert trace.ending is not None
    assert trace.ending.failure is not None
    failure = trace.ending.failure
    assert (failure.thread, failure.type, failure.message) == (1, "ValueError", "no such account")
    assert trace.failing_event is not None
    assert trace.failing_event.site == failure.site
    assert trace.failing_event.value == "no such account"
    files = [frame.f_code.co_filename for frame, _ in __import__("traceback").walk_tb(seen[0].exc_traceback)]
    assert [file for file in files if "threadsim/record" in file] == []


def test_system_exit_in_a_thread_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "excepthook", threading.__excepthook__)
    trace = recorded(lambda: run(sys.exit))
    assert story(trace, 1) == ["T1 begin", "T1 end"]
    assert trace.outcome is Outcome.PASSED


def test_an_exception_that_leaves_the_block_is_the_main_threads() -> None:
    recording = Recording()

    def program() -> None:
        with recording:
            raise KeyError("x")

    with pytest.raises(KeyError):
        program()
    assert story(recording.trace) == ["T0 raise KeyError"]
    assert recording.trace.outcome is Outcome.FAILED


# Timers.


def test_a_timer_fires() -> None:
    def program() -> None:
        timer = threading.Timer(SHORT, len, [""])
        timer.name = "timer"
        timer.start()
        timer.join()

    assert story(recorded(program), 1) == ["T1 begin", "T1 fire timer", "T1 end"]


def test_a_timer_is_cancelled() -> None:
    def program() -> None:
        timer = threading.Timer(9, len, [""])
        timer.name = "timer"
        timer.start()
        timer.cancel()
        timer.join()

    assert story(recorded(program)) == [
        "T0 start timer",
        "T1 begin",
        "T0 cancel timer",
        "T1 end",
        "T0 join timer",
    ]


class Ticker(threading.Timer):
    """Fires again and again, as many write it."""

    def run(self) -> None:
        while not self.finished.wait(self.interval):
            self.function()


def test_a_timer_of_the_programs_own_fires_again_and_again() -> None:
    ticks: list[int] = []

    def program() -> None:
        ticker = Ticker(0.002, lambda: ticks.append(1))
        ticker.name = "ticker"
        ticker.start()
        until(lambda: len(ticks) >= 2)
        ticker.cancel()
        ticker.join()

    texts = story(recorded(program), 1)
    assert texts == ["T1 begin", *["T1 fire ticker"] * len(ticks), "T1 end"]


# Locks.


@pytest.mark.parametrize("kind", ["Lock", "RLock", "Semaphore"])
def test_acquires_that_wait_fail_and_time_out(kind: str) -> None:
    def program() -> None:
        lock = getattr(threading, kind)()
        held = threading.Event()

        def hold() -> None:
            with lock:
                held.set()
                time.sleep(0.05)

        thread = Thread(target=hold)
        thread.start()
        held.wait()
        assert not lock.acquire(False)
        assert not lock.acquire(True, SHORT)
        assert not lock.acquire(timeout=SHORT)
        assert lock.acquire()
        lock.release()
        thread.join()

    trace = recorded(program)
    ours = [event for event in trace.events if event.thread == 0 and trace.object_name(event) == "lock"]
    assert [words(trace, event) for event in ours] == [
        "T0 acquire lock would block",
        "T0 acquire lock timed out",
        "T0 acquire lock timed out",
        "T0 acquire lock",
        "T0 release lock",
    ]
    blocked, *timed, waited, _ = [event.waited for event in ours]
    assert blocked is None
    assert all(seconds is not None and SHORT / 2 < seconds < 1 for seconds in timed)
    assert waited is not None
    assert 0 < waited < 1
    order = [f"T{e.thread} {e.kind.value}" for e in trace.events if trace.object_name(e) == "lock"]
    assert order.index("T1 release") == len(order) - 3, "the release comes before the acquire that it lets go"


def test_a_lock_held_by_nobody_is_acquired_without_waiting() -> None:
    def program() -> None:
        lock = Lock()
        lock.acquire(timeout=5)
        lock.locked()
        lock.release()
        lock.locked()
        with pytest.raises(RuntimeError):
            lock.release()
        with pytest.raises(ValueError, match="timeout"):
            lock.acquire(False, 5)

    trace = recorded(program)
    assert story(trace) == [
        "T0 acquire lock",
        "T0 locked lock",
        "T0 release lock",
        "T0 locked lock false",
        "T0 release lock RuntimeError",
        "T0 acquire lock ValueError",
    ]
    assert trace.events[0].waited is None
    assert (trace.objects[0].kind, trace.objects[0].name) == ("Lock", "lock")


def test_an_rlock_is_acquired_as_often_as_one_likes() -> None:
    def program() -> None:
        rlock = RLock()
        with rlock, rlock:
            pass
        with pytest.raises(RuntimeError):
            rlock.release()

    assert story(recorded(program)) == [
        "T0 acquire rlock",
        "T0 acquire rlock",
        "T0 release rlock",
        "T0 release rlock",
        "T0 release rlock RuntimeError",
    ]


def test_recorded_locks_pass_for_real_ones() -> None:
    before = Lock(), RLock()

    def program() -> None:
        for lock, another, old in zip((Lock(), RLock()), (Lock(), RLock()), before, strict=True):
            assert isinstance(lock, type(another))
            assert isinstance(old, type(another))
            assert not isinstance("", type(another))
            assert type(lock).__qualname__ == type(old).__qualname__
            assert type(lock).__module__ == type(old).__module__
            assert repr(lock).split(" at ")[0] == repr(old).split(" at ")[0]
            assert weakref.ref(lock)() is lock
            for copying in (pickle.dumps, copy.copy, copy.deepcopy):
                with pytest.raises(TypeError) as ours:
                    copying(lock)
                with pytest.raises(TypeError) as real:
                    copying(old)
                assert str(ours.value) == str(real.value)
            names = {name for name in dir(old) if not name.startswith("__")}
            assert {name for name in names if not hasattr(lock, name)} == set()
            with pytest.raises(AttributeError):
                lock.name = "x"
            lock.acquire()
            lock._at_fork_reinit()
            assert lock.acquire(blocking=False)
        with pytest.raises(TypeError):
            types.new_class("Mine", (threading.Lock,))  # type: ignore[arg-type]

    recorded(program)


def test_objects_outlive_the_recording_and_record_nothing_more() -> None:
    with record() as recording:
        lock, rlock, condition, simple = Lock(), RLock(), Condition(), SimpleQueue[int]()
        lock.acquire()
    events = len(recording.trace.events)
    lock.release()
    with lock, rlock, condition:
        assert lock.locked()
        condition.wait(SHORT)
        condition.notify()
    simple.put(1)
    assert simple.get() == 1
    assert len(recording.trace.events) == events == 1
    with record() as second, lock, rlock:
        simple.put(2)
    assert second.trace.events == ()


# Conditions, events, semaphores, barriers.


def test_a_condition_and_its_own_lock_are_one_object() -> None:
    ready: list[int] = []

    def program() -> None:
        condition = Condition()

        def consume() -> None:
            with condition:
                assert condition.wait_for(lambda: ready, timeout=5)

        thread = Thread(target=consume)
        thread.start()
        until(lambda: condition._waiters)  # type: ignore[attr-defined]
        condition.acquire()
        ready.append(1)
        condition.notify_all()
        condition.release()
        thread.join()
        with condition:
            condition.wait(SHORT)
        with pytest.raises(RuntimeError):
            condition.notify()

    trace = recorded(program)
    assert {(obj.kind, obj.name) for obj in trace.objects} == {("Condition", "condition")}
    assert story(trace, 1) == [
        "T1 begin",
        "T1 acquire condition",
        "T1 wait condition",
        "T1 wake condition",
        "T1 release condition",
        "T1 end",
    ]
    assert story(trace, 0)[1:] == [
        "T0 acquire condition",
        "T0 notify_all condition",
        "T0 release condition",
        f"T0 join {trace.threads[1].name}",
        "T0 acquire condition",
        "T0 wait condition",
        "T0 wake condition timed out",
        "T0 release condition",
        "T0 notify condition RuntimeError",
    ]
    trace.assert_order(
        "wait condition by T1",
        "acquire condition by T0",
        "notify_all condition",
        "release condition by T0",
        "wake condition by T1",
    )


@pytest.mark.parametrize("kind", ["Lock", "RLock"])
def test_a_condition_over_a_lock_of_the_programs(kind: str) -> None:
    def program() -> None:
        lock: Any = getattr(threading, kind)()
        condition = Condition(lock)
        with condition:
            condition.wait(SHORT)
        with lock:
            condition.notify()

    trace = recorded(program)
    assert [(obj.kind, obj.name) for obj in trace.objects] == [(kind, "lock"), ("Condition", "condition")]
    assert story(trace) == [
        "T0 acquire lock",
        "T0 wait condition",
        "T0 wake condition timed out",
        "T0 release lock",
        "T0 acquire lock",
        "T0 notify condition",
        "T0 release lock",
    ]


def test_an_event() -> None:
    def program() -> None:
        event = threading.Event()
        thread = Thread(target=event.wait, name="worker")
        thread.start()
        until(lambda: event._cond._waiters)  # type: ignore[attr-defined]
        event.is_set()
        event.set()
        thread.join()
        event.wait()
        event.is_set()
        event.clear()
        event.wait(SHORT)

    trace = recorded(program)
    assert story(trace, 1) == ["T1 begin", "T1 wait event", "T1 wake event", "T1 end"]
    assert story(trace, 0) == [
        "T0 start worker",
        "T0 is_set event false",
        "T0 set event",
        "T0 join worker",
        "T0 wait event",
        "T0 is_set event",
        "T0 clear event",
        "T0 wait event",
        "T0 wake event timed out",
    ]
    trace.assert_order("wait event by worker", "set event", "wake event by worker")


def test_a_bounded_semaphore() -> None:
    def program() -> None:
        slots = threading.BoundedSemaphore(2)
        with slots:
            slots.acquire()
        slots.release()
        with pytest.raises(ValueError, match="too many"):
            slots.release()

    trace = recorded(program)
    assert trace.objects[0].kind == "BoundedSemaphore"
    assert story(trace) == [
        "T0 acquire slots",
        "T0 acquire slots",
        "T0 release slots",
        "T0 release slots",
        "T0 release slots ValueError",
    ]


def test_a_barrier_lets_go_when_the_last_one_comes() -> None:
    actions: list[str] = []

    def program() -> None:
        lock = Lock()

        def act() -> None:
            with lock:
                actions.append("act")

        barrier = threading.Barrier(3, act)
        run(barrier.wait, barrier.wait, barrier.wait)

    trace = recorded(program)
    on_barrier = [e for e in trace.events if trace.object_name(e) == "barrier"]
    assert [e.kind.value for e in on_barrier] == ["wait"] * 3 + ["wake"] * 2
    last = on_barrier[2].thread
    assert {e.thread for e in on_barrier[3:]} == {1, 2, 3} - {last}
    assert [e.thread for e in trace.select(obj="lock")] == [last, last]


def test_a_broken_barrier() -> None:
    def program() -> None:
        barrier = threading.Barrier(2)
        with pytest.raises(threading.BrokenBarrierError):
            barrier.wait(SHORT)
        barrier.reset()
        barrier.abort()

    assert story(recorded(program)) == [
        "T0 wait barrier",
        "T0 wake barrier broken",
        "T0 reset barrier",
        "T0 abort barrier",
    ]


# Queues.


@pytest.mark.parametrize("make", [queue.Queue, queue.LifoQueue, queue.PriorityQueue])
def test_a_queue(make: Any) -> None:
    def program() -> None:
        jobs = make(1)
        jobs.put("a")
        with pytest.raises(queue.Full):
            jobs.put_nowait("b")
        with pytest.raises(queue.Full):
            jobs.put("b", timeout=SHORT)
        jobs.qsize(), jobs.empty(), jobs.full()
        assert jobs.get() == "a"
        jobs.task_done()
        jobs.join()
        with pytest.raises(queue.Empty):
            jobs.get_nowait()
        with pytest.raises(queue.Empty):
            jobs.get(timeout=SHORT)
        with pytest.raises(ValueError, match="too many"):
            jobs.task_done()

    trace = recorded(program)
    assert [(obj.kind, obj.name) for obj in trace.objects] == [(make.__name__, "jobs")]
    assert [text.removeprefix("T0 ") for text in story(trace)] == [
        "put jobs",
        "put jobs full",
        "put jobs full",
        "size jobs",
        "size jobs",
        "size jobs",
        "get jobs",
        "task_done jobs",
        "join jobs",
        "get jobs empty",
        "get jobs empty",
        "task_done jobs ValueError",
    ]
    assert [event.waited is not None for event in trace.select("put")] == [False, False, True]


def test_a_simple_queue() -> None:
    def program() -> None:
        jobs: Any = queue.SimpleQueue()
        jobs.put("a")
        jobs.put_nowait("b")
        assert (jobs.qsize(), jobs.empty()) == (2, False)
        assert [jobs.get(), jobs.get_nowait()] == ["a", "b"]
        with pytest.raises(queue.Empty):
            jobs.get_nowait()
        with pytest.raises(queue.Empty):
            jobs.get(timeout=SHORT)

    trace = recorded(program)
    assert trace.objects[0].kind == "SimpleQueue"
    assert [f"{e.kind.value} {e.result or ''}".strip() for e in trace.events] == [
        "put",
        "put",
        "size",
        "size",
        "get",
        "get",
        "get empty",
        "get empty",
    ]


@pytest.mark.parametrize(
    "make", [lambda: queue.Queue(3), lambda: queue.SimpleQueue()], ids=["Queue", "Simple"]
)
def test_puts_and_gets_are_in_the_very_order_of_the_queue(make: Callable[[], Any]) -> None:
    """What comes out of the k-th get is what went into the k-th put, by whomever."""
    taken: dict[int, list[tuple[int, int]]] = {2: [], 3: []}

    def program() -> None:
        jobs = make()

        def produce(number: int) -> Callable[[], None]:
            return lambda: [jobs.put((number, n)) for n in range(300)] and None

        def consume(number: int) -> Callable[[], None]:
            return lambda: [taken[number].append(jobs.get()) for n in range(300)] and None

        run(produce(0), produce(1), consume(2), consume(3))

    trace = recorded(program)
    counts = {1: 0, 2: 0}
    put: list[tuple[int, int]] = []
    for event in trace.select("put"):
        put.append((event.thread - 1, counts[event.thread]))
        counts[event.thread] += 1
    iterators = {thread: iter(items) for thread, items in taken.items()}
    assert [next(iterators[event.thread - 1]) for event in trace.select("get")] == put
    assert len(put) == 600


def test_a_get_that_has_to_wait_comes_after_its_put() -> None:
    def program() -> None:
        jobs: queue.Queue[int] = queue.Queue()
        thread = Thread(target=jobs.get, name="worker")
        thread.start()
        until(lambda: jobs.not_empty._waiters)  # type: ignore[attr-defined]
        jobs.put(1)
        thread.join()

    trace = recorded(program)
    trace.assert_order("put jobs", "get jobs by worker")
    assert trace.first("get").waited is not None


def test_a_thread_pool() -> None:
    from concurrent.futures import ThreadPoolExecutor

    def program() -> None:
        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(abs, [1, -2])) == [1, 2]

    trace = recorded(program)
    assert trace.outcome is Outcome.PASSED
    sites = {event.site.file for event in trace.events if event.site is not None}
    assert "<stdlib>/concurrent/futures/thread.py" in sites
    assert "<stdlib>/threading.py" not in sites


# Names.


class Account:
    def __init__(self) -> None:
        self._lock = threading.Lock()


class Jobs(queue.Queue[int]):
    def __init__(self) -> None:
        super().__init__()


def test_names_come_from_the_source() -> None:
    def program() -> None:
        first, second = Account(), Account()
        locks = [Lock() for _ in range(2)]
        jobs = Jobs()
        for lock in (first._lock, second._lock, *locks):
            lock.acquire()
        jobs.put(1)
        (lambda: Lock())().acquire()

    trace = recorded(program)
    assert [obj.name for obj in trace.objects] == [
        "Account._lock",
        "Account#2._lock",
        "locks[]",
        "locks[]#2",
        "jobs",
        "lock",
    ]


BEFORE = threading.Event()


def test_what_was_made_before_is_named_by_its_use() -> None:
    trace = recorded(lambda: BEFORE.is_set())
    assert [(obj.kind, obj.name) for obj in trace.objects] == [("Event", "BEFORE")]


# All is put back.


def state() -> dict[str, Any]:
    """What a recording could change: names of modules, attributes of their classes, code of functions."""
    found: dict[str, Any] = {"Lock": Lock, "RLock": RLock, "SimpleQueue": SimpleQueue}
    for module in (threading, queue, sys.modules["_thread"], sys.modules["_queue"]):
        for name, value in vars(module).items():
            found[f"{module.__name__}.{name}"] = value
            found[f"{module.__name__}.{name}.__code__"] = getattr(value, "__code__", None)
            if isinstance(value, type):
                for attribute, member in vars(value).items():
                    place = f"{module.__name__}.{name}.{attribute}"
                    found[place] = member
                    found[f"{place}.__code__"] = getattr(member, "__code__", None)
    return found


def changed(before: dict[str, Any]) -> list[str]:
    after = state()
    return [name for name in before if after.get(name) is not before[name]]


def test_everything_is_put_back() -> None:
    before = state()
    recording = Recording()

    def program() -> None:
        with recording:
            assert changed(before) != []
            run(lambda: None)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        program()
    assert changed(before) == []
    assert state().keys() == before.keys()


def test_modules_imported_meanwhile_get_the_real_names_too() -> None:
    module = types.ModuleType("imported_meanwhile")

    def program() -> None:
        sys.modules["imported_meanwhile"] = module
        exec("from threading import Lock\nfrom queue import SimpleQueue", module.__dict__)
        assert module.Lock is not threading.RLock

    try:
        recorded(program)
        assert module.Lock is threading.Lock is Lock
        assert module.SimpleQueue is queue.SimpleQueue is SimpleQueue
    finally:
        del sys.modules["imported_meanwhile"]


def test_one_recording_at_a_time() -> None:
    with record(), pytest.raises(ThreadsimError, match="under way already"), record():
        pass
    recorded(lambda: None)


def test_the_trace_is_there_after_the_block() -> None:
    with record() as recording, pytest.raises(ThreadsimError, match="when its with block is over"):
        _ = recording.trace
    header = recording.trace.header
    assert header.kind == "recorded"
    assert header.program.endswith("test_recorder.py::test_the_trace_is_there_after_the_block")
    assert len(header.sources) == 1


def test_threads_that_ran_already_are_left_out() -> None:
    go, gone, stop = threading.Event(), threading.Event(), threading.Event()

    def outsider() -> None:
        go.wait()
        gone.set()
        stop.wait()

    thread = threading.Thread(target=outsider)
    thread.start()
    with record() as recording:
        go.set()
        gone.wait()
    stop.set()
    thread.join()
    assert {event.thread for event in recording.trace.events} == {0}
    assert [event.kind for event in recording.trace.select(obj="gone")] in (["wait"], ["wait", "wake"])
