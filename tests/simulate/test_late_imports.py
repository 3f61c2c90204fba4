"""What the standard library does when an execution is the first to import a part of it stays for good."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import threading
from threadsim import simulate

kept = []

def program():
    from concurrent.futures import ThreadPoolExecutor
    kept.append(ThreadPoolExecutor(1))
    kept[-1].submit(print, "done")

for _ in range(2):
    execution = simulate(program)
    print(execution.outcome, execution.output.strip(), len(threading._threading_atexits))

program()
print(type(kept[-1]._shutdown_lock).__module__)
"""


def test_thread_pools_that_an_execution_imports_first() -> None:
    source = Path(__file__).parents[2] / "src"
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={"PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.splitlines() == ["passed done 1", "passed done 1", "done", "_thread"]
    assert done.stderr == ""
