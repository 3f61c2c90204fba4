"""What leaves the command line: words, traces' files, drawings."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from threadsim.model.disk import write_whole
from threadsim.model.errors import ThreadsimError
from threadsim.model.trace import Trace
from threadsim.render import render
from threadsim.simulate.program import OF_SCRIPT

if TYPE_CHECKING:
    from rich.console import RenderableType

TRACES = "traces"
"""The folder for traces that are not given a name."""


def say(text: str) -> None:
    """Tell the person at the terminal, below what the program has printed.

    A standard error that is closed or full is no reason to fail.
    """
    for stream, words in ((sys.stdout, ""), (sys.stderr, f"threadsim: {text}\n")):
        if stream is None:
            continue
        try:
            stream.write(words)
            stream.flush()
        except (OSError, ValueError):
            pass


def count(number: int, noun: str) -> str:
    """``1 event``, ``2,000 events``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def to_stdout(drawn: str | bytes) -> None:
    """Write to standard output, as UTF-8. That a reader has had enough, as ``head``, is fine.

    Raises:
        ThreadsimError: It cannot be written.
    """
    stream = sys.stdout
    if stream is None:
        raise ThreadsimError("standard output is closed")
    try:
        stream.flush()
        stream.buffer.write(_bytes(drawn))
        stream.buffer.flush()
    except BrokenPipeError:
        discard_output(stream)
    except (OSError, ValueError) as error:
        discard_output(stream)
        raise ThreadsimError(f"cannot write to standard output: {_reason(error)}") from None


def to_terminal(drawn: RenderableType) -> None:
    """Show on standard output, which is a terminal: in colour, and as wide as that is."""
    from rich.console import Console  # only here, for it starts slowly

    Console().print(drawn)


def discard_output(stream: TextIO | None) -> None:
    """Lead a stream that cannot be written to nowhere: else the interpreter tries again at its end."""
    try:
        if stream is not None:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except (OSError, ValueError):
        pass


def write_file(path: str, drawn: str | bytes) -> None:
    """Write a whole file or none.

    Raises:
        ThreadsimError: It cannot be written.
    """
    try:
        write_whole(path, _bytes(drawn))
    except (OSError, ValueError) as error:
        raise ThreadsimError(f"cannot write {path}: {_reason(error)}") from None


def check_place(path: str) -> None:
    """See to it that there is a place for a file, before the work that it is to hold.

    Raises:
        ThreadsimError: There is none.
    """
    if os.path.isdir(path):
        raise ThreadsimError(f"cannot write {path}: it is a folder")
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        raise ThreadsimError(f"cannot write {path}: there is no folder {folder}")


def draw(trace: Trace, formats: Sequence[str], path: str) -> None:
    """Draw a trace beside its file; text goes to standard output."""
    stem = path.removesuffix(".gz").removesuffix(".jsonl")
    for form in formats:
        if form == "text":
            to_stdout(render(trace, form))
        else:
            write_file(f"{stem}.{form}", render(trace, form))
            say(f"drawn in {stem}.{form}")


def default_path(script: str, seed: int | None = None, word: str = "") -> str:
    """Where a trace goes unless that is said; the folder for it is made.

    Raises:
        ThreadsimError: It cannot be made.
    """
    try:
        os.makedirs(TRACES, exist_ok=True)
    except OSError as error:
        raise ThreadsimError(f"cannot make the folder {TRACES}: {_reason(error)}; give -o FILE") from None
    file, _, function = script.partition(OF_SCRIPT)
    name = ".".join(filter(None, (Path(file).stem or "trace", function))) + (f".{word}" if word else "")
    return os.path.join(TRACES, f"{name}.jsonl" if seed is None else f"{name}.seed-{seed}.jsonl")


def _bytes(drawn: str | bytes) -> bytes:
    return drawn if isinstance(drawn, bytes) else drawn.encode("utf-8", "backslashreplace")


def _reason(error: OSError | ValueError) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)
