"""What the handlers of single instructions share while one code object is rewritten."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import CodeType

import attrs
from bytecode import Instr
from bytecode.instr import InstrLocation

from threadsim.instrument.access import Access, Hooks, Namespace
from threadsim.instrument.insertion import Cell, call, callee_depth, keywords_on_stack
from threadsim.instrument.shared import SharedNames
from threadsim.instrument.sites import file_name
from threadsim.model.event import Kind
from threadsim.model.site import Site


@attrs.frozen(slots=True)
class ModuleView:
    """What holds for all code of one module.

    Attributes:
        shared: Its names that are shared state.
        assigned: All names that it assigns at its level: a builtin of that name is not the builtin.
    """

    namespace: Namespace
    shared: SharedNames = SharedNames()  # noqa: RUF009 - frozen
    assigned: frozenset[str] = frozenset()


@attrs.frozen(slots=True)
class IteratedIn:
    """What a ``for`` iterates over: where that stands, and whether it is a plain ``range(…)``."""

    location: InstrLocation | None
    is_range: bool


@attrs.frozen(slots=True)
class Call:
    """A call about to be made, its callee and arguments on the stack.

    Attributes:
        name: Of the callee.
        arguments: How many there are, those by keyword included.
        on_top: How many values lie on top of the arguments.
    """

    name: str
    arguments: int
    on_top: int
    location: InstrLocation | None

    @property
    def callee_depth(self) -> int:
        """How deep in the stack the callee lies; 1 is the top."""
        return callee_depth(self.arguments, self.on_top)


@attrs.frozen(slots=True)
class _ExpectedCall:
    """A callee that was loaded, whose call comes later; `before` makes what goes in front of that."""

    start: tuple[int | None, int | None]
    name: str
    before: Callable[[Passage, Call], list[Instr]]


@attrs.define(slots=True)
class Passage:
    """The passage through one code object, instruction by instruction.

    Attributes:
        cells: The shared cells among its variables.
        previous: The instruction before the present one, None if a jump may arrive between them.
        following: The one after it.
        made_call: The callee's name, if the previous instruction made a call that was expected.
        iterated: What the next step of a ``for`` iterates over.
        iterated_elsewhere: What generators and comprehensions made here iterate over, by id of their code.
        last_code: The code of the function that was made last, until its iterable is known.
    """

    code: CodeType
    function: str
    at_module_level: bool
    view: ModuleView
    hooks: Hooks
    cells: frozenset[str]
    iterated: IteratedIn | None = None
    previous: Instr | None = None
    following: Instr | None = None
    made_call: str = ""
    iterated_elsewhere: dict[int, IteratedIn] = attrs.field(factory=dict)
    last_code: CodeType | None = None
    _expected: list[_ExpectedCall] = attrs.field(factory=list)

    def call(
        self,
        hook: Callable[..., None],
        arguments: Sequence[int | Cell],
        kind: Kind,
        name: str,
        location: InstrLocation | None,
    ) -> list[Instr]:
        """The instructions of one hook's call, for an access at `location`."""
        access = Access(kind, name, self._site(location), self.view.namespace)
        return call(hook, arguments, access, location)

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

    def expect_call(self, callee: Instr, name: str, before: Callable[[Passage, Call], list[Instr]]) -> None:
        """Have `before` make what goes in front of the call of the callee that is loaded here.

        The call is known by its range: it begins where its callee's does, and the ranges of the calls
        among its arguments begin later.
        """
        self._expected.append(_ExpectedCall(_start(callee.location), name, before))

    def begin_call(self, instruction: Instr) -> list[Instr]:
        """What goes in front of a call, if its callee was expected; its name is then `made_call`."""
        self.made_call = ""
        call = instruction if instruction.name != "KW_NAMES" else self.following
        if call is None:
            return []
        start = _start(call.location)
        for index in range(len(self._expected) - 1, -1, -1):
            expected = self._expected[index]
            if expected.start == start:
                del self._expected[index:]
                self.made_call = expected.name
                values = Call(expected.name, call.arg, keywords_on_stack(call), call.location)
                return expected.before(self, values)
        return []


def _start(location: InstrLocation | None) -> tuple[int | None, int | None]:
    return (None, None) if location is None else (location.lineno, location.col_offset)


Handler = Callable[[Passage, Instr], list[Instr]]
"""Gives the instructions that take the place of one: usually a hook's call and the instruction itself."""

