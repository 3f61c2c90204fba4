"""What a program writes is kept, in order, and each write is an event."""

from __future__ import annotations

import sys
import threading

import pytest

from support.simulation import executions_of, outcomes_of, story
from threadsim import simulate


def test_print_is_two_writes() -> None:
    execution = simulate(lambda: print("a", "b"))
    assert execution.output == execution.trace.output == "a b\n"
    assert [row.replace("\n", "|") for row in story(execution)] == [
        "T0 output stdout = a",
        "T0 output stdout =  ",
        "T0 output stdout = b",
        "T0 output stdout = |",
        "T0 end",
    ]


def test_standard_error_is_kept_apart() -> None:
    def program() -> None:
        print("good")
        print("bad", file=sys.stderr)
        sys.stdout.write("fine\n")

    execution = simulate(program)
    assert (execution.output, execution.errors) == ("good\nfine\n", "bad\n")
    assert [obj.name for obj in execution.trace.objects] == ["stdout", "stderr"]


def test_bytes_are_text_in_the_end() -> None:
    def program() -> tuple[int, None]:
        count = sys.stdout.buffer.write("grün\n".encode())
        return count, sys.stdout.flush()  # type: ignore[func-returns-value]

    execution = simulate(program)
    assert (execution.output, execution.result) == ("grün\n", (6, None))


def test_lines_of_two_threads_get_mixed() -> None:
    def program() -> None:
        threading.Thread(target=print, args=("a",)).start()
        print("b")

    outputs = {execution.output for execution in executions_of(program, range(40))}
    assert outputs == {"a\nb\n", "b\na\n", "ab\n\n", "ba\n\n"}


def test_lines_under_a_lock_do_not() -> None:
    def program() -> None:
        lock = threading.Lock()

        def say(text: str) -> None:
            with lock:
                print(text)

        threading.Thread(target=say, args=("a",)).start()
        say("b")

    outputs = {execution.output for execution in executions_of(program, range(40))}
    assert outputs == {"a\nb\n", "b\na\n"}


def test_streams_can_do_what_scripts_ask_of_them() -> None:
    def program() -> tuple[object, ...]:
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
        sys.stdout.writelines(["x\n", "y\n"])
        return sys.stdout.isatty(), sys.stdout.writable(), sys.stdout.name, bool(sys.stdout.encoding)

    execution = simulate(program)
    assert (execution.output, execution.result) == ("x\ny\n", (False, True, "<stdout>", True))


def test_only_text_may_be_written() -> None:
    def program() -> None:
        with pytest.raises(TypeError, match="must be str, not bytes"):
            sys.stdout.write(b"x")  # type: ignore[arg-type]

    simulate(program).assert_passed()


def test_nothing_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    def program() -> None:
        print("out")
        print("err", file=sys.stderr)
        threading.Thread(target=lambda: 1 / 0).start()

    simulate(program)
    assert capsys.readouterr() == ("", "")


def test_output_of_each_execution_is_its_own() -> None:
    assert outcomes_of(lambda: print("x"), range(3)) == {None}
    assert simulate(lambda: print("x")).output == "x\n"
