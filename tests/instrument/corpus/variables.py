# ruff: noqa
"""Globals and closures: which are shared, and where they are touched."""

import json
from support.rewriting import attempt

try:
    import nowhere_at_all as found
except ImportError:
    found = None

counter = 0
limit = 10
unused = 1
unused = 2
if limit > 5:
    mode = "big"
else:
    mode = "small"
for index in range(3):
    last = index
names = [name for name in ("a", "b")]
gone = 1


def count():
    global counter, fresh
    counter += 1
    fresh = counter
    return counter + limit, mode, found, last, json


def forget():
    global gone
    del gone


def fails():
    return gone


count()
counter = counter + 1
print(count()[:4], [counter + i for i in range(2)], sum(counter for _ in range(2)), fresh)
forget()
attempt(fails)
attempt(forget)
if (walrus := counter) > 1:
    walrus = 5


def reads_walrus():
    return walrus


print(reads_walrus())


def once():
    value = 1

    def inner():
        return value

    return inner()


def twice():
    value = 1
    value = 2

    def inner():
        return value

    return inner() + value


def branches(flag):
    if flag:
        value = 1
    else:
        value = 2
    return (lambda: value)()


def looped():
    functions = []
    for i in range(3):
        functions.append(lambda: i)
    return [function() for function in functions]


def by_nonlocal(total=0):
    def add(n):
        nonlocal total
        total += n
        return total

    add(1)
    add(2)
    del add
    return total


def parameter(value, *rest, key, **others):
    value = value or 1

    def inner():
        return value, rest, key, others

    return inner()


def in_comprehension_only(n):
    n = n + 1
    return [n + i for i in range(2)], {n: i for i in range(2)}, sum(n for _ in range(2))


def captured_by_lambda_in_comprehension(i):
    i += 1
    return [f() for f in [lambda: i for i in range(3)]], i


def nested(depth):
    depth = depth - 1

    def middle():
        def inner():
            nonlocal depth
            depth -= 1
            return depth

        return inner() + depth

    return middle()


def recursive(n, seen=()):
    seen = (*seen, n)

    def again():
        return recursive(n - 1, seen)

    return again() if n else seen


def class_body(value):
    value += 1

    class Inner:
        attribute = value
        other = 3

        def method(self):
            return value

    return Inner.attribute, Inner.other, Inner().method()


def unbound():
    def inner():
        return later

    if limit < 0:
        later = 1
        later = 2
    return inner()


def caught():
    def show():
        return error

    try:
        1 / 0
    except ZeroDivisionError as error:
        print(show())
    return show()


class Holder:
    global counter
    counter = 40
    limit = limit + 1
    doubled = [limit * i for i in range(2)]
    __hidden = 1

    def private(self):
        __hidden = self.__hidden
        __hidden += 1
        return (lambda: __hidden)()


def generator():
    state = 0
    state = 1

    def step():
        nonlocal state
        state += 1
        yield state
        yield state

    return list(step())


print(once(), twice(), branches(True), branches(False), looped(), by_nonlocal())
print(parameter(0, 1, key=2, other=3), in_comprehension_only(1), captured_by_lambda_in_comprehension(5))
print(nested(3), recursive(2), class_body(1), Holder().private(), Holder.doubled, counter, generator())
attempt(unbound)
attempt(caught)
exec("counter = 100")
print(count()[0])
print((lambda value=counter: value)(), names)
