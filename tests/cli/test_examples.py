"""Each example under each command, and what a person is told."""

from __future__ import annotations

from pathlib import Path

import pytest

import threadsim
from support.cli import Ran, process, run

EXAMPLES = sorted(path.stem for path in (Path(__file__).parent.parent.parent / "examples").glob("*.py"))
MAY_FAIL = {
    "lost_update": "failed",
    "deadlock": "deadlock",
    "philosophers": "deadlock",
    "missed_notify": "deadlock",
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_is_simulated_shown_and_replayed(name: str) -> None:
    outcomes = set()
    for seed in range(12):
        path = f"traces/{name}.seed-{seed}.jsonl"
        ran = run("simulate", f"examples/{name}.py", "--seed", str(seed))
        trace = threadsim.load(path)
        outcomes.add(trace.outcome)
        assert ran.status == (0 if trace.outcome == "passed" else 1)
        assert ran.out == trace.output
        assert run("replay", path).out == ran.out
        assert run("show", path).out.startswith(f"examples/{name}.py · simulated: seed {seed}, random · ")
        assert run("check", path, "start before begin").status == 0
    assert outcomes <= {"passed", MAY_FAIL.get(name)}


@pytest.mark.parametrize(
    "name", [name for name in EXAMPLES if name != "timer" and MAY_FAIL.get(name) != "deadlock"]
)
def test_example_is_traced_and_its_recording_replayed(name: str) -> None:
    ran = process("trace", f"examples/{name}.py")

    trace = threadsim.load(f"traces/{name}.jsonl")
    assert ran.status == (0 if trace.outcome == "passed" else 1)
    assert ran.err.endswith(f" events of {len(trace.threads)} threads in traces/{name}.jsonl\n")
    replayed = run("replay", f"traces/{name}.jsonl")
    assert replayed.status == (0 if replayed.err.startswith("threadsim: passed\n") else 1)
    assert replayed.err.endswith(" recorded events happened in the recorded order\n")


def test_failure_says_what_happened_how_to_see_it_and_how_to_have_it_again() -> None:
    ran = run("simulate", "examples/lost_update.py", "--seed", "1")

    assert (ran.status, ran.out) == (1, "")
    assert ran.err.splitlines()[-4:] == [
        "AssertionError: expected 2, got 1",
        "threadsim: seed 1: failed: AssertionError: expected 2, got 1 in MainThread",
        "threadsim: see it with: threadsim show traces/lost_update.seed-1.jsonl",
        "threadsim: again with: threadsim replay traces/lost_update.seed-1.jsonl",
    ]


def test_command_that_a_failure_ends_with_has_it_again() -> None:
    failed = run("simulate", "examples/lost_update.py", "--seed", "1")
    words = failed.err.splitlines()[-1].removeprefix("threadsim: again with: threadsim ").split()

    again = run(*words)

    assert again.status == 1
    assert again.err.endswith("threadsim: failed: AssertionError: expected 2, got 1 in MainThread\n")


def test_deadlock_is_told_as_who_waits_for_what_held_by_whom() -> None:
    err = run("simulate", "examples/deadlock.py", "--seed", "1").err

    assert err.startswith("threadsim: seed 1: deadlock:\n  MainThread waits for Thread-1 (transfer) to end (")
    assert err.count(", held by Thread-") == 2


def test_pass_says_its_seed() -> None:
    assert run("simulate", "-q", "examples/two_threads.py", "--seed", "7") == Ran(
        0,
        "",
        "threadsim: seed 7: passed\n"
        "threadsim: again with: threadsim replay traces/two_threads.seed-7.jsonl\n",
    )


def test_quiet_trace_says_nothing() -> None:
    assert process("trace", "-q", "examples/lost_update_locked.py") == Ran(0, "", "")


@pytest.mark.slow
def test_locked_example_never_fails() -> None:
    from threadsim.simulate.program import Script
    from threadsim.simulate.simulator import Simulator
    from threadsim.strategy.random_walk import RandomWalk

    with Simulator(Script("examples/lost_update_locked.py")) as simulator:
        outcomes = {simulator.execute(RandomWalk(seed), seed).outcome for seed in range(10_000)}

    assert outcomes == {threadsim.Outcome.PASSED}
