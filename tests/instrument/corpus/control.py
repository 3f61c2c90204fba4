# ruff: noqa
"""Statements around the accesses: exceptions, ``with``, generators, coroutines, matches, decorators."""

import contextlib
import functools

from support.rewriting import attempt

log = []


class Resource:
    opened = 0

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        Resource.opened += 1
        log.append(self.name)
        return self

    def __exit__(self, kind, error, trace):
        log.append(kind and kind.__name__)
        return self.name == "swallow"

    async def __aenter__(self):
        return self.__enter__()

    async def __aexit__(self, *details):
        return self.__exit__(*details)

    def __iter__(self):
        yield from self.name

    async def __aiter__(self):
        for letter in self.name:
            yield letter


def handlers(table, key):
    try:
        value = table[key]
    except KeyError as error:
        log.append(error.args)
        raise LookupError(key) from error
    except (TypeError, IndexError):
        return log[-1:]
    else:
        return value
    finally:
        log.append("finally")
        for entry in log:
            if entry:
                break


def groups(errors):
    try:
        raise ExceptionGroup("several", errors)
    except* ValueError as found:
        log.append(len(found.exceptions))
    except* TypeError:
        log.append("type")
    finally:
        log.extend([1 for _ in log if log])


def blocks(name):
    with Resource(name) as a, Resource(a.name + "2") as log_of[0]:
        if name == "early":
            return a.name
        for letter in name:
            with contextlib.suppress(ZeroDivisionError):
                if letter == "z":
                    1 / 0
            if letter == "b":
                break
            if letter == "r":
                raise RuntimeError(a.name)
        else:
            log.append("no break")
    return Resource.opened


log_of = {}


def generator(source):
    total = 0
    for item in source:
        try:
            got = yield item
            if got:
                log.append(got)
            total += item
        except ValueError as error:
            log.append(str(error))
        finally:
            total += 1
    return total


def delegating(source):
    result = yield from generator(source)
    log.append(result)


async def coroutine(resource):
    async with resource as inner:
        letters = [letter async for letter in inner]
        pairs = {letter: other async for letter in inner for other in letters if other}
        async for letter in resource:
            log.append(letter)
        return letters, pairs, [x for x in letters if await identity(x)], (y async for y in inner)


async def identity(x):
    return x


def run(coroutine):
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value


def matches(value):
    match value:
        case [Resource(name=n), *_] | {"r": Resource(name=n)}:
            return n
        case (1 | 2, x) if x in log:
            return log.index(x)
        case {"k": v, **rest}:
            return v, rest
        case contextlib.nullcontext:
            return "any"


def counted(function):
    function.calls = 0

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        function.calls += 1
        return function(*args, **kwargs)

    return wrapper


@counted
@functools.lru_cache(maxsize=None)
def cached(n: int, *, scale: "float" = 1.5) -> list[int]:
    result: list[int] = [n]
    result[0]: int
    return result * int(scale)


def defaults(a, b=log, *, c=len(log), d=lambda x=log: x):
    return a, b is log, c, d() is log


class Meta(type):
    registry = {}

    def __new__(mcls, name, bases, body, **options):
        cls = super().__new__(mcls, name, bases, dict(body))
        mcls.registry[name] = options
        return cls


class Model(metaclass=Meta, table="models"):
    fields: list[str] = []
    fields.append("id")
    for field in ("a", "b"):
        fields += [field]
    size = len(fields)

    class Inner:
        deep = {name: index for index, name in enumerate("xy")}


class WithRepr:
    def __repr__(self):
        log.append("repr")
        return f"<{self.__class__.__name__}>"

    def __eq__(self, other):
        return self is other or log.pop()

    __hash__ = None


print(handlers([1], 0))
attempt(handlers, {}, "k")
attempt(handlers, [1], 5)
attempt(groups, [ValueError(1), TypeError(2)])
attempt(groups, [KeyError(3)])
for name in ("swallow", "early", "abc", "zz", "r", "none"):
    attempt(blocks, name)
gen = generator([1, 2, 3])
print(next(gen), gen.send("sent"), gen.throw(ValueError("thrown")))
attempt(next, gen)
print(list(delegating([1, 2])))
print(run(coroutine(Resource("ab")))[:3])
print(matches([Resource("m")]), matches({"r": Resource("d")}), matches((1, "ab")), matches({"k": 1, "l": 2}))
print(cached(1), cached(1), cached.__wrapped__.cache_info().hits, cached.__name__)
print(defaults(1), defaults(1, [], c=2))
print(Meta.registry, Model.fields, Model.size, Model.Inner.deep)
print(WithRepr(), f"{WithRepr()!r:>12}", WithRepr() == 1)
attempt(lambda: (yield_all := [*generator([1])]) and yield_all)
global_type: "Undefined" = 1


def deep(n):
    return log[n].missing if n > 2 else deep(n + 1)


attempt(deep, 0)
attempt(lambda: functools.reduce(lambda a, b: a.real + b.nothing, [1, 2]))
print(len(log))
