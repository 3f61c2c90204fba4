"""Imports during an execution: modules in scope are rewritten, the others are left out of it.

A module of the program's is imported afresh in each execution. A module out of scope that is imported for
the first time stays for good, so it must get the real primitives: while it runs, the patches are lifted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType

from threadsim.instrument.instrumenter import Instrumenter
from threadsim.model.errors import ProgramError

Lifted = Callable[[ModuleType], AbstractContextManager[None]]
"""Lifts the patches while a module runs; given the module, since it then gets what others have."""


class ScopedImporter:
    """Stands before the other finders for the length of an execution.

    Args:
        instrumenter: Rewrites what is in scope.
        lifted: Lifts the patches for what is not.
        afresh: Whether the program's own modules that are there already are imported again, too.
    """

    def __init__(self, instrumenter: Instrumenter, lifted: Lifted, *, afresh: bool) -> None:
        self._afresh = afresh
        self._instrumenter = instrumenter
        self._lifted = lifted
        self._before: dict[str, ModuleType] | None = None
        self._own: dict[str, ModuleType] = {}  # those of `_before` that are the program's
        self._searched: dict[str, ModuleType] = {}  # the modules among which `_own` was found

    def install(self) -> None:
        """Begin: what the program imports of its own from now on is forgotten at the end."""
        self._before = None
        if self._afresh:
            self._modules_before()
            for name in self._own:
                del sys.modules[name]
        sys.meta_path.insert(0, self)

    def remove(self) -> None:
        """End: the program's own modules are again those that were there before."""
        sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not self]
        if self._before is None or sys.modules == self._before:  # nothing was imported
            return
        for name, module in list(sys.modules.items()):
            if name not in self._before and self._is_own(module):
                del sys.modules[name]
        sys.modules.update(self._before)
        for name, module in self._own.items():
            _put_into_package(name, module)

    def _modules_before(self) -> None:
        """Note which modules there are; which are the program's is found out when they have changed."""
        if self._before is not None:
            return
        self._before = dict(sys.modules)
        imported = dict(self._before)
        imported.pop("__main__", None)  # another one each time
        if imported != self._searched:
            self._searched = imported
            self._own = {name: module for name, module in imported.items() if self._is_own(module)}

    def _is_own(self, module: ModuleType | None) -> bool:
        file = getattr(module, "__file__", None)
        if file is None:  # a namespace package is where its parts are
            parts = list(getattr(module, "__path__", ()))
            file = os.path.join(parts[0], "__init__.py") if parts else None
        return isinstance(file, str) and file in self._instrumenter.scope

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """What the other finders say, its loader exchanged."""
        self._modules_before()
        for finder in sys.meta_path:
            if finder is not self and hasattr(finder, "find_spec"):
                spec = finder.find_spec(fullname, path, target)
                if spec is not None:
                    return self._exchanged(spec)
        return None

    def _exchanged(self, spec: ModuleSpec) -> ModuleSpec:
        if type(spec.loader) is SourceFileLoader and spec.origin is not None:
            if spec.origin in self._instrumenter.scope:
                spec.loader = _RewritingLoader(spec.name, spec.origin, self._instrumenter)
            else:
                spec.loader = _LiftingLoader(spec.loader, self._lifted)
        return spec


def _put_into_package(name: str, module: ModuleType) -> None:
    """Have the package of a submodule refer to it; an import of another by that name has replaced it."""
    package, _, last = name.rpartition(".")
    if package in sys.modules:
        setattr(sys.modules[package], last, module)


class _RewritingLoader(SourceFileLoader):
    """Loads a module of the program's, rewritten."""

    def __init__(self, name: str, path: str, instrumenter: Instrumenter) -> None:
        super().__init__(name, path)
        self._instrumenter = instrumenter

    def exec_module(self, module: ModuleType) -> None:
        """Run it; one that cannot be compiled raises what it always would."""
        try:
            code = self._instrumenter.module(self.path, module.__dict__)
        except ProgramError:
            plain = self.get_code(module.__name__)
            assert isinstance(plain, CodeType)
            code = plain
        exec(code, module.__dict__)


class _LiftingLoader(SourceFileLoader):
    """Loads a module that is none of the program's, without the patches."""

    def __init__(self, loader: SourceFileLoader, lifted: Lifted) -> None:
        super().__init__(loader.name, loader.path)
        self._loader = loader
        self._lifted = lifted

    def exec_module(self, module: ModuleType) -> None:
        """As the loader would; nothing in the module tells of this one."""
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        with self._lifted(module):
            self._loader.exec_module(module)
