"""What the standard library builds on threads, and what it does beside them, in an execution."""

from __future__ import annotations

import functools
import io
import logging
import os
import sched
import signal
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Callable
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import Any

import pytest

import threadsim
from support.searched import run_threads
from threadsim import Outcome

SEEDS = range(10)


def results_of(program: Callable[[], Any]) -> set[Any]:
    """What a program comes to under some seeds; it passes under each, and twice alike."""
    found = set()
    for seed in SEEDS:
        first, second = (threadsim.simulate(program, seed=seed) for _ in range(2))
        assert first.outcome is Outcome.PASSED, first.error
        assert first.trace == second.trace
        found.add(first.result)
    return found


# Pools of threads.


def test_thread_pool_maps() -> None:
    def program() -> tuple[int, ...]:
        with ThreadPool(2) as pool:
            return tuple(pool.map(lambda number: number * number, range(4)))

    assert results_of(program) == {(0, 1, 4, 9)}


def test_thread_pool_gives_results_in_any_order() -> None:
    def program() -> tuple[int, ...]:
        pool = ThreadPool(2)
        found = tuple(pool.imap_unordered(abs, [-1, -2]))
        pool.close()
        pool.join()
        return found

    assert results_of(program) == {(1, 2), (2, 1)}


def test_thread_pool_passes_errors_on() -> None:
    def program() -> str:
        with ThreadPool(1) as pool:
            try:
                pool.apply(int, ("no number",))
            except ValueError as error:
                return str(error)
        raise AssertionError

    assert results_of(program) == {"invalid literal for int() with base 10: 'no number'"}


@pytest.mark.filterwarnings("ignore:unclosed running multiprocessing pool:ResourceWarning")
def test_thread_pool_may_be_left_over() -> None:
    def program() -> int:
        return int(ThreadPool(2).apply(len, ("abc",)))

    assert results_of(program) == {3}
    with ThreadPool(1) as real:
        assert real.apply(len, ("abcd",)) == 4


# What threads share in the library.


def test_functions_cached_by_threads_are_called_at_least_once() -> None:
    def program() -> tuple[int, int]:
        calls = []

        @functools.lru_cache
        def square(number: int) -> int:
            calls.append(number)
            return number * number

        run_threads(lambda: square(3), lambda: square(3))
        return square(3), len(calls)

    assert results_of(program) <= {(9, 1), (9, 2)}


def test_threads_may_import_one_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "imported_by_two.py").write_text("value = 5\n")
    monkeypatch.syspath_prepend(tmp_path)

    def program() -> tuple[int, ...]:
        seen: list[int] = []

        def work() -> None:
            import imported_by_two  # type: ignore[import-not-found]

            seen.append(imported_by_two.value)

        run_threads(work, work)
        sys.modules.pop("imported_by_two")
        return tuple(seen)

    assert results_of(program) == {(5, 5)}


def test_finalizers_run_in_the_thread_that_lets_go() -> None:
    class Thing:
        pass

    def program() -> str:
        finalized: list[str] = []

        def work() -> None:
            thing = Thing()
            weakref.finalize(thing, lambda: finalized.append(threading.current_thread().name))
            del thing

        thread = threading.Thread(target=work, name="worker")
        thread.start()
        thread.join()
        return finalized[0]

    assert results_of(program) == {"worker"}


def test_log_lines_of_threads_come_whole() -> None:
    def program() -> str:
        stream = io.StringIO()
        logger = logging.Logger("mine")
        logger.addHandler(logging.StreamHandler(stream))
        run_threads(lambda: logger.warning("one"), lambda: logger.warning("two"))
        return stream.getvalue()

    assert results_of(program) == {"one\ntwo\n", "two\none\n"}


