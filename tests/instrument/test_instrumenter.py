"""Functions that exist already: found wherever they are, and put back."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from support.rewriting import Accesses
from threadsim.instrument import instrumenter as instrumenter_module
from threadsim.instrument.instrumenter import Instrumenter, file_of
from threadsim.instrument.scope import Scope
from threadsim.model.errors import ProgramError

LIBRARY = """
import functools
def decorated(function):
    @functools.wraps(function)
    def wrapper(*args): return function(*args)
    return wrapper
def bare(function):
    return lambda *args: function(*args)
"""

PROGRAM = """
import functools
items = []
def plain(): items.append('plain')
def closure():
    def inner(): items.append('closure')
    return inner
made = closure()
class C:
    def method(self): items.append('method')
    @classmethod
    def of_class(cls): items.append('of_class')
    @staticmethod
    def static(): items.append('static')
    @property
    def prop(self): items.append('prop')
    @functools.cached_property
    def cached(self): items.append('cached')
    def __call__(self): items.append('call')
    class Inner:
        method = lambda self: items.append('inner')
bound = C().method
part = functools.partial(lambda text: items.append(text), 'partial')
once = functools.lru_cache(lambda: items.append('once'))
table = {'key': [lambda: items.append('table')]}
def default(f=lambda: items.append('default')): f()
def generator(): yield items.append('generator')
async def coroutine(): items.append('coroutine')
wrapped = decorated(lambda: items.append('wrapped'))
hidden = bare(lambda: items.append('hidden'))
"""

CALLS: dict[str, Callable[[dict[str, Any]], object]] = {
    "plain": lambda p: p["plain"](),
    "closure": lambda p: p["made"](),
    "method": lambda p: p["C"]().method(),
    "of_class": lambda p: p["C"].of_class(),
    "static": lambda p: p["C"].static(),
    "prop": lambda p: p["C"]().prop,
    "cached": lambda p: p["C"]().cached,
    "call": lambda p: p["C"]()(),
    "inner": lambda p: p["C"].Inner().method(),
    "bound": lambda p: p["bound"](),
    "partial": lambda p: p["part"](),
    "once": lambda p: p["once"](),
    "table": lambda p: p["table"]["key"][0](),
    "default": lambda p: p["default"](),
    "generator": lambda p: list(p["generator"]()),
    "coroutine": lambda p: p["coroutine"]().close(),
    "wrapped": lambda p: p["wrapped"](),
    "hidden": lambda p: p["hidden"](),
}


def run(path: Path, text: str, **names: object) -> dict[str, Any]:
    """Run a file that holds `text`."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    namespace: dict[str, Any] = {"__name__": path.stem, **names}
    exec(compile(text, str(path), "exec", dont_inherit=True), namespace)
    return namespace


@pytest.fixture
def library(tmp_path: Path) -> dict[str, Any]:
    namespace = run(tmp_path / "elsewhere" / "library.py", LIBRARY)
    return {name: namespace[name] for name in ("decorated", "bare")}


@pytest.fixture
def program(tmp_path: Path, library: dict[str, Any]) -> dict[str, Any]:
    return run(tmp_path / "own" / "program.py", PROGRAM, **library)


@pytest.fixture
def instrumented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Instrumenter, Accesses]:
    monkeypatch.setattr(instrumenter_module, "_rewritten", {})
    monkeypatch.setattr(instrumenter_module, "_made_here", set())
    monkeypatch.setattr(instrumenter_module, "_modules", {})
    accesses = Accesses()
    return Instrumenter(Scope([str(tmp_path / "own")]), accesses.hooks), accesses


Instrumented = tuple[Instrumenter, Accesses]


@pytest.mark.parametrize("name", sorted(CALLS.keys() - {"coroutine"}))
def test_a_function_is_found_wherever_it_is(
    program: dict[str, Any], instrumented: Instrumented, name: str
) -> None:
    instrumenter, accesses = instrumented
    functions = instrumenter.functions()
    originals = [(function, function.__code__) for function, _ in functions]
    for function, code in functions:
        function.__code__ = code
    CALLS[name](program)
    assert sum("append" in line for line in accesses.lines) == 1

    accesses.lines.clear()
    for function, code in originals:
        function.__code__ = code
    CALLS[name](program)
    assert accesses.lines == []


