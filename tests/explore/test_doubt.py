"""A proof is put to the test: what threads share and threadsim does not see must not be proved harmless."""

from __future__ import annotations

import ctypes
import threading

import pytest

from support.searched import order_of_three, run_threads
from threadsim import explore


def last_in_memory() -> int:
    """What two threads write to memory that no hook sees."""
    memory = ctypes.c_int(0)

    def work(number: int) -> None:
        ctypes.memmove(ctypes.addressof(memory), ctypes.byref(ctypes.c_int(number)), 4)

    run_threads(lambda: work(1), lambda: work(2))
    return memory.value


def fails_if_the_second_is_not_last() -> None:
    assert last_in_memory() == 2


@pytest.mark.parametrize("strategy", ["dpor", "auto"])
def test_nothing_is_proved_if_a_random_schedule_shows_something_else(strategy: str) -> None:
    exploration = explore(last_in_memory, strategy=strategy)

    assert not exploration.exhausted
    assert "something that threadsim does not see" in exploration.reason


def test_failure_that_the_search_missed_is_found_and_shrunk() -> None:
    exploration = explore(fails_if_the_second_is_not_last, strategy="dpor")

    assert exploration.failure is not None
    assert exploration.failure.kind == "failed"
    assert not exploration.exhausted


@pytest.mark.slow
def test_parts_that_make_up_a_proof_are_put_to_the_test() -> None:
    exploration = explore(many_orders_of_what_is_not_seen, strategy="dpor", jobs=2)

    assert not exploration.exhausted
    assert "something that threadsim does not see" in exploration.reason


def many_orders_of_what_is_not_seen() -> int:
    """More than one process can be kept from sharing."""
    order: list[int] = []
    run_threads(*[lambda number=number: order.append(number) for number in range(4)])
    return last_in_memory()


@pytest.mark.slow
def test_search_that_could_not_tell_objects_apart_goes_on_in_another_process() -> None:
    exploration = explore(two_lists_one_after_the_other, strategy="dpor", jobs=2)

    assert exploration.executions > 20
    assert exploration.exhausted


def two_lists_one_after_the_other() -> tuple[int, int]:
    return len(list_of_two()), len(list_of_two())


def list_of_two() -> list[int]:
    values: list[int] = []
    run_threads(lambda: values.append(1), lambda: values.append(2))
    return values


def test_executions_of_the_test_are_no_schedules_of_the_search() -> None:
    exploration = explore(order_of_three, strategy="dpor")

    assert exploration.exhausted
    assert exploration.executions == 6


def test_program_whose_output_has_an_address_may_be_proved() -> None:
    def program() -> None:
        run_threads(lambda: print(threading.Lock()), lambda: None)

    assert explore(program, strategy="dpor").exhausted
