"""Diagrams, read back from DOT and SVG."""

import re
import xml.etree.ElementTree as ET

import attrs
import graphviz
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.traces import trace_of
from threadsim.model.causality import EdgeKind
from threadsim.model.event import Kind
from threadsim.model.trace import Ending, Failure, Outcome, Trace, Waiting
from threadsim.render import palette
from threadsim.render.folding import MOST_STEPS
from threadsim.render.graph import to_dot
from threadsim.render.image import to_svg
from threadsim.render.window import Window

FAILED = Ending(Outcome.FAILED, Failure(0, "AssertionError", "1 != 2"), message="AssertionError: 1 != 2")
LOCKED = """
    T0 start T1
    T1 begin
    T1 acquire lock
    T0 acquire lock -> would block
    T1 write counter = 1
    T1 release lock
    T0 acquire lock
    T0 read counter = 1
    T0 release lock
    T1 end
    T0 join T1
    T0 raise = 1 != 2
"""


@pytest.fixture
def locked() -> Trace:
    return trace_of(LOCKED, ending=FAILED)


def nodes(dot: str) -> dict[str, dict[str, str]]:
    """Attributes of each node by name."""
    found = re.findall(r"^\t(\w+) \[(.*)\]$", dot, re.MULTILINE)
    return {name: attributes(text) for name, text in found if "pos=" in text}


def arrows(dot: str) -> set[tuple[str, str]]:
    """The arrows between events: names of the two cards."""
    return set(re.findall(r"^\t(e\d+):[ew] -> (e\d+):[ew] ", dot, re.MULTILINE))


def bars(dot: str) -> list[tuple[str, float, float, float]]:
    """Colour, x, top and bottom of each bar of a lock."""
    found = re.findall(r"^\t(\w+) -> (\w+) \[arrowhead=none color=\"(#\w+)\" penwidth=7\]", dot, re.MULTILINE)
    places = {name: [float(n) for n in node["pos"][:-1].split(",")] for name, node in nodes(dot).items()}
    lines = [(colour, *places[top], places[bottom]) for top, bottom, colour in found]
    return [(colour, x, top, end[1]) for colour, x, top, end in lines if x == end[0]]


def attributes(text: str) -> dict[str, str]:
    return {
        key: plain or quoted
        for key, quoted, plain in re.findall(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s\]]+))', text)
    }


def texts(svg: str) -> list[str]:
    """What stands in a picture; Graphviz keeps spaces apart by making them unbreakable."""
    elements = ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    return ["".join(element.itertext()).replace("\xa0", " ") for element in elements]


def test_each_event_has_a_card_in_the_lane_of_its_thread_in_order(locked: Trace) -> None:
    drawn = nodes(to_dot(locked))
    places = [drawn[f"e{event.number}"]["pos"].rstrip("!").split(",") for event in locked.events]
    lanes = {event.thread: x for event, (x, _) in zip(locked.events, places, strict=True)}
    assert [x for x, _ in places] == [lanes[event.thread] for event in locked.events]
    assert float(lanes[0]) < float(lanes[1])
    heights = [float(y) for _, y in places]
    assert heights == sorted(set(heights), reverse=True)


def test_arrows_cross_from_cause_to_effect(locked: Trace) -> None:
    assert arrows(to_dot(locked)) == {("e0", "e1"), ("e5", "e6"), ("e9", "e10")}


def test_a_lock_has_a_bar_from_acquire_to_release(locked: Trace) -> None:
    dot = to_dot(locked)
    heights = {
        name: float(node["pos"].rstrip("!").split(",")[1])
        for name, node in nodes(dot).items()
        if name.startswith("e")
    }
    (_, _, top, bottom), (_, _, second_top, second_bottom) = bars(dot)
    assert heights["e1"] > top > heights["e2"]
    assert heights["e5"] > bottom > heights["e6"]
    assert heights["e5"] > second_top > heights["e6"]
    assert heights["e8"] > second_bottom > heights["e9"]


def test_a_condition_is_let_go_while_its_thread_waits() -> None:
    trace = trace_of(
        """
        T1 acquire ready
        T1 wait ready
        T0 acquire ready
        T0 notify ready
        T0 release ready
        T1 wake ready
        T1 read x = 1
        T1 release ready
        """,
        kinds={"ready": "Condition"},
    )
    assert len(bars(to_dot(trace))) == 3


def test_two_locks_have_bars_side_by_side_in_their_own_colours() -> None:
    trace = trace_of("T0 acquire a\nT0 acquire b\nT0 release b\nT0 release a")
    (outer_colour, outer_x, *_), (inner_colour, inner_x, *_) = bars(to_dot(trace))
    assert inner_x < outer_x
    assert inner_colour != outer_colour


def test_only_the_failing_event_is_filled_with_red(locked: Trace) -> None:
    red = [name for name, node in nodes(to_dot(locked)).items() if node.get("fillcolor") == palette.WRONG]
    assert red == ["e11"]


