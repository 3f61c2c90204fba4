"""Calls that are led elsewhere, whoever makes them, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from threadsim.instrument.methods import MethodSwap, original_of


class Counter:
    """Something with methods of every sort."""

    def __init__(self, start: int = 0, *, step: int = 1) -> None:
        self.value, self.step = start, step

    def add(self, times: int = 1, /, *more: int, sign: int = 1, **others: int) -> int:
        """Add."""
        self.value += sign * self.step * (times + sum(more) + sum(others.values()))
        return self.value


class Louder(Counter):
    def add(self, *args: int, **kwargs: int) -> int:
        return super().add(*args, **kwargs) * 10


def noting(calls: list[tuple[Any, ...]]) -> Callable[..., Any]:
    def handler(original: Callable[..., Any], *arguments: Any) -> str:
        calls.append(arguments)
        return "handled"

    return handler


def test_all_arguments_come_by_position_with_defaults_filled_in() -> None:
    calls: list[tuple[Any, ...]] = []
    counter = Counter()
    with MethodSwap([(Counter.add, noting(calls))]):
        assert counter.add() == "handled"
        counter.add(2, 3, sign=-1, extra=4)
    assert calls == [(counter, 1, 1, {}), (counter, 2, 3, -1, {"extra": 4})]


def test_every_way_to_the_method_is_led_there() -> None:
    calls: list[tuple[Any, ...]] = []
    counter, kept = Louder(), Counter().add
    with MethodSwap([(Counter.add, noting(calls))]):
        kept()
        Counter.add(counter)
        assert counter.add() == "handled" * 10
    assert len(calls) == 3


def test_the_handler_can_call_the_original() -> None:
    def twice(original: Callable[..., Any], counter: Counter, start: int, step: int) -> None:
        original(counter, start * 2, step=step * 2)

    with MethodSwap([(Counter.__init__, twice)]):
        counter = Counter(1, step=3)
    assert (counter.value, counter.step) == (2, 6)


def test_afterwards_it_is_as_before() -> None:
    code = Counter.add.__code__
    swap = MethodSwap([(Counter.add, noting([]))])
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), swap:
            _ = Counter.add.__code__ is not code and 1 / 0
        assert Counter.add.__code__ is code
        assert Counter().add(2) == 2


def test_wrong_arguments_are_refused_as_ever() -> None:
    with MethodSwap([(Counter.add, noting([]))]):
        with pytest.raises(
            TypeError, match=r"Counter\.add\(\) missing 1 required positional argument: 'self'"
        ):
            Counter.add(self=1)
        with pytest.raises(TypeError, match=r"Counter\.__init__\(\) got an unexpected keyword argument 'no'"):
            Counter(no=1)


def test_it_looks_the_same() -> None:
    with MethodSwap([(Counter.add, noting([]))]):
        assert (Counter.add.__qualname__, Counter.add.__doc__) == ("Counter.add", "Add.")
        assert Counter.add.__code__.co_qualname == "Counter.add"


def test_a_closure_cannot_be_led_elsewhere() -> None:
    value = 1

    def closure() -> int:
        return value

    with pytest.raises(ValueError, match="closure is a closure"):
        MethodSwap([(closure, noting([]))])


def test_the_original_is_a_function_of_its_own() -> None:
    original = original_of(Counter.add)
    with MethodSwap([(Counter.add, noting([]))]):
        assert original(Counter(), 2, sign=-1) == -2
