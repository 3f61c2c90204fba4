"""``threadsim show``: each format, in a file and on standard output, whole and in part."""

from __future__ import annotations

import os
import shutil
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from support.cli import environment, process, run
from threadsim.render import FORMATS

TRACE = "t.jsonl"


@pytest.fixture(autouse=True)
def lost_update() -> None:
    assert run("simulate", "-q", "-o", TRACE, "examples/lost_update.py", "--seed", "1").status == 1


@pytest.mark.parametrize("form", FORMATS)
def test_format_is_taken_from_the_files_name(form: str) -> None:
    if form in ("png", "pdf") and shutil.which("dot") is None:
        pytest.skip("Graphviz is not installed")

    assert run("show", TRACE, "-o", f"by_name.{form}").status == 0
    assert run("show", TRACE, "-f", form, "-o", "by_option").status == 0

    begin = {"text": "examples", "dot": "digraph", "svg": "<?xml", "png": "\x89PNG", "pdf": "%PDF"}[form]
    assert Path("by_option").read_bytes().startswith(begin.encode("latin-1"))
    if form != "pdf":  # it tells the time
        assert Path(f"by_name.{form}").read_bytes() == Path("by_option").read_bytes()


def test_text_is_what_there_is_unless_said() -> None:
    text = run("show", TRACE).out

    assert text.startswith("examples/lost_update.py · simulated: seed 1, random · failed\n")
    assert text.endswith("\nAssertionError: expected 2, got 1 in MainThread\n")
    for name in ("x.txt", "x"):
        run("show", TRACE, "-o", name)
        assert Path(name).read_text(encoding="utf-8") == text


def test_window_is_what_is_shown() -> None:
    text = run("show", TRACE, "--from", "3", "--to", "6", "--thread", "Thread-1").out

    assert [line.split()[0] for line in text.splitlines()[4:7]] == ["4", "5", "6"]
    assert (
        run("show", TRACE, "--from", "5", "--to", "2").out.splitlines()[2].startswith("no events from 5 to 2")
    )
    drawn = run("show", TRACE, "-f", "svg", "--from", "3", "--to", "6", "--thread", "T1")
    assert ElementTree.fromstring(drawn.out).tag.endswith("svg")


def test_missing_program_for_an_image_is_said_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    complaint = run("show", TRACE, "-o", "x.png").complaint()

    assert complaint.startswith("png needs Graphviz' program `dot`, which is not installed: ")
    assert not Path("x.png").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_terminal_gets_colours_and_no_images() -> None:
    assert b"\x1b[" in on_a_terminal("show", TRACE)
    assert b"png is not for a terminal: give -o FILE" in on_a_terminal("show", TRACE, "-f", "png")


def on_a_terminal(*words: str) -> bytes:
    """What a command prints on a terminal."""
    import pty

    process_id, terminal = pty.fork()
    if process_id == 0:
        command = [sys.executable, "-m", "threadsim", *words]
        os.execve(sys.executable, command, environment(TERM="xterm-256color", NO_COLOR=None, COLUMNS="100"))
    printed = b""
    try:
        while part := os.read(terminal, 1 << 16):
            printed += part
    except OSError:  # the end, on Linux
        pass
    os.close(terminal)
    os.waitpid(process_id, 0)
    return printed


def test_drawing_after_a_simulation_says_nothing_else() -> None:
    ran = process("simulate", "-f", "svg", "examples/empty_thread.py")

    assert ran.err.splitlines() == [
        "threadsim: seed 0: passed",
        "threadsim: again with: threadsim replay traces/empty_thread.seed-0.jsonl",
        "threadsim: drawn in traces/empty_thread.seed-0.svg",
    ]
