"""The same stack on every version: whichever runs this, the lines are those written here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from threadsim.instrument.sites import site_at
from threadsim.instrument.stacks import callers, calls_from
from threadsim.model.site import Site

Stack = list[tuple[str, int]]
seen: list[Stack] = []


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    seen.clear()


def look(*_: object, own: Callable[[str], bool] = __file__.__eq__) -> bool:
    """Note who called, from the test on: functions, each with the line relative to the test's first."""
    frame = sys._getframe()
    stack = callers(calls_from(frame), site_at(frame.f_code, frame.f_lasti), own)
    test = next(i for i, site in enumerate(stack) if site.function.startswith("test_"))
    first = globals()[stack[test].function].__code__.co_firstlineno
    seen.append([(site.function.rpartition(".")[2], site.line - first) for site in stack[test:]])
    return True


class Probe:
    """Looks, whatever is done with it."""

    def __bool__(self) -> bool:
        return look()

    def __iter__(self) -> Iterator[int]:
        look()
        yield 1

    def __format__(self, spec: str) -> str:
        look()
        return ""

    def __add__(self, other: object) -> Probe:
        look()
        return self

    def __getitem__(self, key: object) -> Any:
        return look()

    @property
    def value(self) -> bool:
        return look()


def lines_in_test() -> list[int]:
    return [stack[0][1] for stack in seen]


def test_calls_are_listed_from_the_outermost_with_the_lines_that_they_stand_in() -> None:
    def inner() -> None:
        look()

    def outer() -> None:
        for _ in range(1):
            inner()

    outer()
    name = "test_calls_are_listed_from_the_outermost_with_the_lines_that_they_stand_in"
    assert seen == [[(name, 8), ("outer", 6), ("inner", 2)]]


def test_a_comprehension_is_part_of_its_function_and_a_generator_expression_is_none() -> None:
    [look() for _ in [1]]
    {look() for _ in [1]}
    {_: look() for _ in [1]}
    [[look() for _ in [1]] for _ in [1]]
    list(look() for _ in [1])  # noqa: C400 - it is what is looked at
    name = "test_a_comprehension_is_part_of_its_function_and_a_generator_expression_is_none"
    assert seen == [*([(name, line)] for line in (1, 2, 3, 4)), [(name, 5), ("<genexpr>", 5)]]


def test_calls_that_are_not_written_as_such_stand_in_the_line_of_what_is_called() -> None:
    probe = Probe()
    # fmt: off
    if (
        probe
        and
        probe.value
    ):
        pass
    if (
        not
        probe
    ):
        pass
    _ = [
        x for x in
        probe
        if
        probe
    ]
    _ = (
        probe or
        1
    )
    _ = f"""
        {probe}
        {probe}
    """
    _ = probe \
        + 1 \
        + 2
    while (
        probe[
            0
        ]
    ):
        break
    # fmt: on
    assert lines_in_test() == [4, 6, 11, 16, 18, 21, 25, 26, 28, 28, 32]


def test_files_that_are_not_the_programs_are_left_out() -> None:
    @contextmanager
    def looking() -> Iterator[None]:
        look()
        yield

    with looking():
        sorted([1], key=look)
    name = "test_files_that_are_not_the_programs_are_left_out"
    assert seen == [[(name, 6), ("looking", 3)], [(name, 7)]]


def test_the_place_itself_is_left_out_once_where_a_function_calls_itself() -> None:
    def recurse(depth: int) -> tuple[Site, ...]:
        if depth:
            return recurse(depth - 1)
        frame = sys._getframe()
        return callers(calls_from(frame), site_at(frame.f_code, frame.f_lasti), __file__.__eq__)

    functions = [site.function.rpartition(".")[2] for site in recurse(2)]
    assert functions[-3:] == [
        "test_the_place_itself_is_left_out_once_where_a_function_calls_itself",
        "recurse",
        "recurse",
    ]


def test_a_place_in_a_library_leaves_the_whole_stack_of_the_program() -> None:
    frame = sys._getframe()
    elsewhere = Site("<stdlib>/queue.py", 3, function="get")
    assert callers(calls_from(frame), elsewhere, __file__.__eq__)[-1].function == frame.f_code.co_name


def test_sites_say_no_more_than_file_line_and_function() -> None:
    frame = sys._getframe()
    (site,) = callers(calls_from(frame)[:1], None, __file__.__eq__)
    assert site == Site(site.file, frame.f_lineno - 1, end_line=frame.f_lineno - 1, function=site.function)
