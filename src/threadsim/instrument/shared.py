"""Which names of a module can be shared state at all: decided once a module.

A global is an access only if something rebinds it and some function refers to it; functions, classes,
imported modules and constants are bound once and never are. A closure's variable is an access only if a
function inside refers to it, and it is bound more than once. What a function binds that is not its own
(``global``, ``nonlocal``) is bound more than once, since the function may be called again.

Comprehensions and bodies of classes run at once where they stand, so what only they refer to is not shared.
Comprehensions count as part of the function that they stand in: from 3.12 on they are compiled into it
(PEP 709), and the scheduling points must be the same on 3.11. Where functions refer to the variable of a
comprehension and there is another of that name around it, both are left out, since only some versions keep
them apart.
"""

from __future__ import annotations

import dis
from collections.abc import Iterator
from types import CodeType

import attrs

from threadsim.instrument.bindings import AGAIN, Bindings, ScopeKey, key_of

_COMPREHENSIONS = frozenset({"<listcomp>", "<setcomp>", "<dictcomp>"})
_LOAD_CONST = dis.opmap["LOAD_CONST"]
_LOAD_GLOBAL = dis.opmap["LOAD_GLOBAL"]
_GLOBAL_STORES = frozenset({dis.opmap["STORE_GLOBAL"], dis.opmap["DELETE_GLOBAL"]})
_IS_FUNCTION = 2  # CO_NEWLOCALS: neither a module nor the body of a class


@attrs.frozen(slots=True)
class SharedNames:
    """The names of one module that are shared state.

    Attributes:
        globals: Module-level names that are rebound and that functions refer to.
        cells: For each function, those of its cell and free variables that are shared.
    """

    globals: frozenset[str] = frozenset()
    cells: dict[ScopeKey, frozenset[str]] = attrs.field(factory=dict)

    def cells_of(self, code: CodeType) -> frozenset[str]:
        """The shared variables that a function, and the comprehensions in it, refer to.

        Args:
            code: Of a module, a function or a class. Where it is unknown, all its cells count as shared.
        """
        known = self.cells.get(key_of(code))
        return known if known is not None else frozenset(code.co_cellvars + code.co_freevars)


def is_comprehension(code: CodeType) -> bool:
    """Whether later versions of Python compile this into the code around it."""
    return code.co_name in _COMPREHENSIONS


def shared_names(module: CodeType, bindings: Bindings) -> SharedNames:
    """Find the shared names in the code of a whole module.

    Args:
        module: The module's code, compiled from its source and not yet rewritten.
        bindings: What is bound in that source.
    """
    scopes = list(_tree(_Scope(module)))
    referred = {name for scope in scopes if scope.is_function for name in scope.globals}
    rebound = {name for name, times in bindings.globals().items() if times >= AGAIN}
    cells: dict[ScopeKey, set[str]] = {scope.key: set() for scope in scopes}
    for owner in scopes:
        for name in owner.cells():
            if _is_shared(owner, name, bindings):
                for scope in (owner, *owner.capturers(name)):
                    cells[scope.key].add(name)
    return SharedNames(frozenset(rebound & referred), {key: frozenset(names) for key, names in cells.items()})


class _Scope:
    """A module, function or class, and the comprehensions in it, if they have code of their own.

    Attributes:
        inner: The functions and classes that it makes.
        globals: What it refers to.
    """

    def __init__(self, code: CodeType) -> None:
        self.key = key_of(code)
        self.is_function = bool(code.co_flags & _IS_FUNCTION)
        self.codes = [code]
        self.inner: list[_Scope] = []
        self.globals: set[str] = set()
        for part in self.codes:  # grows while we go
            self._read(part)

    def _read(self, code: CodeType) -> None:
        """Note what instructions refer to; some versions keep constants that none does."""
        for opcode, argument in _operations(code):
            if opcode == _LOAD_GLOBAL:
                self.globals.add(code.co_names[argument >> 1])  # the last bit is for calls
            elif opcode in _GLOBAL_STORES:
                self.globals.add(code.co_names[argument])
            elif opcode == _LOAD_CONST and isinstance(constant := code.co_consts[argument], CodeType):
                if is_comprehension(constant):
                    self.codes.append(constant)
                else:
                    self.inner.append(_Scope(constant))

    def cells(self) -> set[str]:
        """Its own variables that other code refers to; those of the compiler (``__class__``) aside."""
        return {name for code in self.codes for name in code.co_cellvars if not name.startswith(("__", "."))}

    def capturers(self, name: str) -> Iterator[_Scope]:
        """The scopes inside that refer to its variable."""
        for scope in self.inner:
            if name in scope.codes[0].co_freevars:
                yield scope
                yield from scope.capturers(name)


def _is_shared(owner: _Scope, name: str, bindings: Bindings) -> bool:
    if bindings.is_ambiguous(owner.key, name):
        return False
    capturers = list(owner.capturers(name))
    if not any(scope.is_function for scope in capturers):
        return False
    if any(name in bindings.nonlocals.get(scope.key, ()) for scope in capturers):
        return True
    return bindings.times(owner.key, name) >= AGAIN


def _operations(code: CodeType) -> Iterator[tuple[int, int]]:
    """Opcode and argument of each instruction: ten times as fast as `dis`, which explains them, too."""
    extended = 0
    raw = code.co_code
    for opcode, argument in zip(raw[::2], raw[1::2], strict=True):
        argument |= extended
        extended = argument << 8 if opcode == dis.EXTENDED_ARG else 0
        yield opcode, argument


def _tree(scope: _Scope) -> Iterator[_Scope]:
    yield scope
    for inner in scope.inner:
        yield from _tree(inner)
