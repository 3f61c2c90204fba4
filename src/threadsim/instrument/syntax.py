"""What only the syntax tree of a module tells about its code, read once and found by position.

The position of an instruction differs between versions (the begin of a loop has that of the loop before 3.13,
that of what it iterates over since), and which load is the callee of which call is in no instruction at all.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import attrs

from threadsim.instrument.source import Position, Range, range_of


@attrs.frozen(slots=True)
class Syntax:
    """Where what stands in a module.

    Attributes:
        calls: Where the callee of a call ends, and where the call does.
        iterables: For each loop and comprehension, what it iterates over.
        ranges: The iterables that are calls of `range`.
        operands: What is tested first for the truth of ``not …``, ``… and …``, ``… or …``, ``(… := …)``.
        slices: The subscripts whose key is a slice.
    """

    calls: dict[Position, Position] = attrs.field(factory=dict)
    iterables: dict[Range, tuple[Range, ...]] = attrs.field(factory=dict)
    ranges: set[Range] = attrs.field(factory=set)
    operands: dict[Range, Range] = attrs.field(factory=dict)
    slices: set[Range] = attrs.field(factory=set)


def syntax_of(tree: ast.Module) -> Syntax:
    """Read what is needed from the tree of a module."""
    syntax = Syntax()
    for node in walk(tree):
        match node:
            case ast.Call(func=callee):
                syntax.calls[_end(callee)] = _end(node)
            case ast.Subscript(slice=ast.Slice()):
                syntax.slices.add(range_of(node))
            case ast.UnaryOp(op=ast.Not(), operand=operand) | ast.BoolOp(values=[operand, *_]):
                syntax.operands[range_of(node)] = range_of(operand)
            case ast.NamedExpr():
                syntax.operands[range_of(node)] = range_of(node.value)
            case ast.For():
                _add_iterables(syntax, node, [node.iter])
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                _add_iterables(syntax, node, [generator.iter for generator in node.generators])
    return syntax


def _end(node: ast.expr) -> Position:
    return node.end_lineno or 0, node.end_col_offset or 0


def walk(tree: ast.AST) -> Iterator[ast.AST]:
    """A node and all below it; unlike `ast.walk` it imports nothing, which may just be under way."""
    nodes = [tree]
    while nodes:
        node = nodes.pop()
        yield node
        nodes.extend(ast.iter_child_nodes(node))


def _add_iterables(syntax: Syntax, loop: ast.stmt | ast.expr, iterables: list[ast.expr]) -> None:
    syntax.iterables[range_of(loop)] = tuple(map(range_of, iterables))
    for iterable in iterables:
        match iterable:
            case ast.Call(func=ast.Name(id="range")):
                syntax.ranges.add(range_of(iterable))
