"""One seed gives one trace, to the byte: on every version of Python, in any process, under any hash seed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.golden import PROGRAMS, SEEDS, TESTS, golden_path, trace_of
from support.simulation import executions_of
from threadsim import load, replay
from threadsim.instrument import sites


@pytest.fixture(autouse=True)
def _in_the_programs_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(TESTS / "programs")
    sites.forget()
    yield
    sites.forget()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_trace_is_the_golden_one(program: Path, seed: int, tmp_path: Path) -> None:
    now = tmp_path / "now.jsonl"
    trace_of(program, seed).save(now)
    assert now.read_text("utf-8") == golden_path(program, seed).read_text("utf-8")


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_second_execution_in_a_process_is_like_the_first(program: Path) -> None:
    assert trace_of(program, 7) == trace_of(program, 7)


@pytest.mark.parametrize("hash_seed", ["1", "4242"])
def test_hash_seed_makes_no_difference(hash_seed: str, tmp_path: Path) -> None:
    paths = [str(TESTS), str(TESTS.parent / "src"), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, "-m", "support.golden", str(tmp_path)],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(paths)},
        cwd=TESTS / "programs",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_golden_trace_replays(program: Path, seed: int) -> None:
    trace = load(golden_path(program, seed))
    again = replay(program.name, trace).trace
    assert (again.events, again.schedule, again.ending) == (trace.events, trace.schedule, trace.ending)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_program_ends_as_it_says(program: Path) -> None:
    said = program.read_text("utf-8").partition("Outcomes: ")[2].partition(".")[0]
    executions = executions_of(program.name, range(60), max_steps=20_000)
    found = {str(execution.outcome) for execution in executions}
    assert found == set(said.split(", "))
