"""How the threads came to where they are: at the end of a deadlock, and at the events that one asks for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Any

import attrs

from threadsim import Outcome, simulate
from threadsim.model.event import Event
from threadsim.model.site import Site
from threadsim.simulate.execution import Execution
from threadsim.simulate.program import as_program
from threadsim.simulate.simulator import Simulator
from threadsim.strategy.random_walk import RandomWalk
from threadsim.strategy.replay import Replay


def names(stack: Iterable[Site]) -> list[str]:
    return [site.function.rpartition(".")[2] for site in stack]


def stacks_at_end(execution: Execution) -> dict[int, list[str]]:
    assert execution.trace.ending is not None
    return {waiting.thread: names(waiting.stack) for waiting in execution.trace.ending.waiting}


def work_with(lock: threading.Lock, other: threading.Lock) -> None:
    def take_other() -> None:
        with other:
            pass

    with lock:
        time.sleep(1)
        take_other()


def two_locks() -> None:
    first, second = threading.Lock(), threading.Lock()
    threading.Thread(target=lambda: work_with(first, second)).start()
    work_with(second, first)


def test_a_deadlock_has_the_stack_of_each_blocked_thread() -> None:
    execution = simulate(two_locks)
    assert execution.outcome is Outcome.DEADLOCK
    assert stacks_at_end(execution) == {0: ["two_locks", "work_with"], 1: ["<lambda>", "work_with"]}
    assert execution.trace.ending is not None
    waiting = execution.trace.ending.waiting[0]
    assert waiting.site is not None
    assert names([waiting.site]) == ["take_other"]
    assert waiting.stack[-1].line == work_with.__code__.co_firstlineno + 7


def test_a_thread_that_is_blocked_in_its_own_function_has_none() -> None:
    assert stacks_at_end(simulate(lambda: threading.Semaphore(0).acquire())) == {0: []}


def test_a_livelock_has_the_stacks_of_the_threads_that_went_on() -> None:
    stop = threading.Event()

    def spin() -> None:
        while not stop.is_set():
            pass

    def work() -> None:
        spin()

    def program() -> None:
        threading.Thread(target=work).start()
        work()

    with Simulator(as_program(program), max_steps=200) as simulator:
        execution = simulator.execute(RandomWalk(0), 0)
    assert execution.outcome is Outcome.LIVELOCK
    assert stacks_at_end(execution) == {0: ["program", "work"], 1: ["work"]}


def test_frames_of_the_library_between_are_left_out() -> None:
    lock = threading.Lock()

    def task() -> None:
        lock.acquire()
        lock.acquire()

    def program() -> None:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(lambda: task())

    stacks = stacks_at_end(simulate(program))
    assert stacks[1] == ["<lambda>"]
    assert stacks[0] == ["program"]  # blocked in the library, which waits for the worker to end


def test_an_exception_has_the_stack_of_what_raised_it() -> None:
    def fail() -> None:
        [[][0] for _ in [1]]

    def work() -> None:
        sorted([1], key=lambda _: fail())

    def program() -> None:
        threading.Thread(target=work).start()

    execution = simulate(program)
    assert execution.trace.ending is not None
    failure = execution.trace.ending.failure
    assert failure is not None
    assert failure.site is not None
    assert names([*failure.stack, failure.site]) == ["work", "<lambda>", "fail"]


def test_an_exception_that_a_library_raises_has_the_way_to_the_programs_own_line() -> None:
    def work() -> None:
        Fraction("no")

    execution = simulate(lambda: work())
    assert execution.trace.ending is not None
    failure = execution.trace.ending.failure
    assert failure is not None
    assert failure.site is not None
    assert names([*failure.stack, failure.site]) == ["<lambda>", "work"]


# Events.


def lost_update() -> None:
    counts = {"a": 0}

    def add(key: str) -> None:
        counts[key] += 1

    def work() -> None:
        add("a")

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def again(program: Callable[[], Any], which: Callable[[Event], bool]) -> tuple[Execution, Execution]:
    """An execution, and the same again with the stacks of some of its events."""
    with Simulator(as_program(program)) as simulator:
        first = simulator.execute(RandomWalk(0), 0)
        strategy = Replay(first.trace.schedule, same_source=True)
        wanted = first.notes_of(filter(which, first.trace.events))
        return first, simulator.execute(strategy, 0, stacks_at=wanted)


def test_events_have_their_stacks_where_that_is_asked_for() -> None:
    _, execution = again(lost_update, lambda event: event.kind == "write")
    stacks = [(event.kind, names(event.stack)) for event in execution.trace.events if event.stack]
    assert stacks == [("write", ["work"]), ("write", ["work"])]


def test_an_execution_with_stacks_is_the_same_as_without() -> None:
    for program in (lost_update, two_locks):
        first, second = again(program, lambda event: True)
        assert second.trace.events == first.trace.events
        assert second.trace.ending == first.trace.ending
        assert second.interleaving == first.interleaving
        assert any(event.stack for event in second.trace.events)
        assert not any(event.stack for event in first.trace.events)


def test_the_stack_at_the_end_of_a_deep_recursion() -> None:
    lock = threading.Lock()

    def down(depth: int) -> None:
        if depth:
            down(depth - 1)
        else:
            lock.acquire()

    def program() -> None:
        lock.acquire()
        down(100)

    assert stacks_at_end(simulate(program)) == {0: ["program", *["down"] * 100]}


def test_events_of_a_library_have_the_stack_of_the_program() -> None:
    def program() -> None:
        with ThreadPoolExecutor(1) as pool:
            list(pool.map(abs, [1]))

    _, execution = again(program, lambda event: True)
    assert all(not site.file.startswith("<") for event in execution.trace.events for site in event.stack)
    (start,) = execution.trace.select("start")
    assert start.site is not None
    assert start.site.file.startswith("<stdlib>")
    assert names(start.stack) == ["program"]
    assert attrs.evolve(start, stack=()) == start
