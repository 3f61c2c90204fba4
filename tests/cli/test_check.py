"""``threadsim check``: what holds is silent, what does not is shown, what cannot be read is refused."""

from __future__ import annotations

import pytest

from support.cli import Ran, run

TRACE = "t.jsonl"


@pytest.fixture(autouse=True)
def lost_update() -> None:
    """Thread-2 reads, Thread-1 reads and writes, Thread-2 writes."""
    assert run("simulate", "-q", "-o", TRACE, "examples/lost_update.py", "--seed", "1").status == 1


@pytest.mark.parametrize(
    "order",
    [
        "start Thread-1 before begin by Thread-1",
        "start Thread-1 happens-before end by Thread-1",
        "read counter by Thread-2 before write counter by Thread-1",
        "begin by T1 before read counter by T1 before write counter by T1 before end by T1",
        "  start   Thread-1   before  end by Thread-1 ",
        "start Thread-? before * by Thread-2",
    ],
)
def test_property_that_holds_is_silent(order: str) -> None:
    assert run("check", TRACE, order) == Ran(0, "", "")


def test_order_that_does_not_hold_is_shown_with_the_rows_around_it() -> None:
    ran = run("check", TRACE, "write counter by Thread-2 before write counter by Thread-1")

    assert (ran.status, ran.out) == (1, "")
    assert ran.err.startswith(
        "threadsim: no 'write counter by Thread-1' after event 8 (write counter by Thread-2"
    )
    assert "examples/lost_update.py:11" in ran.err


def test_order_that_only_this_schedule_has_does_not_happen_before() -> None:
    ran = run("check", TRACE, "write counter by Thread-1 happens-before write counter by Thread-2")

    assert ran == Ran(
        1,
        "",
        "threadsim: 'write counter by Thread-1' (event 6) does not happen before 'write counter by Thread-2' "
        "(event 8): no synchronisation orders them\n",
    )


def test_every_property_is_checked_up_to_the_first_that_does_not_hold() -> None:
    holds, does_not = "start before begin", "end by MainThread before start"

    assert run("check", TRACE, holds, holds).status == 0
    assert run("check", TRACE, holds, does_not).status == 1
    assert run("check", TRACE, does_not, "fly").status == 1


@pytest.mark.parametrize(
    ("order", "complaint"),
    [
        ("", "'' is no property: join events by 'before' or by 'happens-before', "),
        (
            "start Thread-1",
            "'start Thread-1' is no property: join events by 'before' or by 'happens-before', ",
        ),
        ("begin before", "'begin before' is no property: an event is missing beside a 'before'"),
        ("before end", "'before end' is no property: an event is missing beside a 'before'"),
        (
            "begin before before end",
            "'begin before before end' is no property: an event is missing beside a 'before'",
        ),
        ("begin > end", "'begin > end' is no property: join events by "),
        ("start before begin happens-before end", "'start before begin happens-before end' is no property: "),
        ("fly before end", "there is no event kind 'fly'; the kinds are start, begin, end, "),
        ("start Thread-9 before end", "no event of this trace is 'start Thread-9'; there is start Thread-1 "),
        ("acquire before end", "no event of this trace is 'acquire'; its kinds are begin, end, "),
        ("end Thread-1 before end", "no event of this trace is 'end Thread-1'; there is end by MainThread, "),
    ],
)
def test_what_is_no_property_is_refused(order: str, complaint: str) -> None:
    assert run("check", TRACE, order).complaint().startswith(complaint)
