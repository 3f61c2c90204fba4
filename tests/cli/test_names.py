"""Threads with names that mean something to a shell, a terminal, DOT, XML or JSON."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

import threadsim
from support.cli import process, run

NAMES = [
    'quo"te',
    "a'b",
    "new\nline",
    "<b>&amp;</b>",
    "🎉é漢",
    "\udc80x",
    "y" * 10_000,
    "back\\slash\\n",
    "{x|y}",
    "tab\there",
    "\x00\x1b[31m",
    "%s{}$(x)`",
    "]]>",
    "-->",
    " ",
    "MainThread",
    "T1",
    "Thread-1 (work)",
]


@pytest.fixture(params=["simulate", "trace"])
def path(request: pytest.FixtureRequest) -> str:
    """A trace of threads with these names, both ways."""
    Path("names.py").write_text(
        "import threading\n"
        "lock = threading.Lock()\n"
        "def work():\n    with lock: pass\n"
        f"threads = [threading.Thread(target=work, name=name) for name in {NAMES!a}]\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join()\n"
    )
    ran = process(request.param, "-o", "names.jsonl", "names.py")
    assert ran.status == 0, ran
    return "names.jsonl"


def test_names_come_back_from_the_file(path: str) -> None:
    assert [thread.name for thread in threadsim.load(path).threads] == ["MainThread", *NAMES]


def test_trace_replays(path: str) -> None:
    assert run("replay", path).status == 0


def test_text_keeps_to_a_line_an_event_and_prints_nothing_that_a_terminal_obeys(path: str) -> None:
    ran = run("show", path)

    assert (ran.status, ran.err) == (0, "")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", ran.out)
    assert max(len(line) for line in ran.out.splitlines()) < 10_000
    rows = [line for line in ran.out.splitlines() if re.match(r" *\d+ ", line)]
    assert len(rows) == len(threadsim.load(path).events)


def test_svg_is_xml_with_the_names_in_it(path: str) -> None:
    ran = run("show", path, "-f", "svg")

    assert (ran.status, ran.err) == (0, "")
    text = "".join(ElementTree.fromstring(ran.out).itertext())
    for name in ('quo"te', "a'b", "<b>&amp;</b>", "🎉é漢", "{x|y}", "]]>", "%s{}$(x)`", "back\\slash\\n"):
        assert name in text


def test_dot_is_drawn_into_a_file_whole(path: str) -> None:
    assert run("show", path, "-o", "names.dot").status == 0

    assert Path("names.dot").read_text(encoding="utf-8") == run("show", path, "-f", "dot").out


@pytest.mark.parametrize("name", ['quo"te', "a'b", "<b>&amp;</b>", "🎉é漢", "{x|y}", "%s{}$(x)`"])
def test_thread_is_chosen_by_its_name(name: str, path: str) -> None:
    number = 1 + NAMES.index(name)

    ran = run("show", path, "--thread", name)

    assert ran.out.splitlines()[1].endswith(f": {count(path, number)} of {len(threadsim.load(path).events)}")
    assert run("check", path, f"begin by {name} before end by {name}").status == 0


def count(path: str, number: int) -> int:
    return sum(event.thread == number for event in threadsim.load(path).events)


def test_unknown_name_is_answered_with_the_names_that_there_are_in_a_line(path: str) -> None:
    complaint = run("show", path, "--thread", "nobody").complaint()

    assert complaint.startswith(
        "no thread is called 'nobody'; there are T0 MainThread, T1 quo\"te, T2 a'b, T3 new"
    )
    assert len(complaint) < 1000
