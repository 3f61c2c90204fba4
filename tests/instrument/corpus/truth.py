# ruff: noqa
"""Tests for truth of plain values, in every place where Python tests."""

from support.rewriting import attempt


class Odd:
    def __init__(self, value):
        self.value = value

    def __bool__(self):
        if self.value is None:
            raise ValueError("neither")
        return bool(self.value)


def statements(x, y, box):
    if x:
        print("if")
    elif y:
        print("elif")
    elif not box.value:
        print("not")
    while y and not x:
        y.pop()
    else:
        print("else")
    assert not x or y is not None, "message"
    if x and y or box.value:
        print("mixed")
    if not (x or y):
        print("neither")
    if (n := y):
        print(n)
    while (m := box.value):
        box.value = None
    return n, m


def values(x, y, z, box):
    a = x and y
    b = x or y or z
    c = not x
    d = (x and y) or z
    e = x if y else z
    f = (x if y else z) or box
    g = [i for i in (x, y, z) if i and x]
    h = f"{x or y} {not y}"
    i = (x or y) in [z, z and x]
    k = print(x, y or z, not x) or x
    return a, b, c, d, e, f, g, h, i, k, x and y and z, not not x, (1 if x else 2) < (z or 3) or z


def tail(x, y):
    return x.value and x.value or y


def adjacent(x, y, z):
    w = x; v = w or y; u = not v
    print(x, y or z, y and not z, not y)
    return [q and z for q in (x, y)], (x) and (y)


def matching(value):
    match value:
        case [x, *rest] if rest:
            return x, rest
        case {"a": a, **others} if not others:
            return a
        case Odd(value=inner) if inner:
            return inner
        case str() | int() as plain if plain:
            return plain
        case _:
            return None


box = Odd([1])
print(statements([], [1, 2], Odd([1])))
print(statements([1], [], Odd([])))
print(values([], [1], 2, 3))
print(values([1], [], 0, 3))
print(tail(Odd([]), 4), adjacent([], {}, 1))
print([matching(v) for v in ([1], [1, 2], {"a": 1}, {"a": 1, "b": 2}, Odd(0), Odd(3), "", "t", 5)])
module_level = [] or box.value
if module_level and not box:
    print("no")
print(module_level if module_level else box, not module_level)
attempt(lambda: not Odd(None))
attempt(lambda: Odd(None) and 1)
neither = Odd(None)
attempt(lambda: 1 if neither else 2)
attempt(lambda: [x for x in [neither] if x])
print(0 < len([1]) < 3, 1 if box.value and [] else 2)
