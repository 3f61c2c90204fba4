"""Golden traces: of each program in ``tests/programs``, under some seeds, as they are on every Python.

Make them again with ``PYTHONPATH=src:tests python -m support.golden``, after a change to what a trace says or
to where scheduling points are; ``python -m support.golden /tmp/now`` makes them there and names those that
differ.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import attrs

from threadsim import simulate
from threadsim.instrument import sites
from threadsim.model.trace import Trace

TESTS = Path(__file__).parent.parent
PROGRAMS = sorted((TESTS / "programs").glob("*.py"))
GOLDEN = TESTS / "simulate" / "golden"
SEEDS = (0, 1, 2)


def golden_path(program: Path, seed: int) -> Path:
    """Where the trace of a program under a seed is kept."""
    return GOLDEN / f"{program.stem}-{seed}.jsonl"


def trace_of(program: Path, seed: int) -> Trace:
    """The trace, made in the programs' folder, but for which interpreter made it."""
    trace = simulate(program.name, seed=seed, max_steps=20_000).trace
    return attrs.evolve(trace, header=attrs.evolve(trace.header, python="", platform=""))


def differing(scratch: Path) -> Iterator[str]:
    """The golden traces that are not what comes now; that is left in the folder `scratch`."""
    for program in PROGRAMS:
        for seed in SEEDS:
            golden = golden_path(program, seed)
            now = scratch / golden.name
            trace_of(program, seed).save(now)
            if not golden.exists() or now.read_bytes() != golden.read_bytes():
                yield golden.name


def make() -> None:
    """Make all of them."""
    GOLDEN.mkdir(exist_ok=True)
    for path in GOLDEN.glob("*.jsonl"):
        path.unlink()
    for program in PROGRAMS:
        for seed in SEEDS:
            trace_of(program, seed).save(golden_path(program, seed))


if __name__ == "__main__":
    os.chdir(TESTS / "programs")
    sites.forget()
    if len(sys.argv) > 1:
        print(*differing(Path(sys.argv[1])))
    else:
        make()
