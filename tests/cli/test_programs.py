"""Programs of all sorts under ``trace`` and under ``simulate``, compared with the same under python."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import threadsim
from support.cli import Ran, environment, process, python, run
from threadsim.model.trace import Outcome

SUMMARY = re.compile(r"^threadsim: .*\n", re.MULTILINE)


def traced(*words: str, stdin: str = "") -> Ran:
    """As python would run it, and a line about the trace."""
    return process("trace", "-o", "recorded.jsonl", *words, stdin=stdin)


def plain(*words: str, stdin: str = "") -> Ran:
    return python(*words, stdin=stdin)


def without_summary(ran: Ran) -> Ran:
    return Ran(ran.status, ran.out, SUMMARY.sub("", ran.err))


PROGRAMS = {
    "raises": "def work(): raise ValueError('no\\nsense')\nprint('begun')\nwork()\n",
    "exits with a number": "import sys\nprint('begun')\nsys.exit(3)\n",
    "exits with a text": "import sys\nsys.exit('a text')\n",
    "a thread exits": (
        "import threading, sys\nthread = threading.Thread(target=sys.exit, args=(5,))\n"
        "thread.start()\nthread.join()\nprint('on')\n"
    ),
    "a thread raises": (
        "import threading\ndef work(): 1 / 0\nthread = threading.Thread(target=work)\n"
        "thread.start()\nthread.join()\nprint('on')\n"
    ),
    "a hook for threads": (
        "import threading\nthreading.excepthook = lambda args: print('hook', args.exc_type.__name__)\n"
        "def work(): 1 / 0\nthread = threading.Thread(target=work)\nthread.start()\nthread.join()\n"
    ),
    "no threads": "print(1 + 1)\n",
    "nothing": "",
    "main guard": "if __name__ == '__main__':\n    print(__name__, __file__)\n",
    "a daemon": (
        "import threading, time\nthread = threading.Thread(target=time.sleep, args=(99,), daemon=True)\n"
        "thread.start()\nprint('on')\n"
    ),
    "exit handlers": "import atexit\natexit.register(print, 'bye')\nprint('hi')\n",
    "other output": (
        "import io, sys\nold, sys.stdout = sys.stdout, io.StringIO()\nprint('hidden')\n"
        "text, sys.stdout = sys.stdout.getvalue(), old\nprint('shown', text)\n"
    ),
    "output left elsewhere": "import io, sys\nsys.stdout = sys.stderr = io.StringIO()\nprint('hidden')\n",
    "closed output": "import sys\nprint('shown')\nsys.stdout.close()\n",
    "closed errors": "import sys\nprint('shown')\nsys.stderr.close()\n",
    "no streams": "import sys\nprint('shown')\nsys.stdout = sys.stderr = None\n",
    "logging": (
        "import logging, sys, threading\n"
        "logging.basicConfig(stream=sys.stdout, level=10, format='%(threadName)s %(message)s')\n"
        "thread = threading.Thread(target=logging.info, args=('hi',))\n"
        "thread.start()\nthread.join()\nlogging.info('bye')\n"
    ),
    "argparse": "import argparse\nprint(argparse.ArgumentParser().parse_args([]))\n",
    "deep recursion": (
        "import sys, threading\nsys.setrecursionlimit(9999)\ndef down(n): return n and down(n - 1)\n"
        "thread = threading.Thread(target=lambda: print(down(3000)))\nthread.start()\nthread.join()\n"
    ),
    "standard input": "import sys\nprint(repr(input('? ')), repr(sys.stdin.read()))\n",
    "a process of its own": (
        "import multiprocessing\ndef work(n): print('child', n, flush=True)\nif __name__ == '__main__':\n"
        "    child = multiprocessing.get_context('spawn').Process(target=work, args=(3,))\n"
        "    child.start()\n    child.join()\n    print('status', child.exitcode)\n"
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_traced_program_is_as_under_python(name: str) -> None:
    Path("program.py").write_text(PROGRAMS[name])

    ran = traced("program.py", stdin="one\ntwo\n")

    assert without_summary(ran) == plain("program.py", stdin="one\ntwo\n")
    assert threadsim.load("recorded.jsonl").complete
    assert len(SUMMARY.findall(ran.err)) == (0 if name == "closed errors" else 1)


@pytest.mark.parametrize("name", PROGRAMS)
def test_simulated_program_prints_what_it_prints_under_python(name: str) -> None:
    Path("program.py").write_text(PROGRAMS[name])

    ran = process("simulate", "-o", "t.jsonl", "program.py", stdin="one\ntwo\n")
    expected = plain("program.py", stdin="one\ntwo\n")

    assert ran.out == expected.out
    assert SUMMARY.sub("", ran.err).startswith(expected.err.partition(":")[0])
    failed = expected.status != 0 or name == "a thread raises" or name == "a hook for threads"
    assert ran.status == (1 if failed else 0)
    assert threadsim.load("t.jsonl").outcome == ("failed" if failed else "passed")


def test_status_of_os_exit_is_the_programs() -> None:
    Path("program.py").write_text("import os\nprint('begun', flush=True)\nos._exit(4)\n")

    assert traced("program.py") == Ran(4, "begun\n", "")
    assert not threadsim.load("recorded.jsonl").complete
    assert process("simulate", "program.py") == Ran(4, "begun\n", "")


ARGUMENTS = [
    (["--seed", "3", "--verbose", "-o", "y"], ["--verbose", "-o", "y"], 3),
    (["--", "--seed", "9"], ["--seed", "9"], 0),
    (["--seed=4", "--", "--", "x"], ["--", "x"], 4),
    (["-s", "5", "--strategy", "round-robin", "-s", "x"], ["x"], None),
    (["--verbose", "--seed", "3"], ["--verbose", "--seed", "3"], 0),
    (["--json", "-q", "-h", "--help", ""], ["--json", "-q", "-h", "--help", ""], 0),
]


@pytest.mark.parametrize(("words", "argv", "seed"), [row for row in ARGUMENTS if row[2] is not None])
def test_arguments_of_a_simulated_program_are_its_own(words: list[str], argv: list[str], seed: int) -> None:
    Path("program.py").write_text("import sys\nprint(sys.argv)\n")

    ran = run("simulate", "program.py", *words)

    assert ran.out == f"{['program.py', *argv]}\n"
    assert run("replay", f"traces/program.seed-{seed}.jsonl").out == ran.out


@pytest.mark.parametrize("words", [row[0] for row in ARGUMENTS])
def test_arguments_of_a_traced_program_are_all_its_own(words: list[str]) -> None:
    Path("program.py").write_text("import sys\nprint(sys.argv)\n")

    assert traced("program.py", *words).out == f"{['program.py', *words]}\n"
    assert threadsim.load("recorded.jsonl").header.arguments == tuple(words)


SIBLINGS = {
    "a/program.py": "import helper, package.part\nprint(helper.x, package.part.y, __file__)\n",
    "a/helper.py": "x = __name__\n",
    "a/package/__init__.py": "",
    "a/package/part.py": "from . import other\ny = other.z\n",
    "a/package/other.py": "z = __name__\n",
}


@pytest.fixture
def siblings() -> None:
    for name, text in SIBLINGS.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)


@pytest.mark.usefixtures("siblings")
@pytest.mark.parametrize("where", [".", "a", "a/package"])
def test_script_finds_its_siblings_from_any_folder(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    script = os.path.relpath("a/program.py", where)
    monkeypatch.chdir(where)

    expected = plain(script).out

    assert expected.startswith("helper package.other ")
    assert traced(script).out == expected
    assert process("simulate", "-o", "t.jsonl", script).out == expected
    assert process("replay", "t.jsonl").out.startswith("helper package.other ")


@pytest.mark.usefixtures("siblings")
def test_linked_script_finds_the_siblings_of_what_it_links_to() -> None:
    Path("link.py").symlink_to("a/program.py")

    expected = plain("link.py").out

    assert traced("link.py").out == expected
    assert process("simulate", "link.py").out == expected


@pytest.mark.parametrize("name", ["with space.py", "é🎉.py", "-dash.py", "noext", "a'b\"c.py", "%s{}.py"])
def test_script_may_have_an_odd_name(name: str) -> None:
    Path(name).write_text("print('here')\n")

    assert process("trace", "--", name).out == "here\n"
    ran = run("simulate", "--", name)
    assert ran.out == "here\n"
    assert run("replay", f"traces/{Path(name).stem}.seed-0.jsonl").out == "here\n"
    assert run("show", f"traces/{Path(name).stem}.seed-0.jsonl").out.startswith(f"{name} · ")


def interrupted(*words: str) -> Ran:
    """Run until it prints ``ready``, then press Ctrl-C."""
    child = subprocess.Popen(
        [sys.executable, *words],
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=30)
    return Ran(child.returncode, out, err)


SPINS = """\
import threading

