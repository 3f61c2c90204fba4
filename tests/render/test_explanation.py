"""Why an execution failed, as it is shown."""

from __future__ import annotations

import hashlib
import io
from itertools import pairwise
from pathlib import Path
from textwrap import dedent

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from support.failures import deadlocked, failed
from support.traces import trace_of
from threadsim.model.event import Kind
from threadsim.model.findings import Cause, Diagnosis, Race
from threadsim.model.site import Site
from threadsim.model.trace import Ending, Failure, Header, Outcome, Trace
from threadsim.render.explanation import Explanation, explanation

SOURCE = """\
counter = 0
def increment():
    value = counter
    counter = value + 1
assert counter == 2
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sources are looked for in the working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def at(line: int, column: int, end: int, function: str = "increment") -> Site:
    return Site("lost.py", line, column, line, end, function)


def lost_update(sources: dict[str, str] | None = None) -> Trace:
    trace = trace_of(
        """
        T0 start T1
        T0 start T2
        T1 begin
        T1 read counter = 0
        T2 begin
        T2 read counter = 0
        T2 write counter = 1
        T1 write counter = 1
        T1 end
        T2 end
        T0 raise = 1 != 2
        """,
        threads=["MainThread", "Thread-1 (increment)", "Thread-2 (increment)"],
    )
    read, write, check = at(3, 12, 19), at(4, 4, 11), at(5, 7, 19, "<module>")
    sites = {3: read, 5: read, 6: write, 7: write, 10: check}
    return attrs.evolve(
        trace,
        header=Header("simulated", "lost.py", seed=1, sources=sources or {}),
        events=tuple(attrs.evolve(e, site=sites.get(e.number, e.site)) for e in trace.events),
        ending=Ending(
            Outcome.FAILED,
            Failure(0, "AssertionError", "1 != 2", check),
            message="AssertionError: 1 != 2 in MainThread",
        ),
    )


def diagnosis(trace: Trace) -> Diagnosis:
    events = tuple(trace.events[number] for number in (3, 6, 7))
    return Diagnosis(Cause.LOST_UPDATE, events, "Thread-1 overwrote what Thread-2 wrote: one update is lost.")


def test_a_failure_is_told_with_its_cause_its_lines_its_timeline_and_the_way_to_see_it_again(
    folder: Path,
) -> None:
    (folder / "lost.py").write_text(SOURCE)
    trace = lost_update()
    assert explanation(trace, diagnosis=diagnosis(trace), again="threadsim replay a.jsonl") == dedent(
        """\
        AssertionError: 1 != 2 in MainThread

        lost update: Thread-1 overwrote what Thread-2 wrote: one update is lost.

          Thread-1    read counter → 0      lost.py:3 in increment
              3 │ value = counter
                │         ^^^^^^^
          Thread-2    write counter = 1     lost.py:4 in increment
              4 │ counter = value + 1
                │ ^^^^^^^
          Thread-1    write counter = 1     lost.py:4 in increment
              4 │ counter = value + 1
                │ ^^^^^^^
          MainThread  raise AssertionError  lost.py:5
              5 │ assert counter == 2
                │        ^^^^^^^^^^^^

         #  where         │ MainThread                     │ Thread-1 (increment) │ Thread-2 (increment)
         0  example.py:1  │   start Thread-1 (increment)   │                      │
         1  example.py:2  │   start Thread-2 (increment)   │                      │
         3  lost.py:3     │                                │ ● read counter → 0   │
         5  lost.py:3     │                                │                      │   read counter → 0
         6  lost.py:4     │                                │                      │ ● write counter = 1
         7  lost.py:4     │                                │ ● write counter = 1  │
        10  lost.py:5     │   raise AssertionError: 1 != 2 │                      │

        again with: threadsim replay a.jsonl
        """
    )


def test_the_terminal_shows_what_the_text_says() -> None:
    trace = lost_update()
    terminal = io.StringIO()
    Console(file=terminal, width=100).print(Explanation(trace, diagnosis(trace), (), "again"))
    lines = [line.rstrip() for line in terminal.getvalue().splitlines()]
    assert lines == explanation(trace, diagnosis=diagnosis(trace), again="again").splitlines()


def test_colours_are_for_the_terminal_only() -> None:
    trace = lost_update()
    terminal = io.StringIO()
    console = Console(file=terminal, force_terminal=True, width=100, color_system="standard")
    console.print(Explanation(trace, diagnosis(trace)))
    assert "\x1b[1;31mAssertionError: 1 != 2 in MainThread" in terminal.getvalue()
    assert "\x1b" not in explanation(trace, diagnosis=diagnosis(trace))


def test_without_the_source_there_are_no_lines_of_it() -> None:
    trace = lost_update()
    text = explanation(trace, diagnosis=diagnosis(trace))
    assert "  Thread-1    read counter → 0      lost.py:3 in increment\n  Thread-2 " in text
    assert "^" not in text


def test_a_source_that_has_changed_since_is_not_shown(folder: Path) -> None:
    digest = f"sha256:{hashlib.sha256(SOURCE.encode()).hexdigest()}"
    trace = lost_update({"lost.py": digest})
    (folder / "lost.py").write_text(SOURCE)
    assert "value = counter" in explanation(trace, diagnosis=diagnosis(trace))
    (folder / "lost.py").write_text("# one line more\n" + SOURCE)
    assert "value = counter" not in explanation(trace, diagnosis=diagnosis(trace))


def test_a_failure_of_no_class_shows_what_was_raised(folder: Path) -> None:
    (folder / "lost.py").write_text(SOURCE)
    text = explanation(lost_update(), diagnosis=Diagnosis(None, (), "MainThread failed."))
    head, place, *_ = text.split("\n\n")
    assert head == "AssertionError: 1 != 2 in MainThread"
    assert place.startswith("  MainThread  raise AssertionError  lost.py:5\n")
    assert "MainThread failed." not in text


def test_below_a_failure_is_the_way_that_led_to_it() -> None:
    trace = lost_update()
    assert trace.ending is not None
    assert trace.ending.failure is not None
    failure = attrs.evolve(trace.ending.failure, stack=calls(("check", 3)))
    trace = attrs.evolve(trace, ending=attrs.evolve(trace.ending, failure=failure))
    assert "lost.py:5\n      check (bank.py:3) → lost.py:5\n" in explanation(trace)


# Deadlocks.


def test_a_deadlock_shows_who_waits_for_what_and_where_its_holder_took_it(folder: Path) -> None:
    (folder / "example.py").write_text("with a:\nwith b:\n\njoin()\n  go(b)\n  go(a)\n")
    trace = deadlocked(
        "T1 acquire a\nT2 acquire b\nT3 begin",
        "T0 join T1",
        "T1 acquire b held by T2",
        "T2 acquire a held by T1",
    )
    text = explanation(trace, diagnosis=Diagnosis(Cause.DEADLOCK_CYCLE, trace.events[:2], "Stuck."))
    assert text == dedent(
        """\
        deadlock

        deadlock cycle: Stuck.

          Thread-1    waits for b, held by Thread-2  example.py:5 in work
              5 │ go(b)
                │ ^^^^^
            Thread-2  took it                        example.py:2 in work
                2 │ with b:
                  │ ^^^^^^^
          Thread-2    waits for a, held by Thread-1  example.py:6 in work
              6 │ go(a)
                │ ^^^^^
            Thread-1  took it                        example.py:1 in work
                1 │ with a:
                  │ ^^^^^^^
          MainThread  waits for Thread-1 to end      example.py:4
              4 │ join()
                │ ^^^^^^

        #  where         │ Thread-1    │ Thread-2
        0  example.py:1  │ ● acquire a │
        1  example.py:2  │             │ ● acquire b
        """
    )


def test_a_wait_that_is_an_event_already_is_not_shown_twice() -> None:
    trace = deadlocked("T0 notify cond\nT1 wait cond", "T0 join T1", kinds={"cond": "Condition"})
    assert trace.ending is not None
    wait = attrs.evolve(trace.ending.waiting[0], thread=1, kind=Kind.WAIT, obj=0, target=None)
    wait = attrs.evolve(wait, site=trace.events[1].site)
    trace = attrs.evolve(trace, ending=attrs.evolve(trace.ending, waiting=(*trace.ending.waiting, wait)))
    text = explanation(trace, diagnosis=Diagnosis(Cause.MISSED_NOTIFY, trace.events, "Missed."))
    assert "  Thread-1    wait cond  " in text
    assert "waits for cond" not in text
    assert "  MainThread  waits for Thread-1 to end" in text


# Stacks.


def calls(*places: tuple[str, int]) -> tuple[Site, ...]:
    return tuple(Site("bank.py", line, function=function) for function, line in places)


def test_below_an_event_is_the_way_by_which_its_thread_came_there(folder: Path) -> None:
    (folder / "example.py").write_text("x = 1\nprint(x)\n")
    trace = trace_of("T1 write x = 1\nT2 read x = 1")
    first = attrs.evolve(trace.events[0], stack=calls(("<module>", 40), ("transfer", 18)))
    text = explanation(trace, races=[Race(first, trace.events[1])])
    assert text.splitlines()[1:6] == [
        "  Thread-1  write x = 1  example.py:1 in work",
        "      bank.py:40 → transfer (bank.py:18) → work (example.py:1)",
        "      1 │ x = 1",
        "        │ ^^^^^",
        "  Thread-2  read x → 1   example.py:2 in work",
    ]
    assert text.count("→ work") == 1  # of the other one there is nothing to tell


def test_below_a_blocked_thread_and_whoever_took_what_it_waits_for_are_their_stacks() -> None:
    trace = deadlocked("T1 acquire a\nT2 acquire b", "T1 acquire b held by T2", "T2 acquire a held by T1")
    assert trace.ending is not None
    one, other = trace.ending.waiting
    waiting = (attrs.evolve(one, stack=calls(("pay", 3))), other)
    events = (trace.events[0], attrs.evolve(trace.events[1], stack=calls(("audit", 7))))
    trace = attrs.evolve(trace, events=events, ending=attrs.evolve(trace.ending, waiting=waiting))
    assert explanation(trace).splitlines()[2:8] == [
        "  Thread-1    waits for b, held by Thread-2  example.py:3 in work",
        "      pay (bank.py:3) → work (example.py:3)",
        "    Thread-2  took it                        example.py:2 in work",
        "        audit (bank.py:7) → work (example.py:2)",
        "  Thread-2    waits for a, held by Thread-1  example.py:4 in work",
        "    Thread-1  took it                        example.py:1 in work",
    ]


def test_the_events_that_are_shown_are_those_that_conflict_and_those_that_took_what_is_waited_for() -> None:
    trace = deadlocked("T3 read x = 1\nT2 acquire b", "T1 acquire b held by T2")
    diagnosed = Diagnosis(None, trace.events[:1], "So.")
    assert Explanation(trace, diagnosed).events() == list(trace.events)
    assert Explanation(trace).events() == [trace.events[1]]
    assert Explanation(trace, races=(Race(*trace.events),)).events()[:2] == list(trace.events)


# Races.


def test_a_race_shows_both_accesses(folder: Path) -> None:
    (folder / "example.py").write_text("x = 1\nprint(x)\n")
    trace = trace_of("T1 write x = 1\nT2 read x = 1")
    assert explanation(trace, races=[Race(*trace.events)]) == dedent(
        """\
        data race on x: write by Thread-1 at example.py:1, read by Thread-2 at example.py:2
          Thread-1  write x = 1  example.py:1 in work
              1 │ x = 1
                │ ^^^^^
          Thread-2  read x → 1   example.py:2 in work
              2 │ print(x)
                │ ^^^^^^^^

        #  where         │ Thread-1      │ Thread-2
        0  example.py:1  │ ● write x = 1 │
        1  example.py:2  │               │ ● read x → 1
        """
    )


def test_of_many_races_the_first_are_shown_and_the_rest_counted() -> None:
    trace = trace_of("T1 write x = 1\nT2 read x = 1")
    text = explanation(trace, races=[Race(*trace.events)] * 12)
    assert text.count("data race on x") == 10
    assert "\n… and 2 more\n" in text


# The timeline.


def long_trace(steps: int) -> Trace:
    rows = "".join(f"T{1 + n % 2} read x = {n}\n" for n in range(steps))
    return failed(f"{rows}T1 raise = no")


def test_of_a_long_story_the_rows_around_what_matters_are_shown() -> None:
    trace = long_trace(100)
    events = (trace.events[10], trace.events[51])
    rows = explanation(trace, diagnosis=Diagnosis(None, events, "So.")).partition("where")[2].splitlines()[1:]
    assert [row.split()[0] for row in rows] == [
        *["8", "9", "10", "11", "12", "⋮", "49", "50", "51", "52", "53", "⋮", "98", "99", "100"]
    ]


def test_without_anything_to_point_at_the_end_is_shown() -> None:
    rows = explanation(long_trace(100)).partition("where")[2].splitlines()[1:]
    assert [int(row.split()[0]) for row in rows] == list(range(89, 101))


def test_threads_that_have_no_part_in_it_are_left_out() -> None:
    trace = failed("T1 read x = 1\nT3 read x = 1\nT2 write x = 2\nT1 raise = no")
    text = explanation(trace, diagnosis=Diagnosis(None, (trace.events[0], trace.events[2]), "So."))
    assert "Thread-3" not in text


def test_what_happened_in_the_library_is_left_out() -> None:
    trace = failed("T1 read x = 1\nT1 acquire pool\nT2 write x = 2\nT1 raise = no")
    library = attrs.evolve(trace.events[1], site=Site("<stdlib>/concurrent/futures/thread.py", 9))
    trace = attrs.evolve(trace, events=(trace.events[0], library, *trace.events[2:]))
    text = explanation(trace, diagnosis=Diagnosis(None, (trace.events[0], trace.events[2]), "So."))
    assert "pool" not in text
    assert "acquire pool" in explanation(trace, diagnosis=Diagnosis(None, (library,), "So."))


# Any source, any width.


@pytest.mark.parametrize(
    ("line", "site", "shown"),
    [
        pytest.param(
            "größe = größe", (10, 17), "      1 │ größe = größe\n        │         ^^^^^", id="bytes"
        ),
        pytest.param("\tx\t= 1", (1, 2), "      1 │ x\\t= 1\n        │ ^", id="tabs"),
        pytest.param("蛇 = y", (6, 7), "      1 │ 蛇 = y\n        │      ^", id="wide"),
        pytest.param("x = f(", (4, 99), "      1 │ x = f(\n        │     ^^", id="goes on below"),
    ],
)
def test_the_very_expression_is_underlined(
    folder: Path, line: str, site: tuple[int, int], shown: str
) -> None:
    (folder / "odd.py").write_text(f"{line}\n", encoding="utf-8")
    trace = failed("T1 read x = 1\nT1 raise = no")
    event = attrs.evolve(trace.events[0], site=Site("odd.py", 1, site[0], 1, site[1], "work"))
    assert f"odd.py:1 in work\n{shown}\n" in explanation(trace, diagnosis=Diagnosis(None, (event,), "So."))


def test_a_long_line_is_cut_around_the_expression(folder: Path) -> None:
    (folder / "odd.py").write_text("call(" + "a, " * 60 + "x" + ", b" * 60 + ")\n")
    trace = failed("T1 read x = 1\nT1 raise = no")
    event = attrs.evolve(trace.events[0], site=Site("odd.py", 1, 185, 1, 186, "work"))
    lines = explanation(trace, diagnosis=Diagnosis(None, (event,), "So."), width=80).splitlines()
    source, mark = next((one, two) for one, two in pairwise(lines) if "^" in two)
    assert cell_len(source) <= 80
    assert source[mark.index("^")] == "x"
    assert source.endswith("…")


@given(
    st.text(st.characters(exclude_characters="\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), max_size=150),
    st.data(),
)
def test_no_line_is_wider_than_the_terminal_whatever_the_source(line: str, data: st.DataObject) -> None:
    line = line.encode("utf-8", "replace").decode()
    Path("any.py").write_text(f"{line}\n", encoding="utf-8")
    begin = data.draw(st.integers(0, 200))
    end = data.draw(st.integers(begin, 220))
    width = data.draw(st.integers(60, 120))
    trace = failed("T1 read x = 1\nT1 raise = no")
    stack = data.draw(st.lists(st.sampled_from(calls(("<module>", 1), ("Some.method", 2), ("f", 3)))))
    event = attrs.evolve(trace.events[0], site=Site("any.py", 1, begin, 1, end, "work"), stack=tuple(stack))
    text = explanation(trace, diagnosis=Diagnosis(None, (event,), "So."), width=width)
    assert all(cell_len(row) <= width and row.isprintable() for row in text.split("\n"))


@pytest.mark.parametrize("width", [40, 60, 80, 100, None])
def test_all_is_said_at_any_width(width: int | None) -> None:
    trace = lost_update()
    words = " ".join(explanation(trace, diagnosis=diagnosis(trace), width=width).split())
    for said in ("one update is lost.", "read counter → 0", "lost.py:3", "raise AssertionError"):
        assert said in words
