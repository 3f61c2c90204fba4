import io
import time
from textwrap import dedent

import attrs
import pytest
from rich.console import Console

from support.traces import trace_of
from threadsim.model.event import Kind
from threadsim.model.site import Site
from threadsim.model.trace import Ending, Failure, Header, Outcome, Trace, Waiting
from threadsim.render.text import one_line, rows_around, timeline, to_text
from threadsim.render.window import Window

LOST_UPDATE = """
    T0 start T1
    T1 begin
    T0 start T2
    T1 read counter = 0
    T2 begin
    T2 read counter = 0
    T2 write counter = 1
    T1 write counter = 1
    T1 end
    T0 join T1
    T2 end
    T0 join T2
    T0 read counter = 1
    T0 raise = 1 != 2
"""


@pytest.fixture
def lost_update() -> Trace:
    return trace_of(
        LOST_UPDATE,
        header=Header("simulated", "lost_update.py", seed=3, strategy="random"),
        ending=Ending(
            Outcome.FAILED, Failure(0, "AssertionError", "1 != 2"), message="AssertionError: 1 != 2"
        ),
        file="lost_update.py",
    )


def test_a_thread_has_a_column_and_an_event_a_row(lost_update: Trace) -> None:
    assert to_text(lost_update) == dedent(
        """\
        lost_update.py · simulated: seed 3, random · failed

         #  where              │ MainThread                   │ Thread-1          │ Thread-2
         0  lost_update.py:1   │ start Thread-1               │                   │
         1                     │                              │ begin             │
         2  lost_update.py:3   │ start Thread-2               │                   │
         3  lost_update.py:4   │                              │ read counter → 0  │
         4                     │                              │                   │ begin
         5  lost_update.py:6   │                              │                   │ read counter → 0
         6  lost_update.py:7   │                              │                   │ write counter = 1
         7  lost_update.py:8   │                              │ write counter = 1 │
         8                     │                              │ end               │
         9  lost_update.py:10  │ join Thread-1                │                   │
        10                     │                              │                   │ end
        11  lost_update.py:12  │ join Thread-2                │                   │
        12  lost_update.py:13  │ read counter → 1             │                   │
        13  lost_update.py:14  │ raise AssertionError: 1 != 2 │                   │

        AssertionError: 1 != 2
        """
    )


def test_where_the_columns_do_not_fit_the_thread_is_named_in_each_row(lost_update: Trace) -> None:
    assert to_text(lost_update, Window(first=6, last=9), width=60).splitlines()[3:8] == [
        "#  where              thread      what",
        "6  lost_update.py:7   Thread-2    write counter = 1",
        "7  lost_update.py:8   Thread-1    write counter = 1",
        "8                     Thread-1    end",
        "9  lost_update.py:10  MainThread  join Thread-1",
    ]


def test_a_crowd_of_threads_is_a_list() -> None:
    crowd = trace_of("\n".join(f"T{n} acquire lock{n}" for n in range(40)))
    assert "39  example.py:40  Thread-39   acquire lock39\n" in to_text(crowd)


def test_words_that_do_not_fit_go_on_below_and_nothing_is_lost() -> None:
    message = "the total is wrong: " + " ".join(f"account-{n}" for n in range(15))
    trace = trace_of("T0 raise = x", ending=Ending(Outcome.FAILED, Failure(0, "ValueError", message)))
    lines = to_text(trace, width=60).splitlines()
    assert max(map(len, lines)) <= 60
    shown = " ".join(line.replace("│", " ").strip() for line in lines)
    assert message[:150] in " ".join(shown.split())


def test_a_window_is_told_above_the_rows(lost_update: Trace) -> None:
    text = to_text(lost_update, Window(first=3, last=8, threads=("T1",)))
    assert "events from 3 to 8 of T1: 3 of 14\n" in text
    assert "read counter → 0" in text
    assert "begin" not in text


def test_an_empty_window_says_so(lost_update: Trace) -> None:
    assert "no events from 99: the trace has events 0 to 13\n" in to_text(lost_update, Window(first=99))


def test_an_incomplete_trace_says_so() -> None:
    text = to_text(trace_of("T0 acquire lock", ending=None))
    assert text.splitlines()[0] == "example.py · recorded · incomplete"
    assert text.splitlines()[-1] == "incomplete: the run was cut off before its end"


def test_the_writes_of_one_print_are_one_row_and_a_torn_line_is_not() -> None:
    trace = trace_of(
        """
        T0 output stdout = "a"
        T0 output stdout = "\\n"
        T0 output stdout = "b"
        T1 output stdout = "c"
        T0 output stdout = "\\n"
        T0 output stderr = "d"
        """
    )
    rows = [
        line.split("│")[0].split()[0] + line.partition("│")[2] for line in to_text(trace).splitlines()[3:8]
    ]
    assert [row.replace("│", "").split() for row in rows] == [
        ["0", "print", "'a'"],
        ["2", "print", "'b'"],
        ["3", "print", "'c'"],
        ["4", "print", r"'\n'"],
        ["5", "print", "'d'", "to", "stderr"],
    ]


