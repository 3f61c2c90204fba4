"""What is not managed never hangs: the watchdog ends the execution and says where."""

from __future__ import annotations

import os
import queue
import signal
import threading
import time

import pytest

import threadsim
from threadsim.simulate.program import Function
from threadsim.simulate.simulator import Simulator
from threadsim.strategy.random_walk import RandomWalk

REAL_QUEUE: queue.SimpleQueue[int] = queue.SimpleQueue()


def execute(program: object, limit: float = 0.3) -> None:
    with Simulator(Function(program), limit=limit) as simulator:  # type: ignore[arg-type]
        simulator.execute(RandomWalk(0), 0)


def test_a_thread_that_blocks_in_something_real_is_named_with_its_line() -> None:
    def work() -> None:
        REAL_QUEUE.get()  # made before, in C: nothing can be put in its place

    def program() -> None:
        thread = threading.Thread(target=work, name="worker")
        thread.start()
        thread.join()

    with pytest.raises(
        threadsim.UnmanagedBlock, match=r"worker .*test_watchdog\.py:\d+, `REAL_QUEUE\.get\(\)`"
    ):
        execute(program)


def test_the_process_goes_on_to_the_next_execution() -> None:
    with pytest.raises(threadsim.UnmanagedBlock):
        execute(REAL_QUEUE.get)
    assert threadsim.simulate(lambda: 3).result == 3
    assert not isinstance(signal.getsignal(signal.SIGINT), type(None))


def test_a_thread_that_computes_is_left_alone() -> None:
    clock = time.process_time  # not virtual

    def program() -> None:
        begun = clock()
        while clock() < begun + 0.5:
            pass

    execute(program, limit=0.1)


def test_the_handler_of_ctrl_c_is_put_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    threadsim.simulate(lambda: None)
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_ends_the_execution() -> None:
    def program() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        while True:
            time.sleep(1)

    with pytest.raises(KeyboardInterrupt):
        threadsim.simulate(program)
    assert threadsim.simulate(lambda: 3).result == 3


def test_ctrl_c_in_another_thread_ends_it_too() -> None:
    def work() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        while True:
            time.sleep(1)

    def program() -> None:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    with pytest.raises(KeyboardInterrupt):
        threadsim.simulate(program)