def test_accesses_of_one_contested_location_have_one_colour_and_others_none() -> None:
    trace = trace_of(
        "T0 read mine = 1\nT0 write ours = 1\nT1 read ours = 1\nT1 read const = 1\nT0 read const = 1"
    )
    drawn = nodes(to_dot(trace))
    fills = [drawn[f"e{number}"]["fillcolor"] for number in range(5)]
    assert fills == [palette.PAPER, *[palette.LOCATIONS[0][0]] * 2, palette.PAPER, palette.PAPER]


def test_a_deadlock_points_at_where_the_lock_was_taken() -> None:
    waiting = (Waiting(0, Kind.ACQUIRE, obj=1, holder=1), Waiting(1, Kind.ACQUIRE, obj=0, holder=0))
    trace = trace_of("T0 acquire a\nT1 acquire b", ending=Ending(Outcome.DEADLOCK, waiting=waiting))
    dot = to_dot(trace)
    assert re.findall(r"^\t(w\d) -> (e\d) ", dot, re.MULTILINE) == [("w0", "e1"), ("w1", "e0")]
    assert nodes(dot)["w0"]["label"] == "waits for b, held by Thread-1"


def test_a_long_run_without_arrows_is_folded() -> None:
    trace = trace_of("T0 start T1\nT1 begin\n" + "T1 read mine = 1\n" * 37 + "T1 end\nT0 join T1")
    drawn = nodes(to_dot(trace))
    assert drawn["e2"]["label"] == "… 37 events …"
    assert "e3" not in drawn
    assert "e39" in drawn


def test_a_huge_trace_leaves_out_its_middle_and_keeps_its_end() -> None:
    rows = "".join(f"T{n % 3} write counter = {n}\n" for n in range(2000)) + "T0 raise = 1 != 2"
    dot = to_dot(trace_of(rows, ending=FAILED))
    cards = [name for name in nodes(dot) if name.startswith("e")]
    assert len(cards) == MOST_STEPS - 1
    assert (cards[0], cards[-1]) == ("e0", "e2000")
    assert "… 1,932 events left out: numbers 20 to 1951 …" in dot
    assert len(to_svg(trace_of(rows, ending=FAILED))) < 200_000


def test_a_window_draws_only_its_threads_and_events(locked: Trace) -> None:
    dot = to_dot(locked, Window(first=2, last=6, threads=("T1",)))
    assert [name for name in nodes(dot) if re.fullmatch(r"[et]\d+", name)] == ["t1", "e2", "e4", "e5"]
    assert arrows(dot) == set()


@pytest.mark.parametrize(("rows", "window"), [("", Window()), ("T0 sleep", Window(first=7))])
def test_nothing_to_draw_says_so(rows: str, window: Window) -> None:
    assert any(text.startswith("no events") for text in texts(to_svg(trace_of(rows), window)))


def test_the_svg_shows_the_words_and_needs_no_other_file(locked: Trace) -> None:
    svg = to_svg(locked)
    shown = texts(svg)
    assert {"MainThread", "Thread-1", "write counter = 1", "raise AssertionError: 1 != 2"} <= set(shown)
    assert "example.py:5   4" in shown
    assert "href" not in svg.replace("xmlns:xlink", "")
    assert 'fill="white"' in svg


NASTY = [
    'say "hi"',
    "<b>bold</b>",
    "a & b &lt; &amp;",
    r"\N \G \l",
    "back\\",
    "🐍 蛇",
    "]--><!-- ",
    "'",
    "a:e",
    "<>",
]


@pytest.mark.parametrize("name", NASTY)
def test_a_name_is_shown_as_it_is(name: str) -> None:
    trace = trace_of("T0 acquire lock", threads=(name,))
    odd = attrs.evolve(trace, objects=(attrs.evolve(trace.objects[0], name=name),))
    assert {name.strip(), f"acquire {name}".strip()} <= {text.strip() for text in texts(to_svg(odd))}


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=())), st.text(st.characters(exclude_categories=())))
def test_any_name_makes_an_svg_that_parses(thread: str, name: str) -> None:
    trace = trace_of(
        "T0 write x = 1\nT1 write x = 2\nT0 acquire lock\nT0 release lock", threads=(thread, name)
    )
    odd = attrs.evolve(trace, objects=tuple(attrs.evolve(obj, name=name) for obj in trace.objects))
    assert len(texts(to_svg(odd))) > 6


def test_the_same_trace_is_the_same_picture(locked: Trace) -> None:
    assert to_dot(locked) == to_dot(attrs.evolve(locked))
    assert to_svg(locked) == to_svg(attrs.evolve(locked))


def test_plain_dot_draws_the_same_places(locked: Trace) -> None:
    try:
        svg = graphviz.pipe("dot", "svg", to_dot(locked).encode()).decode()
    except graphviz.ExecutableNotFound:
        pytest.skip("Graphviz' program dot is not installed")
    assert sorted(texts(svg)) == sorted(texts(to_svg(locked)))


def test_the_legend_has_what_is_drawn_and_nothing_else(locked: Trace) -> None:
    legend = {"lock held", "counter, shared", "start → begin", "end → join", "release → acquire"}
    assert legend <= set(texts(to_svg(locked)))
    assert not legend & set(texts(to_svg(locked, Window(first=11))))


def test_every_reason_for_an_arrow_has_a_look() -> None:
    assert set(palette.ARROWS) == set(EdgeKind)
