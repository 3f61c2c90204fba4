"""A traced script behaves as under python, and its trace is on the disk whatever happens."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import threadsim
from threadsim.model.codec import load
from threadsim.model.event import Kind
from threadsim.model.trace import Outcome, Trace

TRACED = """\
import sys
from threadsim.record.run_script import trace_script
sys.exit(trace_script(sys.argv[1], sys.argv[2:], "trace.jsonl"))
"""
PACKAGE = str(Path(threadsim.__file__).parent.parent)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", PACKAGE)
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    (tmp_path / "traced.py").write_text(TRACED)
    return tmp_path


def start(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit status, output and errors, without what differs from run to run."""
    out, err = process.communicate(timeout=20)
    return process.returncode, *(re.sub(r"0x[0-9a-f]+|\b\d{9,}\b", "…", text) for text in (out, err))


def both(script: str, *arguments: str) -> Trace:
    """Run a script under python and traced, see that they are alike, and give the trace."""
    Path("program.py").write_text(script)
    plain = start("program.py", *arguments)
    traced = start("traced.py", "program.py", *arguments)
    assert finish(traced) == finish(plain)
    return load("trace.jsonl")


def kinds(trace: Trace) -> list[str]:
    return [f"T{event.thread} {event.kind.value}" for event in trace.events]


def test_the_script_sees_what_it_sees_under_python() -> None:
    Path("helper.py").write_text("name = __name__\n")
    trace = both(
        "import sys, threading, helper\n"
        "print(sys.argv, sys.path, __name__, __file__, sorted(globals()), helper.name)\n"
        "print(threading.enumerate(), threading.active_count())\n"
        "print(sys.modules['__main__'].__dict__ is globals())\n",
        "-o",
        "a b",
    )
    assert trace.outcome is Outcome.PASSED
    assert (trace.header.program, trace.header.arguments) == ("program.py", ("-o", "a b"))
    assert sorted(trace.header.sources) == ["helper.py", "program.py"]
    assert trace.header.python == sys.version.split()[0]


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        ("pass", 0),
        ("sys.exit()", 0),
        ("sys.exit(3)", 3),
        ("sys.exit('a message')", 1),
        ("sys.exit([1, 2])", 1),
        ("sys.exit(True)", 1),
        ("raise SystemExit(259)", 3),
        ("exit(4)", 4),
    ],
)
def test_exit_status_is_the_scripts(ending: str, status: int) -> None:
    trace = both(f"import sys\nprint('hello')\n{ending}\n")
    assert trace.outcome is Outcome.PASSED


def test_an_exception_is_shown_as_python_shows_it() -> None:
    trace = both(
        "def f(n):\n"
        "    try:\n"
        "        [][n]\n"
        "    except IndexError as error:\n"
        "        raise ValueError('no such thing') from error\n"
        "f(1)\n"
    )
    assert trace.ending is not None
    assert trace.ending.failure is not None
    failure = trace.ending.failure
    assert (failure.thread, failure.type, failure.message) == (0, "ValueError", "no such thing")
    assert failure.site is not None
    assert (failure.site.file, failure.site.line, failure.site.function) == ("program.py", 5, "f")
    assert trace.failing_event is not None


def test_errors_of_primitives_are_shown_as_python_shows_them() -> None:
    trace = both(
        "import threading\n"
        "def work():\n"
        "    threading.Lock().release()\n"
        "thread = threading.Thread(target=work)\n"
        "thread.start()\n"
        "thread.join()\n"
        "threading.Semaphore().acquire(False, 1)\n"
    )
    assert [e.result for e in trace.select("raise")] == ["RuntimeError", "ValueError"]


def test_a_hook_of_the_scripts_own_is_called() -> None:
    both(
        "import sys\n"
        "def hook(kind, error, traceback): print('hook', kind, error, traceback.tb_frame.f_code.co_name)\n"
        "sys.excepthook = hook\n"
        "1/0\n"
    )


def test_a_hook_that_fails_is_shown_as_python_shows_it() -> None:
    both("import sys\ndef hook(*a): raise KeyError('hook')\nsys.excepthook = hook\n1/0\n")


def test_threads_left_over_are_waited_for_and_recorded_and_exit_handlers_run_after_them() -> None:
    trace = both(
        "import atexit, threading, time\n"
        "atexit.register(print, 'exit handler')\n"
        "def work():\n"
        "    threading.main_thread().join()\n"
        "    print('thread')\n"
        "threading.Thread(target=work).start()\n"
        "threading.Thread(target=time.sleep, args=(9,), daemon=True).start()\n"
        "print('main')\n"
    )
    assert kinds(trace).count("T1 end") == 1
    assert kinds(trace).count("T2 end") == 0


def test_an_uncaught_exception_of_a_thread_fails_the_run_but_not_the_status() -> None:
    trace = both(
        "import threading\n"
        "def work(): raise KeyError('x')\n"
        "thread = threading.Thread(target=work)\n"
        "thread.start(); thread.join()\n"
    )
    assert trace.outcome is Outcome.FAILED
    assert kinds(trace)[-3:] == ["T1 raise", "T1 end", "T0 join"]


def test_os_exit_exits_at_once_with_the_trace_saved() -> None:
    trace = both(
        "import os, threading\nlock = threading.Lock()\nlock.acquire()\nprint('going')\nos._exit(5)\n"
    )
    assert kinds(trace) == ["T0 acquire"]
    assert not trace.complete


