"""Random small programs: rewritten, they do what they did, and tell the hooks the same each time."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from support.rewriting import Accesses, output_of, rewritten

NAMES = st.sampled_from(["x", "y", "total", "shared"])
CONTAINERS = st.sampled_from(["items", "table", "box.items"])

HEAD = """
class Box: pass
box = Box()
box.items, box.value = [1, 2], 0
shared = 1
def body(x, items, table):
    global shared
    y = total = 0
    def add(n=1):
        nonlocal total
        total += n
        return total
"""

TAIL = """
    print(x, y, total, shared, items, table, sorted(vars(box).items()))
    return [lambda: (x, y) for x in items][-1]()
attempt(body, 2, [3, 4], {1: 2})
attempt(body, 0, [], {})
"""


def expressions() -> st.SearchStrategy[str]:
    simple = st.one_of(
        NAMES,
        st.integers(0, 3).map(str),
        st.sampled_from(
            ["items", "table", "box.value", "box.items", "add()", "len(items)", "None", "'text'"]
        ),
    )
    return st.recursive(simple, _larger, max_leaves=6)


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from(["+", "and", "or", "==", "in", "<", "not in", "is"]), inner).map(
            lambda parts: f"({' '.join(parts)})"
        ),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]} if {p[1]} else {p[2]})"),
        inner.map(lambda e: f"(not {e})"),
        inner.map(lambda e: f"items[{e}]"),
        inner.map(lambda e: f"table.get({e})"),
        inner.map(lambda e: f"items.append({e})"),
        inner.map(lambda e: f"items[{e}:3]"),
        inner.map(lambda e: f"(y := {e})"),
        inner.map(lambda e: f"[{e} for x in items[:3] if x]"),
        inner.map(lambda e: f"sum(x for x in [{e}])"),
        inner.map(lambda e: f"(lambda: {e})()"),
        inner.map(lambda e: f"add(n={e})"),
        inner.map(lambda e: f"f'{{{e}}} {{shared}}'"),
        inner.map(lambda e: f"[*items, {e}]"),
    )


def _indented(lines: list[str]) -> str:
    return textwrap.indent("\n".join(lines), "    ")


def statements() -> st.SearchStrategy[str]:
    value = expressions()
    simple = st.one_of(
        st.tuples(NAMES, st.sampled_from(["=", "+="]), value).map(" ".join),
        value.map(lambda e: f"box.value = {e}"),
        value.map(lambda e: f"items[0] = {e}"),
        value.map(lambda e: f"table[{e}] = 1"),
        value.map(lambda e: f"items += [{e}]"),
        value.map(lambda e: f"print({e})"),
        value.map(lambda e: f"box.items.extend([{e}])"),
        value.map(lambda e: f"assert {e} is not None"),
        st.sampled_from(
            ["del items[-1:]", "del table[1]", "del box.value", "del y", "items.sort(key=str)", "1 / 0"]
        ),
    )
    return st.recursive(simple, _compound, max_leaves=8)


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    blocks = st.lists(inner, min_size=1, max_size=3).map(_indented)
    value = expressions()
    return st.one_of(
        st.tuples(value, blocks, blocks).map(lambda p: f"if {p[0]}:\n{p[1]}\nelse:\n{p[2]}"),
        st.tuples(CONTAINERS, blocks).map(lambda p: f"for x in list({p[0]})[:3]:\n{p[1]}"),
        blocks.map(lambda block: f"for x in range(2):\n{block}\n    if x: break\nelse:\n    print('else')"),
        st.tuples(blocks, blocks, blocks).map(
            lambda p: f"try:\n{p[0]}\nexcept (LookupError, TypeError) as error:\n{p[1]}\nfinally:\n{p[2]}"
        ),
    )


def program_of(body: list[str]) -> str:
    """The text of a program; some of what is put together is none, such as ``:=`` where it may not be."""
    text = f"from support.rewriting import attempt\n{HEAD}{_indented(body)}{TAIL}"
    try:
        compile(text, "program.py", "exec", dont_inherit=True)
    except SyntaxError:
        reject()
    return text


PROGRAMS = st.lists(statements(), min_size=1, max_size=6)


@settings(deadline=None, max_examples=40)
@given(PROGRAMS)
def test_random_program_behaves_the_same_and_tells_the_same(body: list[str]) -> None:
    _check(body)


@pytest.mark.slow
@settings(deadline=None, max_examples=400)
@given(PROGRAMS)
def test_each_of_many_random_programs_does(body: list[str]) -> None:
    _check(body)


def _check(body: list[str]) -> None:
    text = program_of(body)
    plain = output_of(compile(text, "program.py", "exec", dont_inherit=True))
    accesses = Accesses()
    code = rewritten(text, "program.py", accesses.hooks)
    runs = []
    for _ in range(2):
        accesses.lines.clear()
        assert output_of(code) == plain
        runs.append(list(accesses.lines))
    assert runs[0] == runs[1]
    assert runs[0]
