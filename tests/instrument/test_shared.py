"""Which names are shared state: the same on every version, by the rules in the module's docstring."""

from __future__ import annotations

import ast
from types import CodeType

import pytest

from threadsim.instrument.bindings import bindings_of
from threadsim.instrument.shared import SharedNames, shared_names


def shared_in(text: str) -> SharedNames:
    code = compile(text, "module.py", "exec", dont_inherit=True)
    return shared_names(code, bindings_of(ast.parse(text)))


def cells_in(text: str) -> dict[str, set[str]]:
    """The shared variables of each function that has any, by the function's name."""
    found = shared_in(text).cells
    return {name: set(names) for (name, _), names in found.items() if names}


READ = "\ndef reads(): return name\n"


@pytest.mark.parametrize(
    "text",
    [
        "name = 1\nname = 2",
        "name = 1\nname += 1",
        "for name in (): pass",
        "for _ in (): name = 1",
        "while True:\n  try: break\n  except E: name = 1",
        "if x: name = 1\nname = 2",
        "if x:\n  name = 1\n  name = 2",
        "name = 1\ndel name",
        "def writes():\n  global name\n  name = 1",
        "def removes():\n  global name\n  del name",
        "class C:\n  global name\n  name = 1",
        "def outer():\n  def inner():\n    global name\n    name = 1",
        "[(name := x) for x in ()]",
        "list((name := x) for x in ())",
        "import name\nimport name.more",
        "try: pass\nexcept E as name: pass",
        "try:\n  name = 1\n  f()\nexcept E: name = 2",
        "try:\n  with f(): name = 1\nexcept E: name = 2",
        "try: name = 1\nfinally: name = 2",
        "match x:\n  case [name, 1]: pass\n  case [name]: pass",
        "async def f():\n  global name\n  async for name in x: pass",
        "with f() as (name, [*name]): pass",
        "type_: int = 0\nname: int = 1\nname: int = 2",
    ],
)
def test_a_global_that_is_bound_again_is_shared(text: str) -> None:
    assert shared_in(text + READ).globals == {"name"}


@pytest.mark.parametrize(
    "text",
    [
        "name = 1",
        "def name(): pass",
        "class name: pass",
        "import name",
        "from name import *",
        "import package.name as name",
        "try: import name\nexcept ImportError: name = None",
        "try: from name import name\nexcept ImportError:\n  class name: pass",
        "if x: name = 1\nelif y: name = 2\nelse: name = 3",
        "if x: name = 1\nelse:\n  def name(): pass",
        "match x:\n  case 1: name = 1\n  case _: name = 2",
        "try: pass\nfinally: name = 1",
        "name: int\nname = 1",
        "[name for name in ()]",
        "lambda name: [name for name in ()]",
        "class C:\n  name = 1\n  name = 2",
        "def f(name=1):\n  name = 2",
        "object.name = object.name = 1",
        "exec('name = 1')",
    ],
)
def test_a_global_that_is_bound_once_is_not(text: str) -> None:
    assert shared_in(text + READ).globals == set()


@pytest.mark.parametrize(
    "text",
    [
        "[name for _ in ()]",
        "class C:\n  x = name",
        "class C:\n  x = [name for _ in ()]",
        "print(name)",
        "def f(name): return name",
        "def f(): return x.name",
    ],
)
def test_a_global_that_no_function_refers_to_is_not(text: str) -> None:
    assert shared_in(f"name = 1\nname = 2\n{text}").globals == set()


@pytest.mark.parametrize(
    "text",
    [
        "f = lambda: name",
        "g = (name for _ in ())",
        "def f(): return [name for _ in ()]",
        "class C:\n  def f(self): return name",
        "def f():\n  global name\n  del name",
    ],
)
def test_any_function_counts_as_one_that_refers_to_it(text: str) -> None:
    assert shared_in(f"name = 1\nname = 2\n{text}").globals == {"name"}


@pytest.mark.parametrize(
    "body",
    [
        "n = 1; n = 2",
        "n = 1; n += 1",
        "for n in (): pass",
        "while x: n = 1",
        "[(n := x) for x in ()]",
        "n = 1; del n",
        "import n; from x import n",
    ],
)
def test_a_variable_that_is_bound_again_is_shared_with_the_function_that_refers_to_it(body: str) -> None:
    text = f"def outer():\n  {body}\n  def inner(): return n\n  return inner"
    assert cells_in(text) == {"outer": {"n"}, "inner": {"n"}}


