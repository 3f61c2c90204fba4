"""Reads and writes of globals, attributes and variables of closures, without any primitive."""

from __future__ import annotations

import threading
from typing import Any

from support.litmus.shape import litmus, run

total = 0
x = y = 0


class Box:
    def __init__(self, value: int = 0) -> None:
        self.value = value


class Slotted:
    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0


@litmus(4)
def counter_global() -> int:
    global total
    total = 0

    def add() -> None:
        global total
        total += 1

    run(add, add)
    return total


@litmus(4)
def counter_attribute() -> int:
    box = Box()

    def add() -> None:
        box.value += 1

    run(add, add)
    return box.value


@litmus(4)
def counter_slot() -> int:
    slotted = Slotted()

    def add() -> None:
        slotted.value += 1

    run(add, add)
    return slotted.value


@litmus(4)
def counter_class_attribute() -> int:
    class Shared:
        value = 0

    def add() -> None:
        Shared.value += 1

    run(add, add)
    return Shared.value


@litmus(34)
def counter_2x2() -> int:
    total = 0

    def add() -> None:
        nonlocal total
        total += 1
        total += 1

    run(add, add)
    return total


@litmus(328, slow=True)
def counter_2x3() -> int:
    total = 0

    def add() -> None:
        nonlocal total
        total += 1
        total += 1
        total += 1

    run(add, add)
    return total


@litmus(36, slow=True)
def counter_3x1() -> int:
    total = 0

    def add() -> None:
        nonlocal total
        total += 1

    run(add, add, add)
    return total


@litmus(3)
def store_buffering() -> tuple[int, int]:
    global x, y
    x = y = 0
    seen: tuple[int, int] = (0, 0)
    first = second = 0

    def left() -> None:
        global x
        nonlocal first
        x = 1
        first = y

    def right() -> None:
        global y
        nonlocal second
        y = 1
        second = x

    run(left, right)
    seen = (first, second)
    return seen


@litmus(2)
def message_passing() -> Any:
    message, is_sent, received = "", False, None

    def send() -> None:
        nonlocal message, is_sent
        message = "hello"
        is_sent = True

    def receive() -> None:
        nonlocal received
        received = message if is_sent else None

    run(send, receive)
    return received


@litmus(6)
def coherence_of_reads() -> tuple[int, int]:
    value = 0
    seen = (0, 0)

    def write() -> None:
        nonlocal value
        value = 1
        value = 2

    def read() -> None:
        nonlocal seen
        seen = (value, value)

    run(write, read)
    return seen


@litmus(15, slow=True)
def independent_reads_of_independent_writes() -> tuple[int, int]:
    global x, y
    x = y = 0

    def write() -> None:
        global y
        y = 1

    def forwards() -> None:
        assert x + y >= 0

    def backwards() -> None:
        assert y + x >= 0

    threads = tuple([threading.Thread(target=body) for body in (write, forwards, backwards)])
    for thread in threads:
        thread.start()
    x = 1
    for thread in threads:
        thread.join()
    return x, y


@litmus(7, slow=True)
def write_to_read_causality() -> Any:
    global x, y
    x = y = 0
    seen = None

    def write() -> None:
        global x
        x = 1

    def pass_on() -> None:
        global y
        y = x

    def read() -> None:
        nonlocal seen
        seen = y, x

    run(write, pass_on, read)
    return seen


@litmus(3)
def load_buffering() -> tuple[int, int]:
    global x, y
    x = y = 0
    first = second = 0

    def left() -> None:
        global y
        nonlocal first
        first = x
        y = 1

    def right() -> None:
        global x
        nonlocal second
        second = y
        x = 1

    run(left, right)
    return first, second


@litmus(6, slow=True)
def two_writes_and_a_read() -> Any:
    value = 0
    seen = None

    def write_one() -> None:
        nonlocal value
        value = 1

    def write_two() -> None:
        nonlocal value
        value = 2

    def read() -> None:
        nonlocal seen
        seen = value

    run(write_one, write_two, read)
    return value, seen


@litmus(2)
def same_value_written_twice() -> int:
    value = 0

    def write() -> None:
        nonlocal value
        value = 1

    run(write, write)
    return value


@litmus(1)
def readers_only() -> int:
    value = 7
    box = Box(7)

    def read() -> None:
        assert value == box.value

    run(read, read)
    value = 8
    return value


@litmus(1)
def variables_of_their_own() -> tuple[int, int]:
    mine = yours = 0

    def left() -> None:
        nonlocal mine
        mine += 1

    def right() -> None:
        nonlocal yours
        yours += 1

    run(left, right)
    return mine, yours


@litmus(3)
def instances_of_one_class() -> tuple[int, int]:
    first, second = Box(), Box()

    def forwards() -> None:
        first.value = 1
        second.value = 1

    def backwards() -> None:
        second.value = 2
        first.value = 2

    run(forwards, backwards)
    return first.value, second.value


@litmus(2)
def instance_that_each_thread_makes() -> int:
    found = 0

    def work() -> None:
        nonlocal found
        box = Box()
        box.value += 1
        found = 1

    run(work, work)
    return found


@litmus(3)
def attribute_that_is_deleted() -> str:
    box = Box()
    seen = "nothing"

    def delete() -> None:
        del box.value

    def read() -> None:
        nonlocal seen
        seen = str(getattr(box, "value", "gone"))
        try:
            seen = str(box.value)
        except AttributeError:
            seen = "gone"

    run(delete, read)
    return seen


@litmus(2)
def exception_while_another_writes() -> int:
    value = 0

    def fail() -> None:
        if value == 0:
            raise ValueError("too early")

    def write() -> None:
        nonlocal value
        value = 1

    run(fail, write)
    return value


@litmus(1)
def two_exceptions() -> None:
    def fail() -> None:
        raise ValueError

    def fail_otherwise() -> None:
        raise KeyError

    run(fail, fail_otherwise)


@litmus(6)
def test_and_set() -> list[str]:
    is_taken = False
    entered = []

    def enter() -> None:
        nonlocal is_taken
        if not is_taken:
            is_taken = True
            entered.append("in")

    run(enter, enter)
    return entered


@litmus(2)
def attribute_that_hides_the_default_of_its_class() -> int:
    class Defaulting:
        value = 0

    shared = Defaulting()
    seen = -1

    def write() -> None:
        shared.value = 1

    def read() -> None:
        nonlocal seen
        seen = shared.value

    run(write, read)
    return seen
