"""A saved trace is followed exactly, or it is said where the program parts from it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from support.simulation import story
from threadsim import Divergence, Outcome, ThreadsimError, TraceError, replay, simulate


def racy() -> int:
    total = 0

    def add() -> None:
        nonlocal total
        for _ in range(2):
            total += 1

    threads = [threading.Thread(target=add) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return total


def stuck() -> None:
    first, second = threading.Lock(), threading.Lock()

    def work() -> None:
        with second:
            time.sleep(1)
            with first:
                pass

    threading.Thread(target=work).start()
    with first:
        time.sleep(1)
        with second:
            pass


def failing() -> None:
    threading.Thread(target=lambda: 1 / 0).start()
    raise LookupError


def spinning() -> None:
    done: list[int] = []
    threading.Thread(target=lambda: [None for _ in iter(lambda: bool(done), True)]).start()
    while not done:
        time.sleep(0)


@pytest.mark.parametrize("program", [racy, stuck, failing])
@pytest.mark.parametrize("seed", range(5))
def test_replay_is_exact(program: Callable[[], object], seed: int) -> None:
    before = simulate(program, seed=seed)
    after = replay(program, before.trace)
    assert after.trace.events == before.trace.events
    assert after.trace.schedule == before.trace.schedule
    assert after.trace.ending == before.trace.ending
    assert (after.outcome, after.output, after.result) == (before.outcome, before.output, before.result)


def test_livelock_ends_where_it_did() -> None:
    before = simulate(spinning, max_steps=300)
    assert before.outcome is Outcome.LIVELOCK
    after = replay(spinning, before.trace)
    assert (after.outcome, after.steps) == (Outcome.LIVELOCK, 300)


def test_trace_may_be_a_file(tmp_path: Path) -> None:
    before = simulate(racy, seed=4)
    before.trace.save(tmp_path / "racy.jsonl.gz")
    assert story(replay(racy, tmp_path / "racy.jsonl.gz")) == story(before)


def test_replay_of_a_replay_is_the_same() -> None:
    once = replay(racy, simulate(racy, seed=4).trace).trace
    assert replay(racy, once).trace.events == once.events


@pytest.mark.parametrize("version", ["3.11.0", "3.99.1"])
def test_trace_of_another_python_replays(version: str) -> None:
    trace = simulate(racy, seed=2).trace
    other = attrs.evolve(trace, header=attrs.evolve(trace.header, python=version, platform="plan9-vax"))
    assert replay(racy, other).trace.events == trace.events


def versions_of_a_program(changed: bool) -> Callable[[], None]:
    def program() -> None:
        lock = threading.Lock()

        def work() -> None:
            with lock:
                pass
            if changed:
                threading.Event().set()

        thread = threading.Thread(target=work)
        thread.start()
        with lock:
            pass
        thread.join()

    return program


@pytest.mark.parametrize("seed", range(5))
def test_changed_program_diverges_at_the_first_difference(seed: int) -> None:
    trace = simulate(versions_of_a_program(changed=False), seed=seed).trace
    with pytest.raises(Divergence, match="at scheduling point") as raised:
        replay(versions_of_a_program(changed=True), trace)
    error = raised.value
    assert 0 < error.step <= trace.schedule.points
    assert error.expected != error.got
    assert f"point {error.step} " in str(error)


def test_program_that_ends_too_early_diverges() -> None:
    trace = simulate(racy, seed=1).trace
    with pytest.raises(Divergence, match="the end of the program") as raised:
        replay(lambda: None, trace)
    assert raised.value.got == "the end of the program"


def test_incomplete_trace_cannot_be_replayed() -> None:
    trace = attrs.evolve(simulate(racy).trace, ending=None)
    with pytest.raises(ThreadsimError, match="incomplete"):
        replay(racy, trace)


def test_missing_trace_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match="nowhere"):
        replay(racy, tmp_path / "nowhere.jsonl")


def test_files_are_named_by_the_working_folder_of_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "program.py").write_text(
        "import threading\nthread = threading.Thread(target=print)\nthread.start()\nthread.join()\n"
    )
    names = []
    for folder in (tmp_path, tmp_path / "below"):
        monkeypatch.chdir(folder)
        trace = simulate(tmp_path / "below" / "program.py").trace
        names.append({event.site.file for event in trace.events if event.site is not None})

    assert names == [{"below/program.py"}, {"program.py"}]
