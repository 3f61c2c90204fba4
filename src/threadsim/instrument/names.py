"""What the program's own source calls its objects: ``lock``, ``Account._lock``, ``LOCKS['a']``.

Read from the syntax tree of the file, found by the position of the running instruction. Nothing here raises
for a source that is missing or odd: then there is no name.
"""

from __future__ import annotations

import ast
from types import CodeType, FrameType

import attrs

from threadsim.instrument.sites import site_at
from threadsim.instrument.source import Source, source_of
from threadsim.model.site import Site

_COMPREHENSIONS = frozenset({"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"})
_ADDING = frozenset({"append", "appendleft", "add", "insert", "setdefault"})  # methods that keep an argument
_CONTAINERS = frozenset({"tuple", "list", "set", "frozenset", "dict", "deque"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SCOPES = (*_FUNCTIONS, ast.ClassDef, ast.Lambda)


@attrs.frozen(slots=True)
class SourceName:
    """A name that the source gives.

    Attributes:
        text: ``lock``; ``Account._lock`` for an attribute of `self` (the class is the one whose source
            it is); ``locks[]`` for one of several that a loop or a comprehension makes.
        owner: The `self` whose attribute it is, so that a caller can tell instances apart; None if it is
            no attribute of `self`, and when `self` is not to be had.
    """

    text: str
    owner: object | None = None


def name_of_new(frame: FrameType) -> SourceName | None:
    """The name of the object that a call makes, from the assignment around the call.

    Args:
        frame: The frame that is executing the call.

    Returns:
        None where the source gives no name: a factory's return value, an argument without a keyword.
    """
    source = source_of(frame.f_code.co_filename)
    call = _call_at(source, site_at(frame.f_code, frame.f_lasti)) if source is not None else None
    if source is None or call is None:
        return None
    return _Namer(source, frame).of_new(call)


def name_of_receiver(frame: FrameType, site: Site | None = None) -> SourceName | None:
    """The name of the object that the running instruction does something to.

    ``self._lock.acquire()`` and ``with self._lock:`` give ``Account._lock``, ``counts['a'] += 1``
    gives ``counts``, ``items.append(x)`` gives ``items``, ``len(items)`` likewise; reading or writing an
    attribute gives the attribute, ``Account.balance``.

    Args:
        frame: The frame that does it.
        site: Where it does it, if not at the frame's present instruction.
    """
    source = source_of(frame.f_code.co_filename)
    place = site_at(frame.f_code, frame.f_lasti) if site is None else site
    node = _expression_at(source, place) if source is not None else None
    if source is None or node is None:
        return None
    return _Namer(source, frame).of(_receiver(node))


def name_at(code: CodeType, site: Site) -> str | None:
    """The text of what `name_of_receiver` gives, for a frame that is gone.

    Args:
        code: What ran in it.
        site: Where it did something to the object.
    """
    source = source_of(code.co_filename)
    node = _expression_at(source, site) if source is not None else None
    name = _Namer(source, None).of(_receiver(node)) if source is not None and node is not None else None
    return None if name is None else name.text


def _call_at(source: Source, site: Site) -> ast.Call | None:
    """The call that ends where the site ends (where it begins may differ: CPython puts the site of a chain
    of methods over several lines at the last method's name).
    """
    nodes = source.ending_at((site.end_line, site.end_column))
    return next((node for node in nodes if isinstance(node, ast.Call)), None)


def _expression_at(source: Source, site: Site) -> ast.expr | None:
    nodes = source.ending_at((site.end_line, site.end_column))
    for node in nodes:
        if (node.lineno, node.col_offset) == (site.line, site.column):
            return node
    return next((node for node in nodes if isinstance(node, ast.Call | ast.Attribute)), None)


def _receiver(node: ast.expr) -> ast.expr:
    match node:
        case ast.Call(func=ast.Attribute(value=receiver)):
            return receiver
        case ast.Call(func=ast.Name(), args=[first, *_]):
            return first
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[container]):
            return container
        case ast.Subscript(value=container):
            return container
    return node


class _Namer:
    """Names expressions of one source, as seen from a running frame."""

    def __init__(self, source: Source, frame: FrameType | None) -> None:
        self._source = source
        self._frame = frame

    def of_new(self, node: ast.expr, part: str = "") -> SourceName | None:
        """Climb from a call to what its value is kept in; `part` says where in a container it is."""
        match parent := self._source.parent(node):
            case ast.Tuple() | ast.List() if targets := self._targets(parent):
                return self.of(targets[parent.elts.index(node)], part)
            case ast.Assign(targets=[target, *_]) | ast.AnnAssign(target=target):
                return self.of(target, part)
            case ast.NamedExpr(target=target) | ast.withitem(optional_vars=ast.Name() as target):
                return self.of(target, part)
            case ast.keyword(arg=str(name)):
                return SourceName(name + part)
            case ast.Call(func=ast.Attribute(value=holder, attr=method)) if method in _ADDING:
                return self.of(holder, "[]" + part)
            case ast.expr():
                inner = _part_of(parent, node)
                return None if inner is None else self.of_new(parent, inner + part)
        return None

    def _targets(self, value: ast.Tuple | ast.List) -> list[ast.expr]:
        """What the elements of a display are unpacked into: ``a`` and ``b`` of ``a, b = Lock(), Lock()``."""
        match self._source.parent(value):
            case ast.Assign(targets=[ast.Tuple(elts=targets) | ast.List(elts=targets), *_]):
                plain = not any(isinstance(node, ast.Starred) for node in targets + value.elts)
                return targets if plain and len(targets) == len(value.elts) else []
        return []

    def of(self, node: ast.expr, part: str = "") -> SourceName | None:
        """The name of a variable, an attribute or an element; None for anything else."""
        match node:
            case ast.Name(id=name):
                scope = self._scope(node)
                prefix = f"{self._class_name(scope)}." if isinstance(scope, ast.ClassDef) else ""
                return SourceName(prefix + name + part)
            case ast.Attribute(value=ast.Name(id=holder), attr=name):
                cls = self._class_of_self(node, holder)
                if cls is None:
                    return SourceName(f"{holder}.{name}{part}")
                return SourceName(f"{self._class_name(cls)}.{name}{part}", self._instance(holder))
            case ast.Attribute(value=inner, attr=name):
                return self.of(inner, f".{name}{part}")
            case ast.Subscript(value=inner, slice=key):
                return self.of(inner, _key(key) + part)
        return None

    def _scope(self, node: ast.AST) -> ast.AST | None:
        """The function, class or lambda around a node; None at module level."""
        around = self._source.parent(node)
        while around is not None and not isinstance(around, _SCOPES):
            around = self._source.parent(around)
        return around

    def _class_of_self(self, node: ast.AST, name: str) -> ast.ClassDef | None:
        """The class in whose method `name` is the first parameter: what others call `self`."""
        function = self._scope(node)
        while function is not None:
            if isinstance(function, _FUNCTIONS) and _first_parameter(function) == name:
                cls = self._scope(function)
                return cls if isinstance(cls, ast.ClassDef) else None
            function = self._scope(function)
        return None

    def _class_name(self, cls: ast.ClassDef) -> str:
        outer = self._scope(cls)
        return f"{self._class_name(outer)}.{cls.name}" if isinstance(outer, ast.ClassDef) else cls.name

    def _instance(self, name: str) -> object | None:
        """The object that is `self` in the frame, or in the function whose comprehension it is."""
        frame = self._frame
        while frame is not None and frame.f_code.co_name in _COMPREHENSIONS:
            frame = frame.f_back
        value = frame.f_locals.get(name) if frame is not None else None
        return None if isinstance(value, type) else value


def _part_of(parent: ast.expr, node: ast.expr) -> str | None:
    """Which part of an expression's value comes from `node`: all (an empty text), an element, or None."""
    match parent:
        case ast.IfExp() | ast.BoolOp():
            return ""
        case ast.Call(func=ast.Name(id=name)) if name in _CONTAINERS:
            return ""
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            return f"[{elements.index(node)}]"
        case ast.Dict(keys=keys, values=values) if node in values:
            key = keys[values.index(node)]
            return None if key is None else _key(key)
        case ast.Set() | ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            return "[]"
    return None


def _key(key: ast.expr) -> str:
    return f"[{ast.unparse(key)}]" if isinstance(key, ast.Constant | ast.UnaryOp) else "[]"


def _first_parameter(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str | None:
    parameters = function.args.posonlyargs + function.args.args
    return parameters[0].arg if parameters else None
