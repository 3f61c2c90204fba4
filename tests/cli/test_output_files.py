"""Where traces and drawings go: whole, or not at all."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import threadsim
from support.cli import Ran, process, run, shell

PROGRAM = "examples/lost_update.py"
POSIX = pytest.mark.skipif(not os.path.exists("/dev/stdout"), reason="there is no /dev")


def save_to(command: str, path: str) -> Ran:
    """Write something to a path: a simulated trace, a drawing, or a recorded trace."""
    if command == "simulate":
        return run("simulate", "-o", path, "examples/lost_update_locked.py")
    if command == "trace":
        return process("trace", "-o", path, "examples/lost_update_locked.py")
    run("simulate", "-q", "-o", "saved.jsonl", PROGRAM)
    return run("show", "saved.jsonl", "--format", "dot", "-o", path)


COMMANDS = ["simulate", "show", "trace"]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("nowhere/x.jsonl", "No such file or directory"),
        ("folder", "Is a directory"),
        ("file/x.jsonl", "Not a directory"),
        ("n" * 300, "File name too long"),
        pytest.param("/dev/full", "No space left on device", marks=POSIX),
    ],
    ids=["no folder", "a folder", "below a file", "long", "full"],
)
def test_what_cannot_be_written_is_said_and_leaves_nothing(
    command: str, path: str, reason: str, folder: Path
) -> None:
    Path("folder").mkdir()
    Path("file").write_text("mine")
    Path("saved.jsonl").touch()
    before = sorted(folder.rglob("*"))

    assert save_to(command, path).complaint() == f"cannot write {path}: {reason}"

    assert [path for path in sorted(folder.rglob("*")) if "__pycache__" not in str(path)] == before
    assert Path("file").read_text() == "mine"


@pytest.mark.parametrize("command", COMMANDS)
def test_read_only_folder_is_refused(command: str) -> None:
    Path("fixed").mkdir(mode=0o555)
    if os.access("fixed", os.W_OK):
        pytest.skip("who runs this may write everything")

    assert save_to(command, "fixed/x").complaint() == "cannot write fixed/x: Permission denied"


def test_folder_for_traces_that_cannot_be_made_is_said() -> None:
    Path("traces").write_text("mine")

    complaint = run("simulate", "examples/lost_update_locked.py").complaint()

    assert complaint == "cannot make the folder traces: File exists; give -o FILE"


@POSIX
def test_trace_and_drawing_go_through_a_pipe() -> None:
    simulated = shell(f"$threadsim simulate -q -o /dev/stdout {PROGRAM} | head -1")
    recorded = shell(f"$threadsim trace -o /dev/stdout {PROGRAM} | head -1")
    run("simulate", "-q", "-o", "saved.jsonl", PROGRAM)
    drawn = shell("$threadsim show saved.jsonl -o /dev/stdout -f dot | head -1")

    assert '"kind":"simulated"' in simulated.out
    assert '"kind":"recorded"' in recorded.out
    assert drawn.out == run("show", "saved.jsonl", "-f", "dot").out.partition("\n")[0] + "\n"


@POSIX
def test_trace_may_go_nowhere() -> None:
    assert process("trace", "-o", "/dev/null", "examples/empty_thread.py") == Ran(
        0, "Thread has finished execution.\n", ""
    )


def test_name_of_a_file_may_be_odd() -> None:
    name = "we ird é🎉's.jsonl.gz"

    ran = run("simulate", "-q", "-o", name, PROGRAM, "--seed", "1")

    assert (
        ran.err.splitlines()[-1] == """threadsim: again with: threadsim replay 'we ird é🎉'"'"'s.jsonl.gz'"""
    )
    assert threadsim.load(name).outcome == "failed"
    assert run("replay", "-q", name).status == 1


def test_drawings_lie_beside_the_trace(folder: Path) -> None:
    run("simulate", "-q", "-f", "dot", "-o", "a.b.jsonl.gz", PROGRAM)
    run("simulate", "-q", "-f", "dot", PROGRAM, "--seed", "5")
    run("replay", "-q", "-f", "dot", PROGRAM, "--seed", "6")
    run("replay", "-q", "-f", "svg", "a.b.jsonl.gz")

    names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.suffix in (".dot", ".svg")}
    assert names == {
        "a.b.dot",
        "a.b.svg",
        os.path.join("traces", "lost_update.seed-5.dot"),
        os.path.join("traces", "lost_update.seed-6.dot"),
    }


def test_drawing_does_not_take_the_place_of_its_trace() -> None:
    run("simulate", "-q", "-o", "saved.jsonl", PROGRAM)
    before = Path("saved.jsonl").read_bytes()

    assert (
        run("show", "saved.jsonl", "-o", "saved.jsonl").complaint().startswith("there is no format 'jsonl'")
    )

    assert Path("saved.jsonl").read_bytes() == before


def test_program_that_changes_the_working_folder_leaves_its_trace_where_it_began() -> None:
    Path("away.py").write_text(
        "import os, threading\n"
        "import helper\n"
        "os.chdir('/')\n"
        "thread = threading.Thread(target=helper.work)\n"
        "thread.start()\n"
        "thread.join()\n"
    )
    Path("helper.py").write_text("def work(): pass\n")

    simulated, recorded = run("simulate", "away.py"), process("trace", "away.py")

    assert (simulated.status, recorded.status) == (0, 0)
    assert recorded.err == "threadsim: 4 events of 2 threads in traces/away.jsonl\n"
    for name in ("away", "away.seed-0"):
        header = threadsim.load(f"traces/{name}.jsonl").header
        assert header.program == "away.py"
        assert "away.py" in header.sources
    assert run("replay", "traces/away.seed-0.jsonl").status == 0


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")
def test_standard_output_that_is_full_or_closed_is_said() -> None:
    run("simulate", "-q", "-o", "saved.jsonl", PROGRAM)

    full = "threadsim: cannot write to standard output: No space left on device\n"
    assert shell("$threadsim show saved.jsonl >/dev/full") == Ran(2, "", full)
    assert shell("$threadsim show --json saved.jsonl >/dev/full") == Ran(2, "", full)
    assert shell("$threadsim show saved.jsonl >&-") == Ran(2, "", "threadsim: standard output is closed\n")
    assert shell("$threadsim --help >/dev/full").status == 2
    assert "Traceback" not in shell("$threadsim --help >/dev/full").err


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")
def test_standard_error_that_is_full_or_closed_is_borne() -> None:
    for where in ("2>&-", "2>/dev/full"):
        ran = shell(f"$threadsim simulate examples/empty_thread.py {where}")
        assert ran == Ran(0, "Thread has finished execution.\n", "")


def test_reader_that_has_had_enough_is_no_failure() -> None:
    Path("chatty.py").write_text(
        "import threading\n"
        "threads = [threading.Thread(target=print, args=(n, 'x' * 200)) for n in range(400)]\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join()\n"
    )
    run("simulate", "-q", "-o", "saved.jsonl", "chatty.py")

    ran = shell("$threadsim show saved.jsonl | head -1")

    assert ran == Ran(0, "chatty.py · simulated: seed 0, random · passed\n", "")


@POSIX
def test_trace_that_went_nowhere_is_not_said_to_be_there() -> None:
    ran = run("simulate", "-q", "-o", "/dev/null", PROGRAM, "--seed", "1")

    assert ran == Ran(1, "", "threadsim: seed 1: failed: AssertionError: expected 2, got 1 in MainThread\n")
