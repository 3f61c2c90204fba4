"""The command line as its user meets it: what it prints, where, and with which exit status."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import attrs

from threadsim.cli import main

SOURCE = Path(__file__).parent.parent.parent / "src"


@attrs.frozen
class Ran:
    """What a command did."""

    status: int
    out: str
    err: str

    def complaint(self) -> str:
        """The one line with which a command refused, after ``threadsim: ``; nothing else was printed."""
        assert self.status == 2, self
        assert self.out == "", self
        assert self.err.startswith("threadsim: "), self
        assert self.err.endswith("\n"), self
        assert self.err.count("\n") == 1, self
        return self.err.removeprefix("threadsim: ").rstrip("\n")


def run(*words: str) -> Ran:
    """Run ``threadsim WORDS`` in this process; not for ``trace``, which is for good."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        status = main(words)
    return Ran(status, _text(out), _text(err))


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode("utf-8")


def environment(**more: str | None) -> dict[str, str]:
    """That of a process of ours; hashes are fixed at once unless said otherwise. None unsets a variable."""
    ours = {
        **os.environ,
        "PYTHONPATH": str(SOURCE),
        "PYTHONHASHSEED": "0",
        "PYTHONIOENCODING": "utf-8",
        **more,
    }
    return {name: value for name, value in ours.items() if value is not None}


def process(*words: str, stdin: str = "", **more: str | None) -> Ran:
    """Run ``threadsim WORDS`` in a process of its own."""
    return python("-m", "threadsim", *words, stdin=stdin, **more)


def python(*words: str, stdin: str = "", seconds: float = 60, **more: str | None) -> Ran:
    """Run ``python WORDS``, which takes at most so long."""
    done = subprocess.run(
        [sys.executable, *words],
        input=stdin,
        env=environment(**more),
        capture_output=True,
        encoding="utf-8",
        timeout=seconds,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def shell(command: str) -> Ran:
    """Run a line of bash in which ``$threadsim`` is the command."""
    line = f"set -o pipefail; threadsim='{sys.executable} -m threadsim'; {command}"
    done = subprocess.run(
        ["bash", "-c", line],
        stdin=subprocess.DEVNULL,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    return Ran(done.returncode, done.stdout, done.stderr)
