"""What is no trace, or one that cannot be followed, is refused in one line."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

import threadsim
from support.cli import Ran, run

PROGRAM = "examples/lost_update.py"
COMMANDS = [["replay"], ["show"], ["check"]]


def use(command: list[str], path: str) -> Ran:
    """Run a command on a trace."""
    return run(*command, path, *(["begin before end"] if command == ["check"] else []))


@pytest.fixture
def saved() -> bytes:
    """The trace of a lost update."""
    assert run("simulate", "--quiet", "-o", "good.jsonl", PROGRAM, "--seed", "1").status == 1
    return Path("good.jsonl").read_bytes()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
def test_what_is_no_trace_is_refused(command: list[str], saved: bytes) -> None:
    Path("folder.jsonl").mkdir()
    contents = {
        "bad.jsonl": {
            b"": "bad.jsonl is empty",
            b"\n": "bad.jsonl, line 1: not JSON: ",
            b"hello\n": "bad.jsonl, line 1: not JSON: ",
            b"[]\n": "bad.jsonl, line 1: not a threadsim trace: ",
            b"\xff\xfe\n": "bad.jsonl, line 1: not UTF-8 ",
            saved.replace(b'"version":1', b'"version":7'): "bad.jsonl, line 1: made by a newer threadsim: ",
            saved.replace(b'"kind":"read"', b'"kind":"fly"'): "bad.jsonl, line ",
            gzip.compress(saved): "bad.jsonl, line 1: not UTF-8 ",
        },
        "bad.jsonl.gz": {
            saved: "cannot read bad.jsonl.gz: not a whole gzip file: ",
            gzip.compress(b""): "bad.jsonl.gz is empty",
        },
    }

    for name, complaints in contents.items():
        for content, complaint in complaints.items():
            Path(name).write_bytes(content)
            assert use(command, name).complaint().startswith(complaint)
    assert use(command, "missing.jsonl").complaint() == "cannot read missing.jsonl: No such file or directory"
    assert use(command, "folder.jsonl").complaint() == "cannot read folder.jsonl: Is a directory"


def test_trace_that_is_cut_off_anywhere_is_shown_or_refused(saved: bytes) -> None:
    statuses = set()
    for end in range(0, len(saved), 7):
        Path("cut.jsonl").write_bytes(saved[:end])
        ran = run("show", "cut.jsonl")
        statuses.add(ran.status)
        if ran.status == 0:
            assert "\nincomplete: " in ran.out
            assert ran.err == ""
        else:
            ran.complaint()
    assert statuses == {0, 2}


def test_trace_that_is_cut_off_is_not_replayed(saved: bytes) -> None:
    Path("cut.jsonl").write_bytes(saved[: len(saved) * 2 // 3])

    assert run("replay", "cut.jsonl").complaint() == "cut.jsonl is incomplete: it has no schedule to follow"


def test_compressed_trace_that_is_cut_off_is_shown_as_far_as_it_goes(saved: bytes) -> None:
    data = gzip.compress(saved)
    Path("cut.jsonl.gz").write_bytes(data[: len(data) - 40])

    assert "\nincomplete: " in run("show", "cut.jsonl.gz").out


def change(old: str, new: str) -> None:
    path = Path(PROGRAM)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


CHANGED = f"threadsim: changed since the trace was made: {PROGRAM}\n"


def test_changed_program_that_can_be_led_the_same_way_is_replayed_and_named(saved: bytes) -> None:
    change("import threading\n", "import threading  # of course\n\n\n")

    ran = run("replay", "-q", "good.jsonl")

    assert ran.status == 1
    assert ran.err.startswith(CHANGED)
    assert ran.err.endswith("threadsim: failed: AssertionError: expected 2, got 1 in MainThread\n")


def test_changed_program_that_cannot_be_led_the_same_way_diverges_and_is_named(saved: bytes) -> None:
    change("second.start()\n", "")
    change("second.join()\n", "")

    ran = run("replay", "-q", "good.jsonl")

    assert (ran.status, ran.out) == (3, "")
    changed, diverged = ran.err.splitlines(keepends=True)
    assert changed == CHANGED
    assert diverged.startswith(
        "threadsim: diverged from good.jsonl: at scheduling point 1 the trace has T0 going on "
    )
    assert diverged.endswith(f"changed since the trace was made: {PROGRAM}\n")


def test_divergence_for_machines(saved: bytes) -> None:
    change("second.start()\n", "")
    change("second.join()\n", "")

    ran = run("replay", "--json", "good.jsonl")

    assert ran.status == 3
    found = json.loads(ran.out)
    assert found["outcome"] == found["failure"]["kind"] == "diverged"
    assert "at scheduling point 1" in found["failure"]["message"]
    assert (found["trace"], found["failure"]["trace"], found["failure"]["seed"]) == (
        "good.jsonl",
        "good.jsonl",
        1,
    )


@pytest.mark.parametrize(
    ("becomes", "complaint"),
    [
        (None, f"{PROGRAM}: no such file"),
        ("x = = 1\n", f"{PROGRAM}:1: invalid syntax: x = = 1"),
        ("folder", f"{PROGRAM} is a folder, not a script"),
    ],
)
def test_program_that_is_gone_is_named_with_the_trace(
    becomes: str | None, complaint: str, saved: bytes
) -> None:
    Path(PROGRAM).unlink()
    if becomes == "folder":
        Path(PROGRAM).mkdir()
    elif becomes is not None:
        Path(PROGRAM).write_text(becomes)

    assert run("replay", "good.jsonl").complaint() == f"good.jsonl cannot be replayed: {complaint}"


def a_program() -> None:
    """Nothing; it is in no script."""


def test_trace_of_a_function_says_how_it_is_replayed() -> None:
    threadsim.simulate(a_program).trace.save("function.jsonl")

    complaint = run("replay", "function.jsonl").complaint()

    assert complaint.startswith("function.jsonl was made from the function ")
    assert complaint.endswith("test_bad_traces.a_program: replay it with threadsim.replay, in Python")
    assert run("show", "function.jsonl").status == 0


@pytest.mark.parametrize(
    "words", [["--seed", "3"], ["--strategy", "random"], ["--max-steps", "9"], ["-i", "json"]]
)
def test_replay_of_a_trace_refuses_what_a_trace_says_itself(words: list[str], saved: bytes) -> None:
    assert "is for a script: a trace has its own" in run("replay", *words, "good.jsonl").complaint()


def test_replay_of_a_trace_refuses_words_after_it(saved: bytes) -> None:
    assert run("replay", "good.jsonl", "--json").complaint().startswith("options come before a trace")
