"""What the handlers of single instructions share while one code object is rewritten."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Sequence
from types import CodeType
from typing import Self

import attrs
from bytecode import Instr
from bytecode.instr import InstrLocation

from threadsim.instrument.access import Access, Hooks, Namespace
from threadsim.instrument.bindings import bindings_of
from threadsim.instrument.insertion import Call, Cell, call, call_made_by, iterable_has_place
from threadsim.instrument.shared import SharedNames, shared_names
from threadsim.instrument.sites import file_name
from threadsim.instrument.source import Position, Range
from threadsim.instrument.syntax import Syntax, syntax_of
from threadsim.model.event import Kind
from threadsim.model.site import Site


@attrs.frozen(slots=True)
class ModuleView:
    """What holds for all code of one module.

    Attributes:
        shared: Its names that are shared state.
        assigned: All names that it assigns at its level: a builtin of that name is not the builtin.
        syntax: What only its syntax tree tells.
    """

    namespace: Namespace
    shared: SharedNames = SharedNames()  # noqa: RUF009 - frozen
    assigned: frozenset[str] = frozenset()
    syntax: Syntax = attrs.field(factory=Syntax)

    @classmethod
    def of(cls, file: str, code: CodeType, tree: ast.Module) -> Self:
        """What holds for a module.

        Args:
            file: Where it comes from.
            code: The code of the module, not yet rewritten.
            tree: What it was compiled from.
        """
        bindings = bindings_of(tree)
        shared = shared_names(code, bindings)
        return cls(Namespace(file), shared, frozenset(bindings.globals()), syntax_of(tree))


Before = Callable[["Passage", str, Call, InstrLocation], list[Instr]]
"""Makes what goes in front of a call, given the callee's name and where the call stands."""


@attrs.frozen(slots=True)
class _ExpectedCall:
    """A callee that was loaded, whose call comes later; `before` makes what goes in front of that."""

    callee: InstrLocation
    name: str
    before: Before


@attrs.define(slots=True)
class Passage:
    """The passage through one code object, instruction by instruction.

    Attributes:
        cells: The shared cells among its variables.
        present: The instruction that is looked at.
        previous: The one before it, None if a jump may arrive between them.
        following: The one after it.
        made_call: The callee's name, if the previous instruction made a call that was expected.
        loops: How many ``for`` of each loop or comprehension were passed, by its range.
        is_changed: Whether anything was inserted.
    """

    code: CodeType
    function: str
    at_module_level: bool
    view: ModuleView
    hooks: Hooks
    cells: frozenset[str]
    present: Instr | None = None
    previous: Instr | None = None
    following: Instr | None = None
    made_call: str = ""
    loops: Counter[Range] = attrs.field(factory=Counter)
    is_changed: bool = False
    _expected: dict[Position, _ExpectedCall] = attrs.field(factory=dict)

    def call(
        self,
        hook: Callable[..., None],
        arguments: Sequence[int | Cell],
        kind: Kind,
        name: str,
        location: InstrLocation | None,
    ) -> list[Instr]:
        """The instructions of one hook's call, for an access at `location`.

        They stand where the present instruction does, so that no line is passed which was not before.
        """
        self.is_changed = True
        access = Access(kind, name, self._site(location), self.view.namespace)
        return call(hook, arguments, access, None if self.present is None else self.present.location)

    def _site(self, location: InstrLocation | None) -> Site:
        file = file_name(self.view.namespace.file)
        if location is None or location.lineno is None:
            return Site(file, self.code.co_firstlineno, function=self.function)
        return Site(
            file,
            location.lineno,
            location.col_offset or 0,
            location.end_lineno or location.lineno,
            location.end_col_offset or 0,
            self.function,
        )

    def expect_call(self, callee: Instr, name: str, before: Before) -> bool:
        """Have `before` make what goes in front of the call of the callee that is loaded here.

        Returns:
            False if what is loaded here is not called.
        """
        location = callee.location
        call_end = None if location is None else self.view.syntax.calls.get(_end(location))
        if location is None or call_end is None:
            return False
        self._expected[call_end] = _ExpectedCall(location, name, before)
        return True

    def begin_call(self, instruction: Instr) -> list[Instr]:
        """What goes in front of a call, if its callee was expected; its name is then `made_call`.

        The end of a function may be duplicated by the compiler, so a call can come more than once.
        """
        call = call_made_by(self.previous, instruction, self.following)
        if call is None:
            return []
        self.made_call = ""
        location = call.location
        if location is None or (call.is_plain and not _is_inside(self.previous, location)):
            return []
        expected = self._expected.get(_end(location))
        if expected is None or _start(location) > _start(expected.callee):
            return []  # a generator that is the only argument ends where the call does
        self.made_call = expected.name
        start = expected.callee  # in a chain over several lines a call may begin at its last name, or not
        place = InstrLocation(start.lineno, location.end_lineno, start.col_offset, location.end_col_offset)
        return expected.before(self, expected.name, call, place)

    def iterable(self, instruction: Instr) -> InstrLocation | None:
        """Where that stands which a ``for`` iterates over.

        Args:
            instruction: Begins or steps the iteration.
        """
        location = instruction.location
        if location is None or iterable_has_place():
            return location
        place = range_at(location)
        iterables = self.view.syntax.iterables.get(place)
        if iterables is None:
            return location
        number = self.loops[place] % len(iterables)  # a ``finally`` is compiled more than once
        line, end_line, column, end_column = iterables[number]
        return InstrLocation(line, end_line, column, end_column)

    def enter_loop(self, instruction: Instr) -> None:
        """Pass the step of a ``for``; what is inside of it belongs to the next one of a comprehension."""
        if instruction.location is not None:
            self.loops[range_at(instruction.location)] += 1


def range_at(location: InstrLocation) -> Range:
    """The range of an instruction."""
    lines = location.lineno or 0, location.end_lineno or 0
    return *lines, location.col_offset or 0, location.end_col_offset or 0


def _start(location: InstrLocation) -> Position:
    return location.lineno or 0, location.col_offset or 0


def _end(location: InstrLocation) -> Position:
    return location.end_lineno or 0, location.end_col_offset or 0


def _is_inside(argument: Instr | None, call: InstrLocation) -> bool:
    """Whether an instruction can be the one that a call in the source comes after.

    The compiler makes calls, too, that have the range of a call: of a decorator, and of a ``with`` item's
    ``__exit__``. They come after something that stands elsewhere, or for the call as a whole.
    """
    if argument is None or argument.location is None or argument.location.lineno is None:
        return True
    inner, outer = range_at(argument.location), range_at(call)
    begins_inside = _start(argument.location) >= _start(call)
    return inner != outer and begins_inside and _end(argument.location) <= _end(call)


Handler = Callable[[Passage, Instr], list[Instr]]
"""Gives the instructions that take the place of one: usually a hook's call and the instruction itself."""
