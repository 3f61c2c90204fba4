"""Rewritten programs do what the plain ones do, and tell the hooks the same on every version."""

from __future__ import annotations

import sys
from pathlib import Path
from types import CodeType, FrameType

import pytest

from support.rewriting import CORPUS, INERT, accesses_of, expected_file, output_of, rewritten

PROGRAMS = sorted(CORPUS.glob("*.py"))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_rewritten_program_behaves_as_the_plain_one(program: Path) -> None:
    text = program.read_text(encoding="utf-8")
    plain = compile(text, str(program), "exec", dont_inherit=True)
    assert output_of(rewritten(text, str(program), INERT)) == output_of(plain)


def test_two_variables_of_one_name_stay_two() -> None:
    """`bytecode` mixes them up, or fails, where a comprehension is part of the function (3.12 on)."""
    text = (
        "def outer(n):\n"
        "    n += 1\n"
        "    return lambda xs: (n, [f() for f in [lambda: n for n in xs]], xs.copy())\n"
        "print(outer(1)([5, 6]))\n"
    )
    assert output_of(rewritten(text, "program.py", INERT)) == "(2, [6, 6], [5, 6])\n-> None\n"


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_hooks_are_told_the_same_on_every_version(program: Path) -> None:
    expected = expected_file(program).read_text(encoding="utf-8").splitlines()
    assert accesses_of(program) == expected


def test_no_line_is_passed_that_was_not_before() -> None:
    """A loop over what stands on another line: 3.13 passes that line, the others do not."""
    text = "items = [1]\nfor x in \\\n  items: pass\nprint([x for x in\n  items\n  if x])\n"
    code = compile(text, "program.py", "exec", dont_inherit=True)
    assert lines_passed(rewritten(text, "program.py", INERT)) == lines_passed(code)


def lines_passed(code: CodeType) -> list[int | None]:
    """The lines that a tracer sees while code runs."""
    lines: list[int | None] = []

    def trace(frame: FrameType, event: str, _: object) -> object:
        if frame.f_code.co_filename != code.co_filename:
            return None
        if event == "line":
            lines.append(frame.f_lineno)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        exec(code, {})
    finally:
        sys.settrace(before)
    return lines
