"""One seed is one trace, byte for byte: in any process, under any hash seed, on each Python.

The traces in ``golden/`` are those of each version. After a change to what a trace says,
``PYTHONPATH=src:tests python tests/cli/test_determinism.py``, in the project's root, makes them again.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest

from support.cli import process, run

PROGRAM = "examples/lost_update.py"
GOLDEN = Path(__file__).parent / "golden"
SEEDS = (0, 1, 2, 3, 12345678901234567890)


def golden(seed: int) -> str:
    return (GOLDEN / f"lost_update.seed-{seed}.jsonl").read_text(encoding="utf-8")


def anywhere(path: str) -> str:
    """A trace's file without what its header tells of the machine."""
    first, rest = Path(path).read_text(encoding="utf-8").split("\n", 1)
    header = json.loads(first)
    assert header.pop("python")
    assert header.pop("platform")
    return json.dumps(header, separators=(",", ":")) + "\n" + rest


@pytest.mark.parametrize("seed", SEEDS)
def test_seed_gives_the_same_trace_on_each_version_and_twice_in_a_process(seed: int) -> None:
    for name in ("one.jsonl", "other.jsonl"):
        run("simulate", "-q", "-o", name, PROGRAM, "--seed", str(seed))

    assert anywhere("one.jsonl") == golden(seed)
    assert Path("one.jsonl").read_bytes() == Path("other.jsonl").read_bytes()


@pytest.mark.parametrize("hash_seed", [None, "0", "1", "random"])
def test_seed_gives_the_same_trace_in_each_process_under_any_hash_seed(hash_seed: str | None) -> None:
    for seed in (1, 2):
        process("simulate", "-q", "-o", "t.jsonl", PROGRAM, "--seed", str(seed), PYTHONHASHSEED=hash_seed)
        assert anywhere("t.jsonl") == golden(seed)


def test_sets_of_strings_are_in_one_order_in_each_process() -> None:
    Path("sets.py").write_text("print(*{'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'})\n")

    outputs = {process("simulate", "sets.py", PYTHONHASHSEED=None).out for _ in range(2)}

    assert outputs == {process("simulate", "sets.py", PYTHONHASHSEED="0").out}


def test_traced_program_is_not_given_fixed_hashes() -> None:
    Path("hashes.py").write_text("import os\nprint(os.environ.get('PYTHONHASHSEED'))\n")

    assert process("trace", "hashes.py", PYTHONHASHSEED=None).out == "None\n"


def test_random_numbers_follow_from_the_seed() -> None:
    Path("dice.py").write_text("import random\nprint(random.random(), random.choice('abcdef'))\n")

    one, again, other = (run("simulate", "dice.py", "--seed", seed).out for seed in ("1", "1", "2"))

    assert one == again != other


def test_different_seeds_give_different_outcomes() -> None:
    statuses = [
        run("simulate", "-q", "-o", "t.jsonl", PROGRAM, "--seed", str(seed)).status for seed in range(20)
    ]

    assert set(statuses) == {0, 1}


def test_replay_of_a_script_is_the_interleaving_that_simulate_shows() -> None:
    for words in (["--seed", "3"], ["--seed=3", "--strategy=round-robin"]):
        simulated = run("simulate", "-q", "-f", "text", "-o", "t.jsonl", "examples/two_threads.py", *words)
        replayed = run("replay", "-q", "-f", "text", "examples/two_threads.py", *words)
        assert replayed.out == simulated.out


def test_timer_takes_no_time() -> None:
    ran = run("simulate", "--json", "examples/timer.py")

    assert json.loads(ran.out)["outcome"] == "passed"
    assert '"time":3.0' in Path("traces/timer.seed-0.jsonl").read_text(encoding="utf-8").splitlines()[-1]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        for number in SEEDS:
            name = f"lost_update.seed-{number}.jsonl"
            run("simulate", "-q", "-o", f"{scratch}/{name}", PROGRAM, "--seed", str(number))
            (GOLDEN / name).write_text(anywhere(f"{scratch}/{name}"), encoding="utf-8")
