"""How often each scope of a module may bind each name, read from its syntax tree.

Bytecode cannot tell: where it jumps, what it moves out of the way and what it duplicates (a ``finally``,
the end of a function) differs between versions. The count is that of the longest way through the scope: of
branches that exclude each other one is taken, and what stands in a loop is bound again.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import CodeType

import attrs

from threadsim.instrument.syntax import walk

AGAIN = 2
"""How often something is bound, at least, that is bound in a loop or by whoever calls a function."""

ScopeKey = tuple[str, int]
"""Name and first line of a function or class: finds it again in code that was compiled another time."""

_MODULE: ScopeKey = ("<module>", 1)
_BRANCHING = (ast.If, ast.Match, ast.Try, ast.TryStar)
_COMPOUND = (*_BRANCHING, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith)


def key_of(code: CodeType) -> ScopeKey:
    """The key of the scope that a code object was compiled from."""
    return _MODULE if code.co_name == "<module>" else (code.co_name, code.co_firstlineno)


@attrs.define(slots=True)
class Bindings:
    """What the scopes of a module bind.

    Attributes:
        scopes: For each scope, how often it binds its names; two scopes of one name and line are one.
        targets: For each scope, what the comprehensions in it iterate with: names of their own.
        captured: For each scope, those of `targets` that functions in the comprehensions refer to.
        nonlocals: For each scope, the variables of functions around it that it binds.
        by_functions: The globals that functions bind, by a ``global`` statement.
    """

    scopes: dict[ScopeKey, Counter[str]] = attrs.field(factory=dict)
    targets: dict[ScopeKey, set[str]] = attrs.field(factory=dict)
    captured: dict[ScopeKey, set[str]] = attrs.field(factory=dict)
    nonlocals: dict[ScopeKey, set[str]] = attrs.field(factory=dict)
    by_functions: set[str] = attrs.field(factory=set)

    def times(self, key: ScopeKey, name: str) -> int:
        """How often a scope, or a comprehension in it, binds a name."""
        in_scope = self.scopes.get(key, Counter())[name]
        return in_scope + (AGAIN if name in self.targets.get(key, ()) else 0)

    def is_ambiguous(self, key: ScopeKey, name: str) -> bool:
        """Whether functions refer to a comprehension's variable, and the scope binds the name, too."""
        return name in self.captured.get(key, ()) and self.scopes[key][name] > 0

    def globals(self) -> Counter[str]:
        """How often each global is bound."""
        total = self.scopes[_MODULE].copy()
        for name in self.by_functions:
            total[name] += AGAIN
        return total


def bindings_of(tree: ast.Module) -> Bindings:
    """Count what a module binds."""
    binder = _Binder()
    with binder.scope(_MODULE):
        binder.visit_all(tree.body)
    return binder.result