def test_scheduler_keeps_to_virtual_time() -> None:
    def program() -> tuple[str, ...]:
        done: list[str] = []
        scheduler = sched.scheduler()
        scheduler.enter(3600, 1, done.append, ("late",))
        scheduler.enter(60, 1, done.append, ("soon",))
        thread = threading.Thread(target=scheduler.run)
        thread.start()
        thread.join()
        return tuple(done)

    begun = time.monotonic()
    assert results_of(program) == {("soon", "late")}
    assert time.monotonic() - begun < 60


# What is done in one go.


def test_files_are_read_and_written(tmp_path: Path) -> None:
    def program() -> tuple[str, str]:
        def write(name: str) -> None:
            with tempfile.NamedTemporaryFile("w", dir=tmp_path) as file:
                file.write(name)
                file.flush()
                Path(tmp_path, name).write_text(Path(file.name).read_text() + "\n")

        run_threads(lambda: write("a"), lambda: write("b"))
        return Path(tmp_path, "a").read_text(), Path(tmp_path, "b").read_text()

    assert results_of(program) == {("a\n", "b\n")}


def test_another_program_is_run_in_one_go() -> None:
    def program() -> tuple[str, ...]:
        said: list[str] = []

        def work(word: str) -> None:
            ran = subprocess.run([sys.executable, "-c", f"print({word!r})"], capture_output=True, text=True)
            said.append(ran.stdout)

        run_threads(lambda: work("a"), lambda: work("b"))
        return tuple(sorted(said))

    execution = threadsim.simulate(program, seed=1)
    assert execution.result == ("a\n", "b\n")


def test_signals_are_handled_in_the_main_thread() -> None:
    def program() -> str:
        handled: list[str] = []
        before = signal.signal(signal.SIGUSR1, lambda *_: handled.append(threading.current_thread().name))
        try:
            os.kill(os.getpid(), signal.SIGUSR1)
            time.sleep(1)
        finally:
            signal.signal(signal.SIGUSR1, before)
        return handled[0]

    assert results_of(program) == {"MainThread"}


# Standard input.


def test_each_execution_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("ann\nbob\ncarl"))

    def program() -> tuple[str, ...]:
        names = [input(), sys.stdin.readline(), sys.stdin.read()]
        run_threads(lambda: None)
        return tuple(names)

    def is_right(execution: threadsim.Execution) -> bool:
        return bool(execution.result == ("ann", "bob\n", "carl"))

    exploration = threadsim.explore(program, check=is_right)

    assert exploration.executions > 1
    exploration.assert_passed()
    assert exploration.exhausted


def test_lines_go_to_whoever_asks_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("ann\nbob\n"))

    def program() -> None:
        names = {}

        def ask(key: str) -> None:
            names[key] = input()

        run_threads(lambda: ask("first"), lambda: ask("second"))
        assert names == {"first": "ann", "second": "bob"}

    exploration = threadsim.explore(program, strategy="dpor")

    assert exploration.failure is not None


def test_the_end_of_input_is_an_error_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))

    execution = threadsim.simulate(input)

    assert isinstance(execution.error, EOFError)


def test_bytes_may_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("grün\nblau\n"))

    def program() -> tuple[bytes, bytes, list[str]]:
        return sys.stdin.buffer.readline(), sys.stdin.buffer.read(2), list(sys.stdin)

    assert threadsim.simulate(program).result == ("grün\n".encode(), b"bl", ["au\n"])


# What cannot be simulated.


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_fork_is_refused_with_its_line() -> None:
    def program() -> None:
        thread = threading.Thread(target=os.fork, name="forker")
        thread.start()
        thread.join()

    def inside() -> None:
        os.fork()

    with pytest.raises(
        threadsim.UnmanagedCall, match=r"MainThread called os\.fork at .*test_library\.py:\d+"
    ):
        threadsim.simulate(inside)
    with pytest.raises(threadsim.UnmanagedCall, match=r"forker called os\.fork"):
        threadsim.simulate(program)
    assert threadsim.simulate(lambda: 3).result == 3
