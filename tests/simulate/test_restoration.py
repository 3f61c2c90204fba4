"""After an execution the interpreter is as it was, whatever happened; and nothing of one reaches another."""

from __future__ import annotations

import _thread
import gc
import os
import queue
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import FunctionType
from typing import Any

import pytest

from support.simulation import outcomes_of, story
from threadsim import Divergence, Outcome, ThreadsimError, UnmanagedBlock, replay, simulate
from threadsim.simulate.program import as_program
from threadsim.simulate.simulator import Simulator
from threadsim.strategy.random_walk import RandomWalk


def snapshot() -> dict[str, Any]:
    """Whatever an execution changes for its length."""
    modules = (threading, _thread, time, queue, random)
    code = {
        f"{module.__name__}.{cls.__name__}.{name}": function.__code__
        for module in (threading, queue)
        for cls in vars(module).values()
        if isinstance(cls, type)
        for name, function in vars(cls).items()
        if isinstance(function, FunctionType)
    }
    return {
        **{
            f"{module.__name__}.{name}": id(value)
            for module in modules
            for name, value in vars(module).items()
        },
        **code,
        "threads": threading.enumerate(),
        "main thread": threading.main_thread(),
        "atexit": list(threading._threading_atexits),  # type: ignore[attr-defined]
        "modules": dict(sys.modules),
        "finders": list(sys.meta_path),
        "streams": (sys.stdout, sys.stderr),
        "random": random.getstate(),
        "garbage collection": gc.isenabled(),
        "path": (list(sys.path), list(sys.argv), os.getcwd()),
        "interrupt": signal.getsignal(signal.SIGINT),
        "own": (work.__code__, lock_of_this_module),
    }


lock_of_this_module = threading.Lock()


def work() -> int:
    with lock_of_this_module:
        random.random()
        jobs: queue.Queue[int] = queue.Queue()
        threading.Thread(target=jobs.put, args=(1,)).start()
        return jobs.get()


def passes() -> int:
    with ThreadPoolExecutor(2) as pool:
        return sum(pool.map(lambda number: work(), range(3)))


def fails() -> None:
    threading.Thread(target=lambda: 1 / 0).start()
    raise LookupError


def deadlocks() -> None:
    work()
    threading.Thread(target=threading.Event().wait).start()
    threading.Event().wait()


def spins() -> None:
    threading.Thread(target=time.sleep, args=(1e9,), daemon=True).start()
    while True:
        work()


def exits() -> None:
    work()
    sys.exit(3)


def meddles() -> None:
    threading.excepthook = print
    threading.settrace(lambda *arguments: None)
    sys.stdout = sys.stderr
    gc.enable()
    random.seed(5)


def is_interrupted() -> None:
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    raise KeyboardInterrupt


def test_passing_program_leaves_nothing() -> None:
    before = snapshot()
    assert simulate(passes).result == 3
    assert snapshot() == before


@pytest.mark.parametrize(
    ("program", "outcome"),
    [
        (fails, Outcome.FAILED),
        (deadlocks, Outcome.DEADLOCK),
        (spins, Outcome.LIVELOCK),
        (exits, Outcome.FAILED),
        (meddles, Outcome.PASSED),
    ],
)
def test_program_that_ends_badly_leaves_nothing(program: Callable[[], None], outcome: Outcome) -> None:
    before = snapshot()
    assert simulate(program, max_steps=2000).outcome is outcome
    assert snapshot() == before


def test_interrupt_is_raised_and_leaves_nothing() -> None:
    before = snapshot()
    with pytest.raises(KeyboardInterrupt):
        simulate(is_interrupted)
    assert snapshot() == before


