"""``threadsim explore``: what it says, where it saves, and how it exits."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.cli import environment, process, run

LOST = "examples/lost_update.py"
LOCKED = "examples/lost_update_locked.py"
DEADLOCK = "examples/deadlock.py"
FAILED = "traces/lost_update.failed.seed-1.jsonl"


def script(name: str, text: str) -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


def found(text: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(text)
    assert text.count("\n") == 1
    assert list(value)[:5] == ["outcome", "executions", "exhausted", "failure", "trace"]
    return value


# A failure.


def test_failure_is_explained_saved_and_its_last_line_is_the_command_that_replays_it() -> None:
    ran = run("explore", LOST)

    assert ran.status == 1
    assert ran.out.startswith("AssertionError: expected 2, got 1 in MainThread\n\nlost update: ")
    lines = ran.err.splitlines()
    assert lines[0] == (
        "threadsim: failed at schedule 3 (random, seed 1), shrunk to 1 preemption: AssertionError: expected "
        "2, got 1"
    )
    assert lines[-2:] == [
        f"threadsim: see it with: threadsim show {FAILED}",
        f"threadsim: again with: threadsim replay {FAILED}",
    ]

    again = process(*lines[-1].partition("again with: threadsim ")[2].split())
    assert again.status == 1
    assert "failed: AssertionError: expected 2, got 1 in MainThread" in again.err


def test_output_of_the_program_is_not_shown() -> None:
    ran = run("explore", "examples/two_threads.py", "--schedules", "5")

    assert (ran.status, ran.out) == (0, "")
    assert ran.err.startswith("threadsim: passed: 5 executions, 5 distinct interleavings; not exhausted: ")
    assert not Path("traces").exists()


def test_quiet_leaves_out_the_explanation() -> None:
    ran = run("explore", "--quiet", LOST)

    assert (ran.status, ran.out) == (1, "")
    assert FAILED in ran.err


def test_trace_goes_where_it_is_wished_and_is_drawn() -> None:
    ran = run("explore", "-q", "-o", "t.jsonl", "-f", "dot", LOST)

    assert ran.status == 1
    assert Path("t.jsonl").exists()
    assert Path("t.dot").read_text(encoding="utf-8").startswith("digraph")
    assert "threadsim: again with: threadsim replay t.jsonl\n" in ran.err


@pytest.mark.parametrize(
    ("place", "reason"), [(".", "it is a folder"), ("nowhere/t.jsonl", "there is no folder nowhere")]
)
def test_place_without_room_for_the_trace_is_refused_before_the_search(place: str, reason: str) -> None:
    name = script("told.py", "open('began', 'w').close()\n")

    ran = run("explore", "-o", place, name)

    assert (ran.status, ran.err) == (2, f"threadsim: cannot write {place}: {reason}\n")
    assert not Path("began").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_explanation_is_told_even_if_the_trace_cannot_be_saved() -> None:
    ran = run("explore", "-o", "/dev/full", LOST)

    assert ran.status == 2
    assert ran.out.startswith("AssertionError: expected 2, got 1 in MainThread\n\nlost update: ")
    assert ran.err.startswith("threadsim: cannot write /dev/full: ")


def test_each_kind_of_failure_has_a_file() -> None:
    name = script(
        "two.py",
        "import threading\n"
        "order = []\n"
        "def put(n):\n"
        "    order.append(n)\n"
        "threads = [threading.Thread(target=put, args=(n,)) for n in range(3)]\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join()\n"
        "assert order[0] != 1\n"
        "assert order[0] != 2\n",
    )

    ran = run("explore", "--keep-going", "--json", "--strategy", "dpor", name)

    value = found(ran.out)
    assert ran.status == 1
    assert [each["trace"] for each in value["failures"]] == [
        "traces/two.failed.seed-0.jsonl",
        "traces/two.failed.seed-0-2.jsonl",
    ]
    assert (value["executions"], value["exhausted"]) == (6, True)
    for each in value["failures"]:
        assert run("replay", "-q", each["trace"]).status == 1


def test_places_of_a_deadlock_are_in_the_order_of_their_lines() -> None:
    name = script(
        "stuck.py",
        "import threading\n"
        "lock = threading.Lock()\n"
        "lock.acquire()\n"
        "def take():\n"
        "    lock.acquire()\n"
        "thread = threading.Thread(target=take)\n"
        "thread.start()\n"
        "\n\n"
        "thread.join()\n",
    )

    ran = run("explore", "-q", name)

    assert ": deadlock at stuck.py:5, stuck.py:10" in ran.err


def test_failure_that_did_not_end_the_search_is_told_with_what_came_after_it() -> None:
    ran = run("explore", "-q", "--keep-going", LOST)

    assert re.search(r"got 1 \(\d+ executions; all \d+ interleavings were tried\)\n", ran.err)


# No failure.


def test_exhausted_search_says_so() -> None:
    ran = run("explore", LOCKED)

    assert (ran.status, ran.out) == (0, "")
    assert re.fullmatch(
        r"threadsim: passed: all 2 interleavings were tried \(\d+ executions\)\n",
        ran.err,
    )


def test_program_without_a_second_thread_is_said_to_be_one() -> None:
    ran = run("explore", script("alone.py", "print('alone')\n"))

    assert ran.status == 0
    assert ran.err == (
        "threadsim: passed: the program started no second thread: there is one interleaving (1 execution)\n"
    )


# JSON.


def test_json_of_a_failure() -> None:
    ran = run("explore", "--json", DEADLOCK)

    value = found(ran.out)
    assert (ran.status, ran.err) == (1, "")
    assert value["outcome"] == value["failure"]["kind"] == "deadlock"
    assert value["failure"]["schedule_number"] == value["executions"]
    assert value["failure"]["trace"] == value["trace"] == "traces/deadlock.deadlock.seed-1.jsonl"
    assert value["failure"]["message"].startswith("deadlock:\n")
    assert value["outcomes"] == {"deadlock": 1, "passed": value["executions"] - 1}


def test_json_of_a_proof() -> None:
    ran = run("explore", "--json", "--strategy", "dpor", LOCKED)

    value = found(ran.out)
    assert (ran.status, ran.err) == (0, "")
    assert (value["outcome"], value["executions"], value["exhausted"]) == ("passed", 2, True)
    assert (value["failure"], value["trace"], value["distinct"]) == (None, None, 2)


# A function of a file.


def test_function_of_a_file_is_a_program() -> None:
    script(
        "bugs.py",
        "import threading\n"
        "values = []\n"
        "def put(n):\n"
        "    values.append(n)\n"
        "def order():\n"
        "    threads = [threading.Thread(target=put, args=(n,)) for n in range(2)]\n"
        "    for thread in threads: thread.start()\n"
        "    for thread in threads: thread.join()\n"
        "    assert values == [0, 1], values\n"
        "if __name__ == '__main__':\n"
        "    raise SystemExit('not meant to be run')\n",
    )

    ran = run("explore", "bugs.py::order")

    assert ran.status == 1
    assert "AssertionError: [1, 0] in MainThread" in ran.out
    path = "traces/bugs.order.failed.seed-0.jsonl"
    assert ran.err.endswith(f"again with: threadsim replay {path}\n")
    assert process("replay", path).status == 1
    assert run("simulate", "bugs.py::order").status == 0
    assert run("explore", "bugs.py::other").complaint() == "bugs.py has no function 'other' at its top level"


# Settings.


def test_settings_may_stand_after_the_script_and_the_rest_is_the_programs() -> None:
    name = script("words.py", "import sys\nassert sys.argv[1:] == ['--seed', '3', 'x'], sys.argv\n")

    assert run("explore", name, "--schedules", "3", "--races", "--", "--seed", "3", "x").status == 0
    assert run("explore", name, "--schedules=3", "y", "--seed", "3").status == 1


def test_how_it_is_told_may_stand_after_the_script_too() -> None:
    ran = run("explore", LOST, "-o", "t.jsonl", "-f", "dot", "--json")

    assert (ran.status, found(ran.out)["trace"]) == (1, "t.jsonl")
    assert Path("t.dot").exists()
    assert (
        run("explore", "-q", LOST, "-f", "text", "--json")
        .complaint()
        .startswith("--json has standard output")
    )


def test_race_is_a_failure_if_wished_and_so_it_is_in_the_replay() -> None:
    name = script(
        "race.py",
        "import threading\n"
        "done = False\n"
        "def work():\n"
        "    global done\n"
        "    done = True\n"
        "threads = [threading.Thread(target=work) for _ in range(2)]\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join()\n",
    )
    assert run("explore", name).status == 0

    ran = run("explore", "--races", name)

    assert ran.status == 1
    assert "data race on done: write by Thread-1" in ran.out
    last = ran.err.splitlines()[-1]
    assert last == "threadsim: again with: threadsim replay --races traces/race.race.seed-0.jsonl"
    again = run("replay", "--races", "traces/race.race.seed-0.jsonl")
    assert again.status == 1
    assert "threadsim: data race on done: write by Thread-1" in again.err
    value = json.loads(run("replay", "--json", "--races", "traces/race.race.seed-0.jsonl").out)
    assert (value["outcome"], value["failure"]["kind"]) == ("failed", "race")
    assert run("replay", "-q", "traces/race.race.seed-0.jsonl").status == 0


def test_jobs_find_the_same() -> None:
    one = run("explore", "--json", "--keep-going", "--strategy", "random", "--schedules", "150", DEADLOCK)
    two = run(
        "explore", "--json", "--keep-going", "--strategy", "random", "--schedules", "150", "-j", "2", DEADLOCK
    )

    assert one.status == two.status == 1
    assert found(one.out) == found(two.out)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--schedules", "0"], "schedules is 0: it must be more than 0 (see threadsim explore --help)"),
        (["--schedules", "-5"], "schedules is -5: it must be more than 0 (see threadsim explore --help)"),
        (["--seconds", "0"], "seconds is 0.0: it must be more than 0 (see threadsim explore --help)"),
        (["--jobs", "0"], "jobs is 0: it must be more than 0 (see threadsim explore --help)"),
        (
            ["--strategy", "luck"],
            "invalid value for '--strategy': 'luck' is not one of "
            "'auto', 'random', 'pct', 'pos', 'surw', 'dfs', 'dpor' (see threadsim explore --help)",
        ),
        (
            ["--strategy", "random", "--depth", "3"],
            "the strategy random has no use for depth: that is for auto and pct "
            "(see threadsim explore --help)",
        ),
        (
            ["--strategy", "dfs", "--preemptions", "1", "--delays", "1"],
            "dfs is bounded by preemptions or by delays, not by both",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_setting_that_makes_no_sense_is_refused_before_or_after_the_script(
    words: list[str], complaint: str
) -> None:
    assert run("explore", *words, LOCKED).complaint() == complaint
    assert run("explore", LOCKED, *words).complaint() == complaint


def test_bad_script_is_refused() -> None:
    assert "no such file" in run("explore", "nothing.py").complaint()


# Programs that are no good for a search.


def test_program_that_is_not_deterministic_is_said_with_the_first_difference() -> None:
    name = script(
        "clock.py",
        "import os, threading\n"
        "def work():\n"
        "    with open('log', 'a') as log:\n"
        "        log.write('x')\n"
        "    print(os.path.getsize('log'))\n"
        "threading.Thread(target=work).start()\n",
    )

    ran = run("explore", name)

    assert (ran.status, ran.out) == (3, "")
    assert "the program is not deterministic" in ran.err
    assert "expected Thread-1 (work) output stdout = 1 at clock.py:5" in ran.err
    assert "got Thread-1 (work) output stdout = 2 at clock.py:5" in ran.err

    Path("log").unlink()
    value = found(run("explore", "--json", name).out)
    assert (value["outcome"], value["exhausted"]) == ("diverged", False)
    assert value["failure"]["kind"] == "nondeterminism"


def test_ctrl_c_ends_it_with_what_was_found() -> None:
    name = script(
        "endless.py",
        "import threading\ndef work(): pass\nthreading.Thread(target=work).start()\n",
    )
    words = [sys.executable, "-m", "threadsim", "explore", "--strategy", "random", "--seconds", "60", name]
    searching = subprocess.Popen(
        [sys.executable, "-c", _INTERRUPT_ONCE_IT_RUNS, *words[1:]],
        env=environment(),
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    _, said = searching.communicate(timeout=60)

    assert searching.returncode == 130
    assert re.search(r"threadsim: interrupted after \d+ executions, .*; none of them failed", said), said


_INTERRUPT_ONCE_IT_RUNS = """
import os, runpy, signal, sys
from threadsim.explore import loop
take = loop.Loop._take
def take_and_interrupt(self, execution):
    take(self, execution)
    if self.tally.executions == 50:
        os.kill(os.getpid(), signal.SIGINT)
loop.Loop._take = take_and_interrupt
sys.argv = sys.argv[2:]
sys.argv[0] = "threadsim"
from threadsim.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_progress_is_shown_on_a_terminal_and_taken_away() -> None:
    main_end, other_end = pty.openpty()
    searching = subprocess.Popen(
        [sys.executable, "-m", "threadsim", "explore", "--strategy", "random", "--seconds", "0.8", LOCKED],
        env=environment(TERM="xterm", COLUMNS="200"),
        stderr=other_end,
    )
    os.close(other_end)
    said = b""
    while True:
        try:
            piece = os.read(main_end, 65536)
        except OSError:
            break
        if not piece:
            break
        said += piece
    os.close(main_end)

    assert searching.wait(60) == 0
    shown = said.decode("utf-8")
    assert re.search(r"[\d,]+ passed; [\d,]+ distinct; [\d,]+/s; \d s left", shown), shown
    assert "threadsim: passed: " in shown