def interrupt(process: subprocess.Popen[str], number: int) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.05)  # so that it is inside of what it says it is ready for
    process.send_signal(number)


def test_ctrl_c_ends_it_as_python_does_and_the_trace_is_saved() -> None:
    Path("program.py").write_text(
        "import atexit, threading\n"
        "atexit.register(print, 'exit handler')\n"
        "lock = threading.Lock()\n"
        "lock.acquire()\n"
        "print('ready')\n"
        "lock.acquire()\n"
    )
    processes = [start("program.py"), start("traced.py", "program.py")]
    for process in processes:
        interrupt(process, signal.SIGINT)
    plain, traced = map(finish, processes)
    assert traced == plain
    assert plain[0] == -signal.SIGINT
    trace = load("trace.jsonl")
    assert trace.outcome is Outcome.INTERRUPTED


def test_ctrl_c_while_waiting_for_threads_is_pythons_too() -> None:
    Path("program.py").write_text(
        "import threading, time\n"
        "def work():\n"
        "    threading.main_thread().join()\n"
        "    print('ready')\n"
        "    time.sleep(0.3)\n"
        "threading.Thread(target=work).start()\n"
    )
    processes = [start("program.py"), start("traced.py", "program.py")]
    for process in processes:
        interrupt(process, signal.SIGINT)
    plain, traced = map(finish, processes)
    assert traced == plain
    assert load("trace.jsonl").complete


def test_ctrl_c_twice_ends_a_deadlock_as_it_does_under_python() -> None:
    Path("program.py").write_text(
        "import threading, time\n"
        "a, b = threading.Lock(), threading.Lock()\n"
        "met = threading.Barrier(2)\n"
        "def work(first, second):\n"
        "    with first:\n"
        "        if met.wait() == 0: print('ready')\n"
        "        with second: pass\n"
        "threads = [threading.Thread(target=work, args=pair) for pair in ((a, b), (b, a))]\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join()\n"
    )
    processes = [start("program.py"), start("traced.py", "program.py")]
    for process in processes:
        interrupt(process, signal.SIGINT)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
    plain, traced = map(finish, processes)
    assert traced == plain
    trace = load("trace.jsonl")
    assert trace.outcome is Outcome.INTERRUPTED
    assert len(trace.select("acquire")) == 2


def test_ctrl_c_that_the_script_catches_is_its_own_business() -> None:
    Path("program.py").write_text(
        "import time\nprint('ready')\ntry: time.sleep(9)\nexcept KeyboardInterrupt: print('caught')\n"
    )
    process = start("traced.py", "program.py")
    interrupt(process, signal.SIGINT)
    assert finish(process) == (0, "caught\n", "")
    assert load("trace.jsonl").outcome is Outcome.PASSED


def test_after_sigkill_what_happened_is_in_the_file() -> None:
    Path("program.py").write_text(
        "import threading, time\n"
        "lock = threading.Lock()\n"
        "def work():\n"
        "    with lock: time.sleep(9)\n"
        "threading.Thread(target=work).start()\n"
        "time.sleep(0.6)\n"
        "print('ready')\n"
        "time.sleep(9)\n"
    )
    process = start("traced.py", "program.py")
    interrupt(process, signal.SIGKILL)
    assert finish(process)[0] == -signal.SIGKILL
    trace = load("trace.jsonl")
    assert not trace.complete
    assert sorted(kinds(trace)) == ["T0 start", "T1 acquire", "T1 begin"]
    assert trace.first("acquire").site is not None
    assert list(trace.header.sources) == ["program.py"]


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="there is no fork")
def test_a_forked_child_writes_nothing_into_its_parents_trace() -> None:
    trace = both(
        "import os, threading\n"
        "lock = threading.Lock()\n"
        "pid = os.fork()\n"
        "if pid:\n"
        "    print(os.waitpid(pid, 0)[1])\n"
        "    lock.acquire()\n"
        "    threading.Thread(target=print, args=('thread of the parent',)).start()\n"
        "else:\n"
        "    with lock: print('child')\n"
        "    threading.Thread(target=print, args=('thread of the child',)).start()\n"
    )
    assert kinds(trace) == ["T0 acquire", "T0 start", "T1 begin", "T1 end"]
    assert trace.complete


@pytest.mark.parametrize("script", ["missing.py", "broken.py", "."])
def test_what_cannot_run_leaves_no_file(script: str) -> None:
    Path("broken.py").write_text("x = = 1\n")
    status, out, err = finish(start("traced.py", script))
    assert (status, out) == (1, "")
    assert re.search(r"^threadsim\..*ProgramError: ", err, re.MULTILINE)
    assert not Path("trace.jsonl").exists()


def test_a_trace_that_cannot_be_written_is_said_before_anything_runs() -> None:
    Path("program.py").write_text("print('ran')\n")
    Path("trace.jsonl").mkdir()
    status, out, err = finish(start("traced.py", "program.py"))
    assert (status, out) == (1, "")
    assert "TraceError: cannot write trace.jsonl: Is a directory" in err


def test_a_compressed_trace_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("traced.py").write_text(TRACED.replace("trace.jsonl", "trace.jsonl.gz"))
    Path("program.py").write_text("import threading\nlock = threading.Lock()\nlock.acquire()\n")
    assert finish(start("traced.py", "program.py")) == (0, "", "")
    trace = load("trace.jsonl.gz")
    assert [event.kind for event in trace.events] == [Kind.ACQUIRE]
    assert trace.complete
