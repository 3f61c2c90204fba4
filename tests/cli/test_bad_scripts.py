"""What is no script is refused in one line, whatever is to be done with it, and nothing is left behind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.cli import process, run

BAD = {
    "missing.py": (None, "missing.py: no such file"),
    "binary.py": (b"\x7fELF\0\0\1\xff", "binary.py is not a Python script: it contains null bytes"),
    "null.py": (b"print(1)\n\0", "null.py is not a Python script: it contains null bytes"),
    "syntax.py": (b"import sys\ndef f(:\n", "syntax.py:2: invalid syntax: def f(:"),
    "indent.py": (b"if 1:\nx\n", "indent.py:2: expected an indented block after 'if' statement on line 1: x"),
    "latin.py": (b'print("caf\xe9")\n', "latin.py:1: (unicode error) 'utf-8' codec can't decode byte 0xe9 "),
    "coding.py": (b"# coding: nonsense\n", "coding.py: unknown encoding: nonsense"),
    "folder.py": ("folder", "folder.py is a folder, not a script"),
    "file.txt/x.py": (None, "file.txt/x.py cannot be read: Not a directory"),
}


def make(name: str) -> None:
    content = BAD[name][0]
    Path("file.txt").write_text("")
    if content == "folder":
        Path(name).mkdir()
    elif isinstance(content, bytes):
        Path(name).write_bytes(content)


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize(
    "command", [["simulate"], ["replay", "--seed", "1"], ["trace"]], ids=lambda words: words[0]
)
def test_what_is_no_script_is_refused(command: list[str], name: str, folder: Path) -> None:
    make(name)
    before = sorted(folder.iterdir())

    complaint = run(*command, name).complaint()

    assert complaint.startswith(BAD[name][1])
    assert sorted(folder.iterdir()) == before


def test_script_that_may_not_be_read_is_refused() -> None:
    Path("secret.py").write_text("")
    Path("secret.py").chmod(0)
    if os.access("secret.py", os.R_OK):
        pytest.skip("who runs this may read everything")

    assert run("simulate", "secret.py").complaint() == "secret.py cannot be read: Permission denied"


def test_script_that_is_refused_is_no_traceback_of_a_process() -> None:
    make("syntax.py")

    assert process("simulate", "syntax.py", PYTHONHASHSEED=None).complaint().startswith("syntax.py:2")
    assert process("trace", "syntax.py").complaint().startswith("syntax.py:2")


@pytest.mark.parametrize(
    ("text", "output"),
    [
        (b"", ""),
        (b"# nothing", ""),
        (b'# -*- coding: latin-1 -*-\nprint("caf\xe9")', "café\n"),
        (b'\xef\xbb\xbfprint("mark")\n', "mark\n"),
        (b"print(1)\r\nprint(2)\r\n", "1\n2\n"),
        (b'print("\\udc80")\n', None),
    ],
    ids=["empty", "comment", "latin-1", "byte order mark", "Windows", "surrogate"],
)
def test_odd_script_is_run(text: bytes, output: str | None) -> None:
    Path("odd.py").write_bytes(text)

    ran = run("simulate", "odd.py")

    if output is None:  # standard output cannot take it, which is the program's own failure
        assert ran.status == 1
        assert "UnicodeEncodeError" in ran.err
    else:
        assert (ran.status, ran.out) == (0, output)
    assert run("replay", "traces/odd.seed-0.jsonl").status == ran.status
