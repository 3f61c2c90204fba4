from __future__ import annotations

import gc
from types import FunctionType
from weakref import ref

from threadsim.instrument.heap import Search


def search() -> Search:
    return Search(frozenset({FunctionType}), lambda function: function.__name__ == "wanted")


def make() -> FunctionType:
    def wanted() -> None:
        pass

    assert isinstance(wanted, FunctionType)
    return wanted


def test_all_that_there_are_are_found() -> None:
    first, second = make(), make()
    assert {id(first), id(second)} <= {id(found) for found in search().objects()}


def test_what_is_made_later_is_found_later() -> None:
    looking = search()
    first = make()
    assert first in looking.objects()
    second = make()
    assert {first, second} <= set(looking.objects())


def test_what_was_collected_into_an_older_generation_in_between_is_found() -> None:
    looking = search()
    looking.objects()
    for generation in (0, 1, 2):
        made = make()
        gc.collect(generation)
        assert made in looking.objects()
        assert made in looking.objects()


def test_nothing_is_kept_alive() -> None:
    looking = search()
    made = make()
    gone = ref(made)
    assert made in looking.objects()
    del made
    assert gone() is None
    assert all(found is not None for found in looking.objects())