class _Binder(ast.NodeVisitor):
    """Walks the tree; the attributes are those of the place where it is.

    Attributes:
        counts: What was bound on the way here, in the present scope.
        times: How often the present place is come to, once or `AGAIN`.
        key: Of the present scope.
        targets: Of comprehensions in it.
        iterating: Those of the comprehensions that the place is in.
        around: The same for the scope in whose comprehension the present function is, and that scope.
        declared: Names that are global here.
        private: The class whose private names (``__name``) are meant, if in one.
    """

    def __init__(self) -> None:
        self.result = Bindings()
        self.counts: Counter[str] = Counter()
        self.times = 1
        self.key = _MODULE
        self.targets: set[str] = set()
        self.iterating: frozenset[str] = frozenset()
        self.around: tuple[ScopeKey, frozenset[str]] = (_MODULE, frozenset())
        self.declared: set[str] | None = None  # at module level, where it means nothing
        self.private = ""

    def visit_all(self, nodes: Sequence[ast.AST | None]) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)

    @contextmanager
    def scope(self, key: ScopeKey) -> Iterator[None]:
        """A scope of its own begins."""
        outer = self.key, self.counts, self.times, self.targets, self.declared, self.iterating, self.around
        if self.iterating:
            self.around = self.key, self.iterating
        self.key, self.counts, self.times, self.iterating = key, Counter(), 1, frozenset()
        self.targets = self.result.targets.setdefault(key, set())
        self.declared = None if key == _MODULE else set()
        yield
        known = self.result.scopes.get(key, Counter())
        self.result.scopes[key] = known | self.counts
        self.key, self.counts, self.times, self.targets, self.declared, self.iterating, self.around = outer

    def bind(self, name: str, times: int = 1) -> None:
        name = self.mangled(name)
        if self.declared is not None and name in self.declared:
            self.result.by_functions.add(name)
        else:
            self.counts[name] += times * self.times

    def mangled(self, name: str) -> str:
        """The name that the compiler gives a private one."""
        if name.startswith("__") and not name.endswith("__") and (owner := self.private.lstrip("_")):
            return f"_{owner}{name}"
        return name

    @contextmanager
    def loop(self) -> Iterator[None]:
        times, self.times = self.times, AGAIN
        yield
        self.times = times

    def counted(self, nodes: Sequence[ast.AST]) -> Counter[str]:
        """What some statements bind, for themselves."""
        around, self.counts = self.counts, Counter()
        self.visit_all(nodes)
        counts, self.counts = self.counts, around
        return counts

    def either(self, *ways: Counter[str]) -> None:
        """Add that way of several which binds most; name by name."""
        most: Counter[str] = Counter()
        for way in ways:
            most |= way
        self.counts += most

    # Scopes.

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.bind(node.name)
        self.visit_all(node.decorator_list)
        self.function((node.name, _first_line(node)), node.args, node.body)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815 - named after the node

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.function(("<lambda>", node.lineno), node.args, [node.body])

    def function(self, key: ScopeKey, args: ast.arguments, body: Sequence[ast.AST]) -> None:
        self.visit_all(args.defaults)
        self.visit_all(args.kw_defaults)
        with self.scope(key):
            for parameter in (*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg):
                if parameter is not None:
                    self.bind(parameter.arg)
            self.visit_all(body)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.bind(node.name)
        self.visit_all([*node.decorator_list, *node.bases, *node.keywords])
        private, self.private = self.private, node.name
        with self.scope((node.name, _first_line(node))):
            self.visit_all(node.body)
        self.private = private

    def visit_Global(self, node: ast.Global) -> None:
        if self.declared is not None:
            self.declared.update(map(self.mangled, node.names))

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        self.result.nonlocals.setdefault(self.key, set()).update(map(self.mangled, node.names))

    # Comprehensions: the names they iterate with are theirs; what ``:=`` binds is the scope's around them.

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        self.visit(node.generators[0].iter)
        iterating = self.iterating
        self.iterating |= {self.mangled(name) for g in node.generators for name in _names(g.target)}
        with self.loop():
            for index, generator in enumerate(node.generators):
                self.targets.update(self.mangled(name) for name in _names(generator.target))
                self.visit_all(generator.ifs if index == 0 else [generator.iter, *generator.ifs])
            if isinstance(node, ast.DictComp):
                self.visit_all([node.key, node.value])
            else:
                self.visit(node.elt)
        self.iterating = iterating

    visit_SetComp = visit_DictComp = visit_ListComp  # noqa: N815

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        around = self.targets
        self.targets = self.result.targets.setdefault(("<genexpr>", node.lineno), set())
        self.visit_ListComp(node)
        self.targets = around

    # Ways through.

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        self.either(self.counted(node.body), self.counted(node.orelse))

    def visit_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        for case in node.cases:  # a pattern that does not match may have bound something
            self.visit_all([case.pattern, case.guard])
        self.either(*(self.counted(case.body) for case in node.cases))

    def visit_Try(self, node: ast.Try) -> None:
        """A handler comes after a part of the body. A simple statement that failed has bound nothing."""
        body, last = self.counted(node.body[:-1]), self.counted(node.body[-1:])
        failed = body + last if isinstance(node.body[-1], _COMPOUND) else body
        handlers = [failed + self.counted([handler]) for handler in node.handlers]
        self.either(body + last + self.counted(node.orelse), *handlers)
        self.visit_all(node.finalbody)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        with self.loop():
            self.visit_all([node.target, *node.body])
        self.visit_all(node.orelse)

    visit_AsyncFor = visit_For  # noqa: N815

    def visit_While(self, node: ast.While) -> None:
        with self.loop():
            self.visit_all([node.test, *node.body])
        self.visit_all(node.orelse)

    # Single bindings.

    def visit_Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load):
            self.bind(node.id)
        elif self.mangled(node.id) in self.around[1]:
            self.result.captured.setdefault(self.around[0], set()).add(self.mangled(node.id))

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit_all([node.target, node.value])

    def visit_alias(self, node: ast.alias) -> None:
        if node.name != "*":
            self.bind(node.asname or node.name.partition(".")[0])

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name is not None:
            self.bind(node.name, AGAIN)  # and deleted at its end
        self.visit_all([node.type, *node.body])

    def visit_MatchAs(self, node: ast.MatchAs | ast.MatchStar) -> None:
        if node.name is not None:
            self.bind(node.name)
        self.generic_visit(node)

    visit_MatchStar = visit_MatchAs  # noqa: N815

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        if node.rest is not None:
            self.bind(node.rest)
        self.generic_visit(node)


def _first_line(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    """Where its code begins: at the first decorator."""
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def _names(target: ast.expr) -> Iterator[str]:
    for node in walk(target):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