def test_divergence_leaves_nothing() -> None:
    trace = simulate(deadlocks).trace
    before = snapshot()
    with pytest.raises(Divergence):
        replay(passes, trace)
    assert snapshot() == before


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="the watchdog needs signals")
def test_block_in_something_unmanaged_is_an_error_and_leaves_nothing() -> None:
    reader, writer = os.pipe()

    def program() -> None:
        threading.Thread(target=threading.Event().wait, daemon=True).start()
        os.read(reader, 1)

    before = snapshot()
    try:
        with (
            Simulator(as_program(program), limit=0.3) as simulator,
            pytest.raises(UnmanagedBlock, match=r"os\.read"),
        ):
            simulator.execute(RandomWalk(0), 0)
    finally:
        os.close(reader)
        os.close(writer)
    assert snapshot() == before


def test_simulating_within_a_simulation_is_refused() -> None:
    def program() -> None:
        with pytest.raises(ThreadsimError, match="cannot simulate another"):
            simulate(passes)

    simulate(program).assert_passed()


def test_random_numbers_are_those_of_the_seed() -> None:
    assert simulate(random.random, seed=1).result == simulate(random.random, seed=1).result
    assert simulate(random.random, seed=1).result != simulate(random.random, seed=2).result


# From one execution to the next.


def test_no_finally_block_runs_in_another_execution() -> None:
    unwound: list[int] = []
    number = 0

    def program() -> None:
        nonlocal number
        number += 1
        mine = number

        def wait() -> None:
            try:
                threading.Event().wait()
            finally:
                unwound.append((mine, number))  # type: ignore[arg-type]

        for _ in range(2):
            threading.Thread(target=wait).start()

    assert outcomes_of(program, range(5)) == {Outcome.DEADLOCK}
    assert unwound == [(mine, mine) for mine in range(1, 6) for _ in range(2)]


def test_primitives_outlive_an_execution_as_free_ones() -> None:
    kept: dict[str, Any] = {}

    def program() -> None:
        if not kept:
            kept.update(lock=threading.Lock(), rlock=threading.RLock(), semaphore=threading.Semaphore(0))
            kept.update(event=threading.Event(), condition=threading.Condition(), queue=queue.Queue())
            kept["thread"] = threading.Thread(target=kept["event"].wait)
            kept["lock"].acquire()
            kept["rlock"].acquire()
            kept["condition"].acquire()
            kept["thread"].start()
        use()
        kept["lock"].acquire()

    def use() -> None:
        with kept["rlock"], kept["condition"]:
            kept["condition"].notify()
        kept["queue"].put(1)
        assert kept["queue"].get() == 1
        kept["semaphore"].release()
        assert kept["semaphore"].acquire(timeout=1)

    assert simulate(program).outcome is Outcome.DEADLOCK
    for name in ("lock", "rlock"):
        assert kept[name].acquire(False)
        kept[name].release()
    with kept["condition"]:
        assert not kept["condition"].wait(0)
    assert not kept["event"].is_set()
    assert not kept["thread"].is_alive()
    use()
    execution = simulate(program)
    execution.assert_passed()
    assert story(execution)[-2] == "T0 acquire kept['lock']"


def test_thread_of_a_past_execution_is_over() -> None:
    kept: list[threading.Thread] = []

    def program() -> list[bool]:
        if not kept:
            kept.append(threading.Thread(target=threading.Event().wait, daemon=True))
            kept[0].start()
        else:
            kept[0].join()
        return [thread.is_alive() for thread in kept]

    assert simulate(program).result == [True]
    assert simulate(program).result == [False]


def test_execution_leaves_nothing_to_the_garbage_collector() -> None:
    def program() -> None:
        lock = threading.Lock()

        def work() -> None:
            with lock:
                pass

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    with Simulator(as_program(program)) as simulator:
        simulator.execute(RandomWalk(0), 0)
        gc.collect()
        simulator.execute(RandomWalk(0), 0)
        assert gc.collect() == 0


def test_pool_that_is_never_shut_down_ends_with_the_program() -> None:
    def program() -> int:
        pool = ThreadPoolExecutor(2)
        return pool.submit(lambda: 5).result()

    before = snapshot()
    assert outcomes_of(program) == {5}
    assert snapshot() == before
    with ThreadPoolExecutor(1) as pool:  # a real one works as before
        assert pool.submit(lambda: 6).result() == 6
