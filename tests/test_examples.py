"""The programs in examples/ do under plain Python what the guide says that they do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"
FINISHED = "Thread has finished execution.\n"
COUNTED = "".join(f"Thread: {number}\n" for number in range(5))


def run(name: str) -> subprocess.CompletedProcess[str]:
    """Run an example for real, in development mode with warnings as errors."""
    command = [sys.executable, "-X", "dev", "-W", "error", str(EXAMPLES / name)]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)


def output_of(name: str) -> str:
    ran = run(name)
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


def test_every_example_compiles_without_a_warning() -> None:
    scripts = sorted(EXAMPLES.glob("*.py"))

    for script in scripts:
        compile(script.read_text(encoding="utf-8"), script.name, "exec")

    assert len(scripts) >= 7


def test_empty_thread_finishes() -> None:
    assert output_of("empty_thread.py") == FINISHED


def test_thread_with_arguments_counts_to_its_argument() -> None:
    assert output_of("thread_with_arguments.py") == COUNTED + FINISHED


@pytest.mark.slow
def test_timer_does_the_same_three_seconds_later() -> None:
    assert output_of("timer.py") == COUNTED + FINISHED


def test_two_threads_print_every_number_in_whatever_order() -> None:
    printed = "".join(f"Thread {thread}: {number}\n" for thread in (1, 2) for number in range(5))
    last = "Both threads have finished execution.\n"

    output = output_of("two_threads.py")

    assert output.endswith(last)
    assert sorted(output) == sorted(printed + last)  # characters: a line may be torn by the other thread's


def test_two_threads_with_a_lock_never_tear_a_line() -> None:
    *lines, last = output_of("two_threads_with_lock.py").splitlines()

    for thread in ("Thread 1", "Thread 2"):
        own = [line for line in lines if line.startswith(thread)]
        assert own == [f"{thread}: {number}" for number in range(10)]
    assert len(lines) == 20
    assert last == "Both threads have finished execution."


def test_lost_update_loses_an_update_or_passes() -> None:
    ran = run("lost_update.py")

    assert ran.returncode in (0, 1)
    if ran.returncode:
        assert ran.stderr.endswith("AssertionError: expected 2, got 1\n")


def test_lost_update_locked_passes() -> None:
    assert output_of("lost_update_locked.py") == ""


def test_bounded_queue_passes() -> None:
    assert output_of("bounded_queue.py") == ""
