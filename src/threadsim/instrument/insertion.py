"""The instructions that call a hook; how a call is laid out differs between versions, and does so here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import attrs
from bytecode import Instr
from bytecode.instr import CellVar, FreeVar, InstrLocation

_CALLABLE_FIRST = sys.version_info >= (3, 13)
_PRECALL = sys.version_info < (3, 12)
_CELL_LOAD = "LOAD_FAST" if sys.version_info >= (3, 13) else "LOAD_CLOSURE"

STACK = 6
"""How many values the call of a hook puts on the stack, at most."""

Cell = CellVar | FreeVar


def call(
    hook: Callable[..., Any],
    arguments: Sequence[int | Cell],
    access: object,
    location: InstrLocation | None,
) -> list[Instr]:
    """Instructions for ``hook(*arguments, access)`` that leave the stack as it was.

    Args:
        hook: Called with the arguments in order, its result dropped.
        arguments: A number is the depth of a value that is on the stack (1 is its top); a cell or free
            variable stands for the cell itself.
        access: The last argument.
        location: Position of the instruction that the call is made for.
    """
    result = _callee(hook, location)
    for pushed, argument in enumerate(arguments, start=len(result)):
        if isinstance(argument, int):
            result.append(Instr("COPY", argument + pushed, location=location))
        else:
            result.append(Instr(_CELL_LOAD, argument, location=location))
    result.append(Instr("LOAD_CONST", access, location=location))
    count = len(arguments) + 1
    if _PRECALL:
        result.append(Instr("PRECALL", count, location=location))
    result.append(Instr("CALL", count, location=location))
    result.append(Instr("POP_TOP", location=location))
    return result


def _callee(hook: Callable[..., Any], location: InstrLocation | None) -> list[Instr]:
    function = Instr("LOAD_CONST", hook, location=location)
    null = Instr("PUSH_NULL", location=location)
    return [function, null] if _CALLABLE_FIRST else [null, function]


def bound_method(name: str, location: InstrLocation | None) -> list[Instr]:
    """Look up a method as a bound one, laid out for a call: what `callee_depth` finds later.

    Method look-ups otherwise leave an unbound method and its object, or NULL and a callable, which code
    cannot tell apart.
    """
    attribute = name if _PRECALL else (False, name)
    load = Instr("LOAD_ATTR", attribute, location=location)
    null = Instr("PUSH_NULL", location=location)
    return [load, null] if _CALLABLE_FIRST else [load, null, Instr("SWAP", 2, location=location)]


def argument_of(instruction: Instr) -> Any:
    """What an instruction is given; of which type that is depends on its name and the version."""
    return instruction.arg


@attrs.frozen(slots=True)
class Call:
    """A call about to be made, its callee and arguments on the stack.

    Attributes:
        arguments: How many values they are, those by keyword included.
        unpacks: Whether they are a tuple, and maybe a dictionary, to be unpacked.
        on_top: How many values lie on top of the arguments.
        location: As the instruction has it.
    """

    arguments: int
    unpacks: bool
    on_top: int
    location: InstrLocation | None

    @property
    def is_plain(self) -> bool:
        """Whether nothing stands between the last argument and the call."""
        return not self.unpacks and self.on_top == 0

    @property
    def callee_depth(self) -> int:
        """How deep in the stack the callee lies; 1 is the top."""
        return self.on_top + self.arguments + (2 if _CALLABLE_FIRST else 1)


def call_made_by(previous: Instr | None, instruction: Instr, following: Instr | None) -> Call | None:
    """The call that is made, if this is the first of the instructions that make one.

    Args:
        previous: The instruction before it.
        instruction: With what it calls on the stack.
        following: The next one.
    """
    if previous is not None and previous.name == "KW_NAMES":
        return None
    name, argument = instruction.name, argument_of(instruction)
    if name == "CALL_FUNCTION_EX":
        return Call(1 + (argument & 1), True, 0, instruction.location)
    if name == "CALL_KW":  # the names of the keywords are on the stack, from 3.13 on
        return Call(argument, False, 1, instruction.location)
    if name == "KW_NAMES" and following is not None:
        return Call(argument_of(following), False, 0, following.location)
    if name == ("PRECALL" if _PRECALL else "CALL"):
        return Call(argument, False, 0, instruction.location)
    return None


def iterable_has_place() -> bool:
    """Whether the begin of an iteration stands at what is iterated over, not at the whole loop."""
    return _CALLABLE_FIRST