@pytest.mark.parametrize("parameters", ["n", "n=1", "*n", "**n", "*, n", "n, /"])
def test_a_parameter_is_bound_by_the_call(parameters: str) -> None:
    once = f"def outer({parameters}):\n  return lambda: n\n"
    assert cells_in(once) == {}
    assert cells_in(once.replace("return", "n = 1; return")) == {"outer": {"n"}, "<lambda>": {"n"}}


def test_what_an_inner_function_binds_is_shared() -> None:
    text = "def outer():\n  def inner():\n    nonlocal n\n    n = 1\n  n: int\n  n = 0"
    assert cells_in(text) == {"outer": {"n"}, "inner": {"n"}}
    assert cells_in(text.replace("  n = 0", "  if 0: n = 0")) == {"outer": {"n"}, "inner": {"n"}}


def test_functions_on_the_way_to_the_one_that_refers_to_it_hold_the_variable_too() -> None:
    text = "def a():\n  n = 1\n  n = 2\n  def b():\n    def c(): return n\n    return c\n  def d(): return 1"
    assert cells_in(text) == {"a": {"n"}, "b": {"n"}, "c": {"n"}}


def test_a_variable_that_only_runs_where_it_stands_is_not_shared() -> None:
    text = "def outer():\n  n = 1\n  n = 2\n"
    assert cells_in(text + "  return [n for _ in ()], {n: 1 for _ in ()}") == {}
    assert cells_in(text + "  class C:\n    x = n") == {}
    assert cells_in(text + "  return (n for _ in ())") == {"outer": {"n"}, "<genexpr>": {"n"}}
    assert cells_in(text + "  class C:\n    def f(self): return n") == {
        "outer": {"n"},
        "C": {"n"},
        "f": {"n"},
    }


def test_the_variable_of_a_comprehension_is_shared_with_the_functions_made_in_it() -> None:
    assert cells_in("def outer():\n  return [lambda: n for n in ()]") == {"outer": {"n"}, "<lambda>": {"n"}}
    assert cells_in("x = [lambda: n for n in ()]") == {"<module>": {"n"}, "<lambda>": {"n"}}
    assert cells_in("x = list(lambda: n for n in ())") == {"<genexpr>": {"n"}, "<lambda>": {"n"}}


def test_what_only_a_comprehension_binds_for_its_function_is_not_shared() -> None:
    text = "def outer():\n  n = 1\n  n = 2\n  f = lambda: n\n  return\\\n  lambda: [(n := x) for x in ()]"
    assert cells_in(text) == {"outer": {"n"}, "<lambda>": {"n"}}
    assert shared_in(text).cells["<lambda>", 6] == set()


def test_it_is_left_out_where_the_function_has_a_variable_of_the_same_name() -> None:
    assert cells_in("def outer(n):\n  n = 1\n  return [lambda: n for n in ()]") == {}


def test_private_names_are_those_of_their_class() -> None:
    text = "class _C:\n  def f(self):\n    __n = 1\n    __n = 2\n    return lambda: __n"
    assert cells_in(text) == {"f": {"_C__n"}, "<lambda>": {"_C__n"}}


def test_what_the_compiler_makes_is_not_shared() -> None:
    assert cells_in("class C:\n  def f(self): super().f(); return __class__") == {}


def test_functions_of_the_same_name_are_kept_apart() -> None:
    text = "def f():\n  n = 1\n  return lambda: n\ndef f():\n  n = 1\n  n = 2\n  return lambda: n"
    found = shared_in(text).cells
    assert found["f", 1] == set()
    assert found["f", 4] == {"n"}
    assert found["<lambda>", 3] == set()
    assert found["<lambda>", 7] == {"n"}


def test_a_decorated_function_begins_at_its_decorator() -> None:
    text = "@d\n@d\ndef f():\n  n = 1\n  n = 2\n  return lambda: n"
    assert shared_in(text).cells["f", 1] == {"n"}


def test_recursion_makes_a_variable_of_each_call() -> None:
    text = "def outer(n):\n  def again(): return outer(n - 1)\n  return again()"
    assert cells_in(text) == {}


def test_of_code_that_is_not_in_the_source_all_variables_are_shared() -> None:
    other = compile("def f(a):\n  b = 1\n  return lambda: (a, b)", "other.py", "exec")
    function = next(constant for constant in other.co_consts if isinstance(constant, CodeType))
    assert shared_in("").cells_of(function) == {"a", "b"}
