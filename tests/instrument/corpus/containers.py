# ruff: noqa
"""Items, slices, methods, builtins, membership, iteration, unpacking."""

from collections import Counter, OrderedDict, defaultdict, deque

from support.rewriting import attempt
from support.rewriting import CORPUS as imported

items = [3, 1, 2]
nothing = None
table = {"a": 1}
unique = {1, 2}
queue = deque([1])
data = bytearray(b"xyz")


def subscripts():
    items[0] = items[1]
    items[-1] += 5
    del items[0]
    table["b"] = table["a"] = 7
    table["a"] += 1
    nested = {"list": [1, [2]]}
    nested["list"][1][0] -= 4
    print(items, table, nested, nested["list"][1])
    attempt(lambda: table["missing"])
    attempt(lambda: items[10][0])
    attempt(lambda: nothing[0])


def slices(low=0):
    numbers = list(range(6))
    print(numbers[1:3], numbers[::2], numbers[low:], numbers[:])
    numbers[1:2] = [9, 9]
    numbers[low::3] = numbers[:3]
    numbers[low:1] += [4]
    numbers[low:6:2] *= 1
    del numbers[2:4]
    print(numbers, "text"[1:3], (1, 2)[slice(1)])
    attempt(lambda: nothing[1:2])


def methods():
    items.append(4)
    items.extend(x + 1 for x in (1, 2))
    items.sort(key=lambda x: -x, reverse=True)
    print(items.pop(), items.index(4), items.copy().count(1))
    table.setdefault("k", []).append(1)
    table.update({"z": 1}, y=2)
    table.update(w=3)
    print(sorted(table), table.get("k").pop(), table.pop("y", None), table.get("no", items.copy()).copy())
    unique.add(5)
    unique.update(unique.union({9}), [10])
    queue.appendleft(0)
    queue.rotate(1)
    print(unique, queue.popleft(), data.find(b"y"), b"a".join([b"1", b"2"]), ",".join("ab"))
    attempt(lambda: items.remove("nothing"))
    attempt(lambda: items.pop(1, 2, 3))
    attempt(lambda: items.append(1, key=2))
    bound = items.append
    bound(5)
    (items.append)(6)
    return items.clear()


def star_arguments(*args, **options):
    items.extend(*args)
    items.sort(*[], **options)
    table.update(*args[1:], **options)
    print(items, table, len(*args), max(*items), max(items, key=lambda x: x))
    print(*items, sep="-")
    print(*items, *args, **{"sep": ":"}, **{})
    table.get(*("a",), *())


def chains():
    print(
        items
        .copy()
        .count(
            5,
        ),
        "a,b"
        .split(",")
        .index("b"),
    )
    return (
        table.get(
            "a",
            len(items),
        )
        or table.copy().keys()
    )


def conditional_arguments(flag):
    items.append(1 if flag else 2)
    items.append(flag or 3)
    items.append(flag and [x for x in items if x])
    return items.append(items.pop() if flag else items.pop(0))


def decorated(register):
    functions = []

    @functions.append
    def first():
        pass

    @register.get("f")
    def second():
        pass

    @register.get("f")
    class Third:
        pass

    print(len(functions), second.__name__, Third.__name__)


class Manager(dict):
    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def get(self, *keys):
        return self


def managed(manager):
    with manager.get() as a, manager.get(1, 2) as b, manager.get("x"):
        print(a is b)
    with manager.copy() as a:
        pass


def builtins(seq):
    print(len(seq), sum(seq), list(seq), tuple(seq), set(seq), sorted(seq, reverse=True), dict(a=seq))
    print(min(seq), max(seq, default=1), any(seq), all(x for x in seq), bool(seq), frozenset(seq))
    print(max(len(seq), 2), sum(len(x) for x in [seq, seq]))
    attempt(lambda: len())
    attempt(lambda: len(5))

    def len_(x):
        return 0

    return len_(seq)


def membership(key):
    print(key in table, key not in items, key in unique, "x" in {"x": 1}, key in (1, 2), 1 in items in [items])
    attempt(lambda: key in 5)


def iteration():
    for item in items:
        print(item, end=" ")
    for key, value in table.items():
        print(key, value, end=" ")
    for a in table.keys():
        for b in reversed(items):
            if b == 1:
                continue
            break
        else:
            print("none")
    for _ in range(2):
        for x in enumerate(items):
            pass
    for x in items or table:
        pass
    for x in (items if table else
              table):
        pass
    while queue:
        queue.pop()
    print([x for x in items], {str(x) for x in items if x}, {k: v for k, v in table.items()})
    print([y for x in [items] for y in x], sum(len(str(y)) for x in (items, items) for y in x if y))
    print([[y for y in x] for x in [items]], [x for x in [y for y in items]])
    print([x for x in map(lambda z: [w for w in [z]], items)], any(x in s for s in [[i] for i in range(2)]))
    it = iter(items)
    print(next(it), list(it), *zip(items, items))
    attempt(lambda: [x for x in 5])

    def consume(n):
        for i in n:
            yield i
        yield from n

    print(list(consume(items)), items == list(items))


def unpacking():
    a, b = [1, 2]
    first, *rest = [1, 2, 3]
    (c, d), e = (1, 2), 3
    print([*items, *unique], (*items,), {*map(str, items), 1}, {**table, "n": 1}, a, b, first, rest, c, d, e)
    attempt(lambda: [*5])
    attempt(lambda: dict(**{"a": 1}, **{"a": 2}))
    a, b = b, a
    print([1, 2, 3, 4], {1, 2, 3, 4}, {"a": 1, "b": 2})


def in_place(other):
    global items
    numbers = [1]
    numbers += other
    numbers *= 2
    total = 1
    total += 2
    total += total
    text = "a"
    text += f"{total}"
    text += f"{total} {text}"
    text += "b"
    flags = {1}
    flags |= {2}
    flags &= {2}
    flags -= {5}
    flags ^= {6}
    items += numbers
    total += (1 if other else 2)
    numbers += (7, 8)
    data_copy = bytearray(data)
    data_copy += b"more"
    mapping = {"a": 1}
    mapping |= {"b": 2}
    print(numbers, total, text, flags, items, mapping, data_copy)


def with_missing():
    d = defaultdict(list)
    d["a"].append(1)
    d["b"] += [2]
    ordered = OrderedDict(a=1, b=2)
    ordered.move_to_end("a")
    counts = Counter("aab")
    counts.update("b")
    counts["a"] += 1
    print(d, list(ordered), counts.most_common(1), counts.total(), imported.joinpath("x").name)


subscripts()
slices()
methods()
star_arguments([1, 2])
chains()
conditional_arguments(True)
conditional_arguments(0)
decorated({"f": lambda f: f})
attempt(managed, Manager())
builtins([1, 2])
membership("a")
iteration()
unpacking()
in_place([5])
with_missing()
print([items.append(x) for x in range(2)], [len(items) for _ in items if items])
items.append(len(items) and items.pop())
