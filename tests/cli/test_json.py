"""One JSON object for machines, and nothing else on standard output."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.cli import process, run

KEYS = ["outcome", "executions", "exhausted", "failure", "trace"]
FAILURE_KEYS = ["kind", "message", "seed", "schedule_number", "trace"]
LOST = "examples/lost_update.py"


def found(text: str) -> dict[str, Any]:
    """The object, its keys checked."""
    value: dict[str, Any] = json.loads(text)
    assert text.count("\n") == 1
    assert list(value)[:5] == KEYS
    if value["failure"] is not None:
        assert list(value["failure"]) == FAILURE_KEYS
    return value


def test_simulation_that_passes() -> None:
    ran = run("simulate", "--json", "examples/two_threads.py", "--seed", "3")

    assert (ran.status, ran.err) == (0, "")
    assert found(ran.out) == {
        "outcome": "passed",
        "executions": 1,
        "exhausted": False,
        "failure": None,
        "trace": "traces/two_threads.seed-3.jsonl",
    }


def test_simulation_that_fails_prints_no_traceback() -> None:
    ran = run("simulate", "--json", "-o", "t.jsonl", "--seed", "1", LOST)

    assert (ran.status, ran.err) == (1, "")
    assert found(ran.out)["failure"] == {
        "kind": "failed",
        "message": "AssertionError: expected 2, got 1 in MainThread",
        "seed": 1,
        "schedule_number": None,
        "trace": "t.jsonl",
    }


def test_deadlock_and_livelock_are_kinds_of_failures() -> None:
    deadlock = run("simulate", "--json", "examples/deadlock.py", "--seed", "1")
    livelock = run("simulate", "--json", "--max-steps", "3", "examples/two_threads.py")

    assert (deadlock.status, livelock.status) == (1, 1)
    assert found(deadlock.out)["failure"]["kind"] == found(deadlock.out)["outcome"] == "deadlock"
    assert found(livelock.out)["failure"]["kind"] == found(livelock.out)["outcome"] == "livelock"


def test_drawing_is_said_on_standard_error_only() -> None:
    ran = run("simulate", "--json", "-f", "dot", "-o", "t.jsonl", LOST)

    assert found(ran.out)["outcome"] == "passed"
    assert ran.err == "threadsim: drawn in t.dot\n"


def test_replay_has_the_seed_of_its_trace() -> None:
    run("simulate", "-q", "-o", "t.jsonl", "--seed", "1", LOST)

    ran = run("replay", "--json", "t.jsonl")

    assert ran.status == 1
    assert (found(ran.out)["failure"]["seed"], found(ran.out)["trace"]) == (1, "t.jsonl")


def test_replay_of_a_script_saves_nothing() -> None:
    ran = run("replay", "--json", LOST, "--seed", "1")

    assert (ran.status, found(ran.out)["trace"], found(ran.out)["failure"]["seed"]) == (1, None, 1)


def test_trace_prints_its_object_after_the_programs_output() -> None:
    ran = process("trace", "--json", "examples/empty_thread.py")

    first, last = ran.out.splitlines(keepends=True)
    assert (ran.status, first, ran.err) == (0, "Thread has finished execution.\n", "")
    assert found(last)["trace"] == "traces/empty_thread.jsonl"


def test_replay_of_a_recorded_trace_says_how_much_matched() -> None:
    process("trace", "-o", "r.jsonl", "examples/two_threads_with_lock.py")

    ran = run("replay", "--json", "r.jsonl")

    assert ran.status == 0
    matched, recorded = found(ran.out)["matched"]
    assert 0 < matched <= recorded


def test_show_gives_the_outcome_and_draws_into_a_file_only() -> None:
    run("simulate", "-q", "-o", "t.jsonl", "--seed", "1", LOST)

    ran = run("show", "--json", "-o", "t.dot", "t.jsonl")

    assert (ran.status, ran.err) == (0, "")
    assert (found(ran.out)["outcome"], found(ran.out)["executions"]) == ("failed", 0)
    assert run("show", "-f", "dot", "t.jsonl").out == Path("t.dot").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("order", "status", "kind"),
    [("begin before end", 0, None), ("end by MainThread before begin by Thread-1", 1, "property")],
)
def test_check_says_whether_a_property_holds(order: str, status: int, kind: str | None) -> None:
    run("simulate", "-q", "-o", "t.jsonl", "--seed", "1", LOST)

    ran = run("check", "--json", "t.jsonl", order)

    assert (ran.status, ran.err) == (status, "")
    assert found(ran.out)["outcome"] == ("failed" if status else "passed")
    assert (found(ran.out)["failure"] or {"kind": None})["kind"] == kind
