"""The README is true: its commands are run and its outputs compared, its Python is run as a test."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONSOLE = re.findall(r"^```console\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
PYTHON = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
ANY_LINES = "…"


def sessions(block: str) -> list[tuple[str, list[str]]]:
    """Each command of a block with the lines that it prints."""
    parts = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)[1:]
    return [(command, output.splitlines()) for command, output in zip(parts[::2], parts[1::2], strict=True)]


def pattern_of(lines: list[str]) -> str:
    """A regular expression: ``…`` stands for anything in a line, and on a line of its own for any lines."""
    parts = [
        r"(?:.*\n)*?" if line == ANY_LINES else re.escape(line).replace(re.escape("…"), ".*") + r" *\n"
        for line in lines
        if not re.fullmatch(r"\s*[\^~]+\s*", line)
    ]
    return "".join(parts)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What a reader has: the examples and the saved traces."""
    for folder in ("examples", "traces"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def run(command: str, folder: Path) -> str:
    """What a command prints, without the markers under a traceback's lines, which differ between versions."""
    words = re.findall(r"'[^']*'|\S+", command)
    assert words[0] == "threadsim"
    done = subprocess.run(
        [sys.executable, "-m", "threadsim", *(word.strip("'") for word in words[1:])],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            "PYTHONHASHSEED": "0",
            "PYTHONIOENCODING": "utf-8",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    return evened(re.sub(r"^\s*[\^~]+\s*\n", "", done.stdout, flags=re.MULTILINE))


def evened(text: str) -> str:
    """Without what a real run's times change: how long it waited, and with that the width of a column."""
    return re.sub(r" +", " ", re.sub(r" \(waited [^)]*\)", "", text))


@pytest.mark.parametrize("block", CONSOLE, ids=[sessions(block)[0][0] for block in CONSOLE])
def test_a_command_prints_what_the_readme_shows(block: str, checkout: Path) -> None:
    for command, lines in sessions(block):
        output = run(command, checkout)
        assert re.fullmatch(pattern_of([evened(line) for line in lines]) + r"\s*", output), (
            f"$ {command}\n{output}"
        )


def test_there_are_blocks_to_check() -> None:
    assert len(CONSOLE) >= 5
    assert len(PYTHON) == 1


def test_the_test_of_the_readme_passes(tmp_path: Path) -> None:
    (tmp_path / "test_counter.py").write_text(PYTHON[0], encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_counter.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


def test_without_the_lock_it_fails_with_the_failure_that_the_readme_tells(tmp_path: Path) -> None:
    text = PYTHON[0].replace(
        "        with self.lock:\n            self.value += 1", "        self.value += 1"
    )
    assert text != PYTHON[0]
    (tmp_path / "test_counter.py").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_counter.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "assert counter.value == 2" in done.stdout
