"""Rewritten code for whoever asks: modules as they are imported, functions that exist already.

A code object is rewritten once in the life of the process.
"""

from __future__ import annotations

import ast
import functools
import inspect
import os
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType, MethodType
from typing import Any

import attrs

from threadsim.instrument.access import Hooks, Namespace
from threadsim.instrument.heap import Search
from threadsim.instrument.passage import ModuleView
from threadsim.instrument.rewrite import rewrite
from threadsim.instrument.scope import Scope
from threadsim.instrument.script import read_script
from threadsim.instrument.sites import forget
from threadsim.model.errors import ProgramError


class Instrumenter:
    """Rewrites what is in scope, to call the hooks.

    Args:
        scope: Whose code to rewrite.
        hooks: What to call. The same in all instrumenters of a process, since rewritten code is kept.
    """

    def __init__(self, scope: Scope, hooks: Hooks) -> None:
        _keep_apart_if_moved()
        self.scope = scope
        self._hooks = hooks
        self.views: dict[str, ModuleView] = {}
        """What is known of the modules in scope, by file."""

    def module(self, path: str, namespace: dict[str, Any]) -> CodeType:
        """The rewritten code of a module's file, to be run in `namespace`.

        Raises:
            ProgramError: The file cannot be read or compiled.
        """
        module = _module_of(path)
        view = self.views[path] = module.view
        view.namespace.globals = namespace
        return self._rewritten(module.code, view)

    def _rewritten(self, code: CodeType, view: ModuleView) -> CodeType:
        found = _rewritten.get(id(code))
        if found is None:
            found = _rewritten[id(code)] = code, rewrite(code, view, self._hooks)
            if found[1] is not code:
                _made_here.update(_ids(found[1]))
        return found[1]

    def _view(self, path: str) -> ModuleView:
        """What is known of a module that exists already; its file may be gone or broken by now."""
        view = self.views.get(path)
        if view is None:
            try:
                view = _module_of(path).view
            except ProgramError:
                view = ModuleView(Namespace(path))
            self.views[path] = view
        return view

    def functions(self) -> list[tuple[FunctionType, CodeType]]:
        """The functions in scope that exist already, each with rewritten code for it."""
        result = []
        for function in _functions_in(self.scope).objects():
            if function.__code__.co_filename in self.scope:
                code = function.__code__
                if id(code) not in _made_here:
                    view = self._view(code.co_filename)
                    view.namespace.globals = function.__globals__
                    result.append((function, self._rewritten(code, view)))
        return result


def _functions_in(scope: Scope) -> Search:
    """The search for the functions in a scope, repeated in each simulation of one that has the same."""
    if scope.key not in _searches:
        _searches.clear()  # a process has one scope, as a rule
        _searches[scope.key] = Search(
            frozenset({FunctionType}), lambda function: function.__code__.co_filename in scope
        )
    return _searches[scope.key]


_searches: dict[object, Search] = {}
_rewritten: dict[int, tuple[CodeType, CodeType]] = {}
"""By id: the code (kept alive) and what it was rewritten to."""

_folder = ""
"""The working folder, to which the names of files in what is kept are relative."""


def _keep_apart_if_moved() -> None:
    """Begin anew in another working folder, or go on as in it before: sites tell files by it.

    Functions made of what was rewritten may live on, so nothing is ever dropped.
    """
    global _folder, _rewritten, _modules
    try:
        folder = os.getcwd()
    except OSError:  # it has been deleted
        return
    if folder != _folder:
        _folder = folder
        _rewritten, _modules = _kept_in.setdefault(folder, ({}, {}))
        forget()


_made_here: set[int] = set()
"""The ids of rewritten code and of what it holds: functions that were made by it are rewritten already."""


def _ids(code: CodeType) -> Iterator[int]:
    yield id(code)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _ids(constant)


@attrs.frozen(slots=True)
class _Module:
    """A module's source file as it was read."""

    stamp: tuple[int, int]
    code: CodeType
    view: ModuleView


_modules: dict[str, _Module] = {}
_kept_in: dict[str, tuple[dict[int, tuple[CodeType, CodeType]], dict[str, _Module]]] = {}
"""By working folder: what is rewritten, and the modules."""


def _stamp(path: str) -> tuple[int, int]:
    """Tells one state of a file from another."""
    try:
        status = os.stat(path)
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size


def _module_of(path: str) -> _Module:
    """A module as it is in its file now.

    Raises:
        ProgramError: The file cannot be read or compiled.
    """
    stamp = _stamp(path)
    found = _modules.get(path)
    if found is None or found.stamp != stamp:
        code = read_script(path)
        tree = ast.parse(Path(path).read_bytes())
        found = _modules[path] = _Module(stamp, code, ModuleView.of(path, code, tree))
    return found


def file_of(function: Any) -> str | None:
    """The source file of a callable, None if it has none.

    Of a decorated function it is the function's own, if the decorator tells (`functools.wraps`).
    """
    function = inspect.unwrap(function)
    while not isinstance(function, FunctionType):
        if isinstance(function, MethodType):
            function = inspect.unwrap(function.__func__)
        elif isinstance(function, functools.partial):
            function = inspect.unwrap(function.func)
        else:
            function = getattr(type(function), "__call__", None)  # noqa: B004 - to have it, not to call it
            if not isinstance(function, FunctionType):
                return None
    return str(function.__code__.co_filename)
