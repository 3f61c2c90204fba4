"""What is not managed never hangs: the watchdog ends the execution and says where."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

import threadsim
from threadsim.simulate import watchdog
from threadsim.simulate.program import Function
from threadsim.simulate.simulator import Simulator
from threadsim.strategy.random_walk import RandomWalk

READ, WRITE = os.pipe()


def execute(program: object, limit: float = 0.3) -> object:
    with Simulator(Function(program), limit=limit) as simulator:  # type: ignore[arg-type]
        return simulator.execute(RandomWalk(0), 0).result


def test_a_thread_that_blocks_in_something_real_is_named_with_its_line() -> None:
    def work() -> None:
        os.read(READ, 1)

    def program() -> None:
        thread = threading.Thread(target=work, name="worker")
        thread.start()
        thread.join()

    with pytest.raises(
        threadsim.UnmanagedBlock, match=r"worker .*test_watchdog\.py:\d+, `os\.read\(READ, 1\)`"
    ):
        execute(program)


def test_the_process_goes_on_to_the_next_execution() -> None:
    with pytest.raises(threadsim.UnmanagedBlock):
        execute(lambda: os.read(READ, 1))
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


def test_a_loop_without_end_is_told_from_what_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "COMPUTING_LIMIT", 0.3)

    def program() -> None:
        while True:
            pass

    with pytest.raises(threadsim.UnmanagedBlock, match=r"computes at .*test_watchdog\.py:\d+, `(while|pass)"):
        execute(program, limit=0.1)


DEAF = """
import ctypes
from threadsim.simulate import watchdog
from threadsim.simulate.program import Function
from threadsim.simulate.simulator import Simulator
from threadsim.strategy.random_walk import RandomWalk

watchdog.DEAF_LIMIT = 0.3
libc = ctypes.CDLL(None)
mutex = ctypes.create_string_buffer(64)
libc.pthread_mutex_init(mutex, None)

def program():
    libc.pthread_mutex_lock(mutex)
    libc.pthread_mutex_lock(mutex)

with Simulator(Function(program), limit=0.2) as simulator:
    simulator.execute(RandomWalk(0), 0)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="knows the C library's locks on Linux only")
def test_who_heeds_no_signal_ends_the_process_with_a_word() -> None:
    command = [sys.executable, "-c", DEAF]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert ran.returncode == 2
    assert "MainThread has not come to a scheduling point" in ran.stderr
    assert "heeds no signal" in ran.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="has no terminals like that")
def test_a_person_may_take_time_to_type() -> None:
    import pty  # not everywhere

    ours, theirs = pty.openpty()
    stdin = os.fdopen(theirs)
    typist = threading.Timer(1.0, os.write, (ours, b"bob\n"))
    typist.start()
    with stdin, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", stdin)
        assert execute(input, limit=0.2) == "bob"
    typist.join()
    os.close(ours)


def test_ctrl_c_while_a_thread_begins_ends_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(thread: threading.Thread) -> None:
        signal.raise_signal(signal.SIGINT)  # before the thread is known to `threading` by its number

    monkeypatch.setattr(threading.Thread, "_set_native_id", interrupt)

    with pytest.raises(KeyboardInterrupt):
        threadsim.simulate(lambda: threading.Thread(target=time.sleep, args=(1,)).start())


def test_ctrl_c_may_be_caught_by_the_main_thread() -> None:
    def program() -> str:
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            return "caught"
        return "not caught"

    assert threadsim.simulate(program).result == "caught"
