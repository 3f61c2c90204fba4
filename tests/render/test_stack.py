"""Call stacks in a line or two."""

from __future__ import annotations

from rich.cells import cell_len

from threadsim.model.site import Site
from threadsim.render.stack import stack_lines, stack_words

SITE = Site("bank.py", 9, function="Account.withdraw")
STACK = (Site("bank.py", 40), Site("bank.py", 30, function="work"), Site("bank.py", 18, function="transfer"))


def deep(calls: int) -> tuple[Site, ...]:
    return tuple(Site("a.py", line, function="f") for line in range(1, calls + 1))


def test_calls_are_told_from_the_outermost_to_the_place_itself() -> None:
    assert stack_words(STACK, SITE) == (
        "bank.py:40 → work (bank.py:30) → transfer (bank.py:18) → Account.withdraw (bank.py:9)"
    )
    assert stack_words(STACK[:1], None) == "bank.py:40"


def test_a_place_that_nobody_called_has_no_stack_to_tell_of() -> None:
    assert stack_words((), SITE) == ""
    assert list(stack_lines((), SITE, 80)) == []


def test_of_a_deep_stack_both_ends_are_shown() -> None:
    words = stack_words(deep(99), Site("a.py", 100, function="g")).split(" → ")
    assert words == [
        *["f (a.py:1)", "f (a.py:2)", "f (a.py:3)", "… 92 more"],
        *["f (a.py:96)", "f (a.py:97)", "f (a.py:98)", "f (a.py:99)", "g (a.py:100)"],
    ]


def test_a_stack_that_saves_no_room_is_not_shortened() -> None:
    assert "more" not in stack_words(deep(8), Site("a.py", 9))


def test_a_line_breaks_between_calls_where_there_is_no_room() -> None:
    assert list(stack_lines(STACK, SITE, 40)) == [
        "bank.py:40 → work (bank.py:30)",
        "→ transfer (bank.py:18)",
        "→ Account.withdraw (bank.py:9)",
    ]
    assert list(stack_lines(STACK, SITE, None)) == [stack_words(STACK, SITE)]
    assert max(map(cell_len, stack_lines(deep(30), SITE, 60))) <= 60


def test_odd_names_stay_on_their_line() -> None:
    odd = Site("a\nb.py", 1, function="f\x1b")
    assert stack_words((odd,), None) == "f\\x1b (a\\nb.py:1)"