def test_functions_out_of_scope_are_not_found(program: dict[str, Any], instrumented: Instrumented) -> None:
    names = {function.__code__.co_name for function, _ in instrumented[0].functions()}
    assert "inner" in names
    assert "wrapper" not in names


def test_rewritten_code_is_made_once(program: dict[str, Any], instrumented: Instrumented) -> None:
    instrumenter, accesses = instrumented
    first = dict(instrumenter.functions())
    again = Instrumenter(instrumenter.scope, accesses.hooks)
    assert dict(again.functions()) == first


def test_rewritten_code_is_kept_for_each_working_folder(
    tmp_path: Path, program: dict[str, Any], instrumented: Instrumented, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sites in it name files relative to one."""
    _, accesses = instrumented
    scope = Scope([str(tmp_path / "own")])
    codes = []
    for folder in ("own", "elsewhere", "own", "elsewhere"):
        monkeypatch.chdir(tmp_path / folder)
        codes.append(dict(Instrumenter(scope, accesses.hooks).functions())[program["plain"]])

    first, other, again, other_again = codes
    assert first is again is not other is other_again


def test_functions_that_rewritten_code_made_are_not_rewritten_again(
    program: dict[str, Any], instrumented: Instrumented
) -> None:
    instrumenter, accesses = instrumented
    for function, code in instrumenter.functions():
        function.__code__ = code
    inner = program["closure"]()
    assert inner not in [function for function, _ in instrumenter.functions()]
    inner()
    assert sum("append" in line for line in accesses.lines) == 1


def test_rewritten_code_looks_like_the_plain_one(program: dict[str, Any], instrumented: Instrumented) -> None:
    for function, code in instrumented[0].functions():
        plain = function.__code__
        for attribute in _KEPT:
            assert getattr(code, attribute) == getattr(plain, attribute), attribute


_KEPT = (
    "co_name",
    "co_qualname",
    "co_filename",
    "co_firstlineno",
    "co_flags",
    "co_argcount",
    "co_posonlyargcount",
    "co_kwonlyargcount",
    "co_varnames",
    "co_cellvars",
    "co_freevars",
)


def test_a_function_whose_file_is_gone_is_rewritten_without_its_source(
    tmp_path: Path, instrumented: Instrumented
) -> None:
    path = tmp_path / "own" / "gone.py"
    function = run(path, "class C: x = 1\ndef f(): return C.x\n")["f"]
    path.unlink()
    instrumenter, accesses = instrumented
    function.__code__ = dict(instrumenter.functions())[function]
    assert function() == 1
    assert len(accesses.lines) == 1


def test_a_module_is_rewritten_for_the_namespace_it_runs_in(
    tmp_path: Path, instrumented: Instrumented
) -> None:
    path = tmp_path / "own" / "module.py"
    run(path, "")
    namespace: dict[str, Any] = {}
    instrumenter, _ = instrumented
    exec(instrumenter.module(str(path), namespace), namespace)
    assert instrumenter.views[str(path)].namespace.globals is namespace


def test_a_module_that_cannot_be_read_is_said_to_be_so(tmp_path: Path, instrumented: Instrumented) -> None:
    with pytest.raises(ProgramError, match="no such file"):
        instrumented[0].module(str(tmp_path / "own" / "nothing.py"), {})


def here() -> None:
    pass


class Callable_:  # noqa: N801
    def __call__(self) -> None:
        pass

    def method(self) -> None:
        pass


def test_the_file_of_a_callable(library: dict[str, Any]) -> None:
    for program in (
        here,
        lambda: None,
        Callable_(),
        Callable_().method,
        Callable_.method,
        functools.partial(here),
        functools.partial(functools.partial(Callable_().method)),
        functools.lru_cache(here),
        library["decorated"](here),
    ):
        assert file_of(program) == __file__, program
    assert file_of(len) is None
    assert file_of([].append) is None
    assert isinstance(here, FunctionType)
