"""Lists, dicts, sets and deques."""

from __future__ import annotations

from collections import defaultdict, deque

from support.litmus.shape import litmus, run


@litmus(2)
def two_appends() -> list[str]:
    items: list[str] = []
    run(lambda: items.append("a"), lambda: items.append("b"))
    return items


@litmus(2)
def append_against_len() -> int:
    items: list[int] = []
    seen = 0

    def look() -> None:
        nonlocal seen
        seen = len(items)

    run(lambda: items.append(1), look)
    return seen


@litmus(1)
def two_items_of_a_list() -> list[int]:
    items = [0, 0]

    def write(index: int) -> None:
        items[index] = index + 1

    run(lambda: write(0), lambda: write(1))
    return items


@litmus(2)
def one_item_by_two_indices() -> list[int]:
    items = [0]

    def write(index: int) -> None:
        items[index] = index

    run(lambda: write(0), lambda: write(-1))
    return items


@litmus(4)
def item_of_a_list_read_modify_write() -> list[int]:
    items = [0]

    def add() -> None:
        items[0] += 1

    run(add, add)
    return items


@litmus(2)
def pop_against_item() -> str:
    items = [1]
    seen = ""

    def read() -> None:
        nonlocal seen
        try:
            seen = str(items[0])
        except IndexError:
            seen = "gone"

    run(lambda: items.pop(), read)
    return seen


@litmus(1)
def list_of_each_thread() -> None:
    def work() -> None:
        own: list[int] = []
        own.append(1)
        assert len(own) == 1

    run(work, work)


@litmus(1, counts="ab")
def dict_two_keys() -> dict[str, int]:
    counts = {"a": 0, "b": 0}

    def add(key: str) -> None:
        counts[key] += 1

    run(lambda: add("a"), lambda: add("b"))
    return counts


@litmus(4, counts="a")
def dict_one_key() -> dict[str, int]:
    counts = {"a": 0}

    def add() -> None:
        counts["a"] += 1

    run(add, add)
    return counts


@litmus(2)
def dict_two_new_keys() -> list[str]:
    counts: dict[str, int] = {}

    def write(key: str) -> None:
        counts[key] = 1

    run(lambda: write("a"), lambda: write("b"))
    return list(counts)


@litmus(2)
def dict_one_key_spelled_in_two_ways() -> list[object]:
    names: dict[object, str] = {0: "", 1: ""}

    def write(key: object, value: str) -> None:
        names[key] = value

    run(lambda: write(1, "one"), lambda: write(True, "true"))
    return list(names.values())


@litmus(2, counts="ab")
def dict_key_against_len() -> int:
    counts = {"a": 0, "b": 0}
    seen = 0

    def look() -> None:
        nonlocal seen
        seen = len(counts)

    def write() -> None:
        counts["a"] = 1

    run(look, write)
    return seen


@litmus(4, counts="a")
def dict_insert_against_iteration() -> str:
    counts = {"a": 0}
    seen = ""

    def look() -> None:
        nonlocal seen
        try:
            for key in counts:
                seen = seen + key
        except RuntimeError:
            seen = "changed"

    def insert() -> None:
        counts["b"] = 1

    run(look, insert)
    return seen


@litmus(2, counts="a")
def dict_delete_against_read() -> str:
    counts = {"a": 0}
    seen = ""

    def read() -> None:
        nonlocal seen
        try:
            seen = str(counts["a"])
        except KeyError:
            seen = "gone"

    def delete() -> None:
        del counts["a"]

    run(read, delete)
    return seen


@litmus(6)
def dict_that_makes_its_items() -> dict[str, int]:
    counts: defaultdict[str, int] = defaultdict(int)

    def add() -> None:
        counts["a"] += 1

    run(add, add)
    return dict(counts)


@litmus(4)
def get_or_insert() -> dict[str, str]:
    cache: dict[str, str] = {}

    def work(name: str) -> None:
        if "k" not in cache:
            cache["k"] = name

    run(lambda: work("a"), lambda: work("b"))
    return cache


@litmus(2)
def set_add_against_in() -> bool:
    members: set[str] = set()
    seen = False

    def look() -> None:
        nonlocal seen
        seen = "a" in members

    run(lambda: members.add("a"), look)
    return seen


@litmus(2)
def both_ends_of_a_deque() -> list[str]:
    line = deque(["a", "b"])
    first = second = ""

    def left() -> None:
        nonlocal first
        first = line.popleft()

    def right() -> None:
        nonlocal second
        second = line.pop()

    run(left, right)
    return [first, second]


@litmus(6)
def three_appends() -> list[str]:
    items: list[str] = []
    run(lambda: items.append("a"), lambda: items.append("b"), lambda: items.append("c"))
    return items