def work():
    while True:
        x = 1

print("ready", flush=True)
thread = threading.Thread(target=work, daemon=True)
thread.start()
thread.join()
"""


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_ctrl_c_ends_a_traced_program_as_under_python() -> None:
    Path("program.py").write_text(SPINS)

    ran = interrupted("-m", "threadsim", "trace", "-o", "recorded.jsonl", "program.py")

    assert ran.status == -signal.SIGINT
    assert ran.err.count("KeyboardInterrupt") == 1
    assert re.search(r"^threadsim: \d+ events? of \d threads? in recorded.jsonl\n\Z", ran.err, re.MULTILINE)
    assert threadsim.load("recorded.jsonl").outcome is Outcome.INTERRUPTED


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_ctrl_c_ends_a_simulation_with_its_trace_saved() -> None:
    Path("program.py").write_text(SPINS)

    ran = interrupted("-m", "threadsim", "simulate", "-o", "t.jsonl", "program.py")

    assert (ran.status, ran.err.splitlines()[-1]) == (130, "threadsim: seed 0: interrupted")
    assert threadsim.load("t.jsonl").outcome is Outcome.INTERRUPTED


def test_five_hundred_threads_take_seconds() -> None:
    Path("many.py").write_text(
        "import threading\nn = 0\nlock = threading.Lock()\n"
        "def work():\n    global n\n    with lock: n += 1\n"
        "threads = [threading.Thread(target=work) for _ in range(500)]\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join()\nassert n == 500\n"
    )

    assert run("simulate", "-o", "t.jsonl", "many.py").status == 0
    assert run("replay", "t.jsonl").status == 0
    assert "Thread-500 (work)" in run("show", "t.jsonl").out
    assert run("show", "t.jsonl", "-f", "svg").out.rstrip().endswith("</svg>")
    part = run("show", "t.jsonl", "--thread", "T7", "--thread", "T*9", "--from", "100", "--to", "900").out
    assert part.splitlines()[1].startswith("events from 100 to 900 of T7, T*9: ")


def test_chatty_program_is_kept_whole() -> None:
    Path("chatty.py").write_text("for number in range(20_000): print(number)\n")

    ran = run("simulate", "-o", "t.jsonl", "chatty.py")

    assert ran.out == "".join(f"{number}\n" for number in range(20_000))
    assert threadsim.load("t.jsonl").output == ran.out
    assert len(run("show", "t.jsonl", "--from", "500", "--to", "509").out.splitlines()) == 9