def test_a_deadlock_says_who_waits_for_what_held_by_whom() -> None:
    waiting = (
        Waiting(0, Kind.JOIN, target=1),
        Waiting(1, Kind.ACQUIRE, obj=0, holder=2, site=Site("bank.py", 9)),
        Waiting(2, Kind.WAIT, obj=1),
    )
    trace = trace_of(
        "T2 acquire audit\nT1 acquire ready",
        ending=Ending(Outcome.DEADLOCK, waiting=waiting, message="stuck"),
    )
    assert to_text(trace).splitlines()[-4:] == [
        "stuck",
        "  MainThread waits for Thread-1 to end",
        "  Thread-1 waits for audit (bank.py:9), held by Thread-2",
        "  Thread-2 waits for ready",
    ]


def test_below_who_waits_is_the_way_by_which_it_came_there_once() -> None:
    stack = (Site("bank.py", 40), Site("bank.py", 30, function="pay"))
    waiting = Waiting(1, Kind.ACQUIRE, obj=0, site=Site("bank.py", 9, function="Account.take"), stack=stack)
    trace = trace_of("T1 acquire audit", ending=Ending(Outcome.DEADLOCK, waiting=(waiting,)))
    told = [
        "  Thread-1 waits for audit (bank.py:9)",
        "    bank.py:40 → pay (bank.py:30) → Account.take (bank.py:9)",
    ]
    assert to_text(trace).splitlines()[-3:] == ["deadlock", *told]
    assert trace.ending is not None
    message = "\n".join(["deadlock:", *told])
    trace = attrs.evolve(trace, ending=attrs.evolve(trace.ending, message=message))
    assert to_text(trace).splitlines()[-3:] == ["deadlock:", *told]


def test_odd_names_stay_on_their_line_and_in_their_column() -> None:
    trace = trace_of("T1 acquire a\nT2 acquire b", threads=("main", "bad\nname\x1b[31m", "蛇 🐍"))
    rows = to_text(trace).splitlines()[2:5]
    assert rows == [
        "#  where         │ bad\\nname\\x1b[31m │ 蛇 🐍",
        "0  example.py:1  │ acquire a         │",
        "1  example.py:2  │                   │ acquire b",
    ]


def test_plain_text_has_no_escape_codes_and_the_terminal_shows_the_failure_in_red(lost_update: Trace) -> None:
    terminal = io.StringIO()
    Console(file=terminal, force_terminal=True, width=120, color_system="standard").print(
        timeline(lost_update)
    )
    assert "\x1b[1;31mraise AssertionError: 1 != 2" in terminal.getvalue()
    assert "\x1b" not in to_text(lost_update)


def test_the_terminal_shows_what_the_text_says(lost_update: Trace) -> None:
    terminal = io.StringIO()
    Console(file=terminal, width=120).print(timeline(lost_update))
    assert [line.rstrip() for line in terminal.getvalue().splitlines()] == to_text(lost_update).splitlines()


def test_rows_around_marks_the_events_and_leaves_out_what_is_far_off(lost_update: Trace) -> None:
    assert rows_around(lost_update, [3, 12], context=1) == (
        "   2  lost_update.py:3   MainThread  start Thread-2\n"
        ">  3  lost_update.py:4   Thread-1    read counter → 0\n"
        "   4                     Thread-2    begin\n"
        "  …\n"
        "  11  lost_update.py:12  MainThread  join Thread-2\n"
        "> 12  lost_update.py:13  MainThread  read counter → 1\n"
        "  13  lost_update.py:14  MainThread  raise AssertionError: 1 != 2\n"
    )


def test_rows_around_nothing_is_nothing(lost_update: Trace) -> None:
    assert rows_around(lost_update, []) == ""


def test_the_schedule_in_a_line(lost_update: Trace) -> None:
    line = "T0 1 · T1 1 · T0 1 · T1 1 · T2 3 · T1 2 · T0 1 · T2 1 · T0 3 · failed"
    assert one_line(lost_update) == line
    recorded = attrs.evolve(lost_update, schedule=attrs.evolve(lost_update.schedule, runs=()))
    assert one_line(recorded) == line


@pytest.mark.parametrize("threads", [3, 50])
def test_the_cost_of_a_long_trace_is_linear(threads: int) -> None:
    long = trace_of("\n".join(f"T{n % threads} read counter = {n}" for n in range(1000)))
    events = tuple(attrs.evolve(long.events[n % 1000], number=n) for n in range(40_000))
    begin = time.process_time()
    assert to_text(attrs.evolve(long, events=events)).count("\n") > 40_000
    assert time.process_time() - begin < 20  # 0.5 s here; quadratic takes many minutes
