"""The standard library, rewritten: real code in every style that Python has."""

from __future__ import annotations

import ast
import dis
import doctest
import importlib
import io
import sysconfig
import unittest
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stderr, redirect_stdout
from pathlib import Path
from types import CodeType, ModuleType

import pytest

from support.rewriting import INERT
from threadsim.instrument.importer import ScopedImporter
from threadsim.instrument.instrumenter import Instrumenter
from threadsim.instrument.passage import ModuleView
from threadsim.instrument.rewrite import rewrite
from threadsim.instrument.scope import Scope

LIBRARY = Path(sysconfig.get_path("stdlib"))
LEFT_OUT = {"site-packages", "__pycache__", "lib2to3", "idlelib", "turtledemo"}
SAMPLE_STEP = 50

FILES = sorted(
    path
    for path in LIBRARY.rglob("*.py")
    if not LEFT_OUT & set(path.relative_to(LIBRARY).parts) and "bad" not in path.name
)


def rewritten_file(path: Path) -> tuple[CodeType, CodeType] | None:
    """The plain and the rewritten code of a file; None if it is none for this version."""
    text = path.read_bytes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            code = compile(text, str(path), "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            return None
        return code, rewrite(code, ModuleView.of(str(path), code, ast.parse(text)), INERT)


def code_tree(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from code_tree(constant)


def key(code: CodeType) -> tuple[object, ...]:
    return code.co_qualname, code.co_firstlineno, code.co_varnames


_KEPT = ("co_name", "co_qualname", "co_flags", "co_argcount", "co_varnames", "co_cellvars", "co_freevars")


def check(plain: CodeType, code: CodeType) -> None:
    """That rewritten code is in order: of the same shape, its stack large enough, its tables right."""
    for name in _KEPT:
        assert getattr(code, name) == getattr(plain, name), (code, name)
    if code is plain:
        return
    assert code.co_stacksize >= plain.co_stacksize
    assert docstring(code) == docstring(plain)
    targets = {instruction.offset for instruction in dis.get_instructions(code)}
    jumps = (*dis.hasjrel, *dis.hasjabs)
    for instruction in dis.get_instructions(code):
        assert instruction.opcode not in jumps or instruction.argval in targets, instruction
    lines = {line for *_, line in plain.co_lines() if line is not None}
    assert {line for *_, line in code.co_lines() if line is not None} == lines
    assert positions(plain) <= positions(code)
    entries, before = (dis.Bytecode(c).exception_entries for c in (code, plain))  # type: ignore[attr-defined]
    assert {entry.depth for entry in entries} == {entry.depth for entry in before}
    assert {entry.target for entry in entries} <= targets


def positions(code: CodeType) -> set[object]:
    """Where the instructions stand that can raise."""
    return {i.positions for i in dis.get_instructions(code) if i.opname not in ("NOP", "RESUME")}


def docstring(code: CodeType) -> object:
    return code.co_consts[0] if code.co_consts and isinstance(code.co_consts[0], str) else None


def check_file(path: Path) -> None:
    both = rewritten_file(path)
    if both is not None:
        plain, code = both
        parts = {key(part): part for part in code_tree(plain)}
        keys = Counter(map(key, code_tree(plain)))
        for part in code_tree(code):
            if keys[key(part)] == 1:  # some lambdas on one line cannot be told apart
                check(parts[key(part)], part)


@pytest.mark.parametrize("path", FILES[::SAMPLE_STEP], ids=lambda path: path.stem)
def test_library_module_is_rewritten_into_code_that_is_in_order(path: Path) -> None:
    check_file(path)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(1, SAMPLE_STEP))
def test_every_library_module_is(start: int) -> None:
    for path in FILES[start::SAMPLE_STEP]:
        check_file(path)


class _Collecting(unittest.TestResult):
    """Knows the names of the tests that failed."""

    def failed(self) -> set[str]:
        """Examples in docstrings aside: those of a module imported afresh fail however it is compiled."""
        failed = (*self.failures, *self.errors)
        return {test.id() for test, _ in failed if not isinstance(test, doctest.DocTestCase)}


@contextmanager
def _imports_rewritten(names: list[str]) -> Iterator[None]:
    """Import some modules afresh, and rewritten."""
    instrumenter = Instrumenter(Scope([], names), INERT)
    importer = ScopedImporter(instrumenter, lambda _: nullcontext(), afresh=True)
    importer.install()
    try:
        yield
    finally:
        importer.remove()


def run_tests_of(name: str) -> _Collecting:
    """Run CPython's own tests of a module."""
    result = _Collecting()
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        unittest.defaultTestLoader.loadTestsFromName(f"test.test_{name}").run(result)
    return result


QUICK = ["bisect", "heapq", "shlex", "string", "textwrap"]
LONG = """
    argparse ast collections configparser contextlib copy csv dataclasses difflib enum fractions functools
    gettext inspect json optparse plistlib pprint random reprlib sched statistics tokenize zipfile
"""


def check_tests_of(name: str) -> None:
    """That a module and its tests give the same results rewritten as they do plain."""
    pytest.importorskip(f"test.test_{name}")
    plain = run_tests_of(name)
    with _imports_rewritten([name, f"test.test_{name}"]):
        rewritten = run_tests_of(name)
    assert rewritten.testsRun == plain.testsRun > 0
    assert rewritten.failed() == plain.failed()


@pytest.mark.parametrize("name", QUICK)
def test_its_own_tests_pass_rewritten(name: str) -> None:
    check_tests_of(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", LONG.split())
def test_its_own_tests_pass_rewritten_where_they_take_longer(name: str) -> None:
    check_tests_of(name)


def test_decimal_numbers_in_python_are_the_same() -> None:
    import _pydecimal

    def numbers(decimal: ModuleType) -> list[str]:
        with decimal.localcontext() as context:
            context.prec = 40
            two, third = decimal.Decimal(2), decimal.Decimal(1) / 3
            return [str(two.sqrt()), str(third.exp()), str(two.ln()), f"{third:.5f}", repr(third.normalize())]

    expected = numbers(_pydecimal)
    with _imports_rewritten(["_pydecimal"]):
        fresh = importlib.import_module("_pydecimal")
        assert fresh is not _pydecimal
        assert numbers(fresh) == expected
