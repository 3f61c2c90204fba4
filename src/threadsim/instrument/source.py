"""The text of source files as syntax trees: each file is read and parsed once.

Names and sites are looked up here, never in bytecode, which rewriting changes.
"""

from __future__ import annotations

import ast
import linecache
from functools import cache

Position = tuple[int, int]
"""Line, counted from 1, and column, counted from 0 in UTF-8 bytes."""

Range = tuple[int, int, int, int]
"""Line, end line, column, end column: the order of ``CodeType.co_positions()``."""


class Source:
    """The syntax tree of a file, its nodes found by where they stand."""

    def __init__(self, tree: ast.Module) -> None:
        self._parents: dict[ast.AST, ast.AST] = {}
        self._ending: dict[Position, list[ast.expr]] = {}
        self._withs: dict[tuple[int | None, ...], ast.With | ast.AsyncWith] = {}
        self._parts: dict[tuple[int | None, ...], ast.expr] = {}
        for node in ast.walk(tree):
            for child in ast.iter_child_nodes(node):
                self._parents[child] = node
            if isinstance(node, ast.expr):
                self._ending.setdefault((node.end_lineno or 0, node.end_col_offset or 0), []).append(node)
            elif isinstance(node, ast.With | ast.AsyncWith):
                self._withs[range_of(node)] = node
            part = _part_that_fails(node)
            if part is not None and isinstance(node, ast.expr | ast.stmt):
                self._parts[range_of(node)] = part

    def parent(self, node: ast.AST) -> ast.AST | None:
        """The node that holds this one, None for the module."""
        return self._parents.get(node)

    def ending_at(self, position: Position) -> list[ast.expr]:
        """The expressions whose last character stands there, outer ones first."""
        return self._ending.get(position, [])

    def part_that_fails(self, place: tuple[int | None, ...]) -> ast.expr | None:
        """What of a statement or comprehension that covers exactly this range it is that raises.

        The test of an ``assert`` (3.12 alone has the whole); what a loop goes through (3.13 alone has this).
        """
        return self._parts.get(place)

    def with_statement(self, place: tuple[int | None, ...]) -> ast.With | ast.AsyncWith | None:
        """The ``with`` statement that covers exactly this range."""
        return self._withs.get(place)


def _part_that_fails(node: ast.AST) -> ast.expr | None:
    match node:
        case ast.Assert(test=test):
            return test
        case ast.For(iter=through) | ast.AsyncFor(iter=through):
            return through
        case ast.ListComp(generators=[loop]) | ast.SetComp(generators=[loop]):
            return loop.iter
        case ast.DictComp(generators=[loop]) | ast.GeneratorExp(generators=[loop]):
            return loop.iter
    return None


def range_of(node: ast.expr | ast.stmt) -> Range:
    """Where a node stands, as `CodeType.co_positions` would say it."""
    return node.lineno, node.end_lineno or 0, node.col_offset, node.end_col_offset or 0


@cache
def source_of(file: str) -> Source | None:
    """The source in a file, by its `co_filename`; None if there is none or it cannot be parsed."""
    try:
        return Source(ast.parse("".join(linecache.getlines(file))))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def forget() -> None:
    """Read the files again the next time: they may have changed."""
    source_of.cache_clear()
    linecache.checkcache()
