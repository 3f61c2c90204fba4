"""Which names of a module can be shared state at all: decided once, from its code.

A global is an access only if something rebinds it and some function refers to it; functions, classes,
imported modules and constants are bound once and never are. A closure cell is an access only if it is
stored more than once. Comprehensions count as part of the function they stand in: from 3.12 on they are
compiled into it (PEP 709), and the scheduling points must be the same on 3.11.
"""

from __future__ import annotations

import dis
from collections import Counter
from collections.abc import Iterator
from types import CodeType

import attrs

_COMPREHENSIONS = frozenset({"<listcomp>", "<setcomp>", "<dictcomp>"})
_GLOBAL_STORES = frozenset({"STORE_GLOBAL", "DELETE_GLOBAL"})
_GLOBAL_LOADS = frozenset({"LOAD_GLOBAL"})
_NAME_STORES = frozenset({"STORE_NAME", "DELETE_NAME"})
_CELL_STORES = frozenset({"STORE_DEREF", "DELETE_DEREF"})
_AGAIN = 2  # a store in a loop happens more than once

FunctionKey = tuple[str, int]
"""Qualified name and first line: finds a function again in code that was compiled another time."""


@attrs.frozen(slots=True)
class SharedNames:
    """The names of one module that are shared state.

    Attributes:
        globals: Module-level names that are rebound and that functions refer to.
        cells: For each function, those of its cell and free variables that are stored more than once.
    """

    globals: frozenset[str] = frozenset()
    cells: dict[FunctionKey, frozenset[str]] = attrs.field(factory=dict)

    def cells_of(self, code: CodeType) -> frozenset[str]:
        """The shared cells that `code` refers to; of unknown code, all that it has."""
        known = self.cells.get(key_of(code))
        return known if known is not None else frozenset(code.co_cellvars + code.co_freevars)


def key_of(code: CodeType) -> FunctionKey:
    """What names a function in its module."""
    return code.co_qualname, code.co_firstlineno


def is_comprehension(code: CodeType) -> bool:
    """Whether later versions of Python compile this into the code around it."""
    return code.co_name in _COMPREHENSIONS


def shared_names(module: CodeType) -> SharedNames:
    """Find the shared names in the code of a whole module.

    Args:
        module: The module's code, compiled from its source and not yet rewritten.
    """
    stores: Counter[str] = Counter()
    referred: set[str] = set()
    for code, at_module_level in _with_level(module, True):
        for name, opname, times in _operations(code):
            if opname in _GLOBAL_STORES or (at_module_level and opname in _NAME_STORES and code is module):
                stores[name] += times if at_module_level else _AGAIN
            if not at_module_level and (opname in _GLOBAL_STORES or opname in _GLOBAL_LOADS):
                referred.add(name)
    cells: dict[FunctionKey, set[str]] = {}
    for code in _tree(module):
        cells.setdefault(key_of(code), set())
    for owner in _tree(module):
        for name in owner.co_cellvars:
            if _is_shared_cell(owner, name):
                for code in _sharers(owner, name):
                    cells[key_of(code)].add(name)
    return SharedNames(
        frozenset(name for name, count in stores.items() if count >= _AGAIN and name in referred),
        {key: frozenset(names) for key, names in cells.items()},
    )


def _nested(code: CodeType) -> Iterator[CodeType]:
    return (constant for constant in code.co_consts if isinstance(constant, CodeType))


def _tree(code: CodeType) -> Iterator[CodeType]:
    yield code
    for inner in _nested(code):
        yield from _tree(inner)


def _with_level(code: CodeType, at_module_level: bool) -> Iterator[tuple[CodeType, bool]]:
    """Each code object, and whether it runs as part of the module's own statements."""
    yield code, at_module_level
    for inner in _nested(code):
        yield from _with_level(inner, at_module_level and is_comprehension(inner))


def _operations(code: CodeType) -> Iterator[tuple[str, str, int]]:
    """Name, opcode and how often it runs at least (2 in a loop) of what a code object does to names."""
    instructions = list(dis.get_instructions(code))
    loops = [
        (i.argval, i.offset)
        for i in instructions
        if i.opcode in (*dis.hasjrel, *dis.hasjabs) and i.argval <= i.offset
    ]
    for i in instructions:
        if isinstance(i.argval, str):
            in_loop = any(start <= i.offset <= end for start, end in loops)
            yield i.argval, i.opname, _AGAIN if in_loop else 1


def _is_shared_cell(owner: CodeType, name: str) -> bool:
    if name.startswith("__") or all(is_comprehension(code) for code in _capturers(owner, name)):
        return False
    parameters = owner.co_argcount + owner.co_kwonlyargcount + bool(owner.co_flags & 4) + bool(owner.co_flags & 8)
    stores = 1 if name in owner.co_varnames[:parameters] else 0
    for code in _sharers(owner, name):
        stores += sum(times for stored, opname, times in _operations(code) if stored == name and opname in _CELL_STORES)
    return stores >= _AGAIN


def _capturers(owner: CodeType, name: str) -> Iterator[CodeType]:
    """The code objects below `owner` that refer to its variable; seen through comprehensions."""
    for inner in _nested(owner):
        if name in inner.co_freevars:
            yield inner
            yield from _capturers(inner, name)


def _sharers(owner: CodeType, name: str) -> Iterator[CodeType]:
    yield owner
    yield from _capturers(owner, name)
