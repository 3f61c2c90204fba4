"""Rewritten code for whoever asks: modules as they are imported, functions that exist already.

A code object is rewritten once in the life of the process.
"""

from __future__ import annotations

import gc
import os
from types import CodeType, FunctionType, MethodType
from typing import Any

from threadsim.instrument.access import Hooks, Namespace
from threadsim.instrument.passage import ModuleView
from threadsim.instrument.rewrite import rewrite
from threadsim.instrument.scope import Scope
from threadsim.instrument.script import read_script
from threadsim.instrument.shared import SharedNames, shared_names
from threadsim.model.errors import ProgramError


class Instrumenter:
    """Rewrites what is in scope, to call the hooks.

    Args:
        scope: Whose code to rewrite.
        hooks: What to call. The same in all instrumenters of a process, since rewritten code is kept.
    """

    def __init__(self, scope: Scope, hooks: Hooks) -> None:
        self.scope = scope
        self._hooks = hooks
        self.views: dict[str, ModuleView] = {}
        """What is known of the modules in scope, by file."""

    def module(self, path: str, namespace: dict[str, Any]) -> CodeType:
        """The rewritten code of a module's file, to be run in `namespace`.

        Raises:
            ProgramError: The file cannot be read or compiled.
        """
        view = self._view(path)
        view.namespace.globals = namespace
        return self._rewritten(_source_code(path), view)

    def _rewritten(self, code: CodeType, view: ModuleView) -> CodeType:
        found = _rewritten.get(id(code))
        if found is None:
            found = _rewritten[id(code)] = code, rewrite(code, view, self._hooks)
            _made_here.add(id(found[1]))
        return found[1]

    def _view(self, path: str) -> ModuleView:
        view = self.views.get(path)
        if view is None:
            view = self.views[path] = _view_of(path)
        return view

    def functions(self) -> list[tuple[FunctionType, CodeType]]:
        """The functions in scope that exist already, each with rewritten code for it."""
        result = []
        for function in gc.get_objects():
            if type(function) is FunctionType and function.__code__.co_filename in self.scope:
                code = function.__code__
                if id(code) not in _made_here:
                    view = self._view(code.co_filename)
                    view.namespace.globals = function.__globals__
                    result.append((function, self._rewritten(code, view)))
        return result


_rewritten: dict[int, tuple[CodeType, CodeType]] = {}
"""By id: the code (kept alive) and what it was rewritten to."""

_made_here: set[int] = set()
_sources: dict[str, tuple[tuple[int, int], CodeType]] = {}
_views: dict[str, tuple[tuple[int, int], ModuleView]] = {}


def _stamp(path: str) -> tuple[int, int]:
    """Tells one state of a file from another."""
    try:
        status = os.stat(path)
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size


def _source_code(path: str) -> CodeType:
    stamp = _stamp(path)
    found = _sources.get(path)
    if found is None or found[0] != stamp:
        found = _sources[path] = stamp, read_script(path)
    return found[1]


def _view_of(path: str) -> ModuleView:
    stamp = _stamp(path)
    found = _views.get(path)
    if found is None or found[0] != stamp:
        try:
            names = shared_names(_source_code(path))
        except ProgramError:
            names = SharedNames()
        found = _views[path] = stamp, ModuleView(Namespace(path), names)
    return found[1]


def file_of(function: Any) -> str | None:
    """The source file of a callable, None if it has none."""
    while not isinstance(function, FunctionType):
        if isinstance(function, MethodType):
            function = function.__func__
        elif hasattr(function, "func"):  # functools.partial
            function = function.func
        elif hasattr(type(function), "__call__") and isinstance(type(function).__call__, FunctionType):
            function = type(function).__call__
        else:
            return None
    return str(function.__code__.co_filename)
