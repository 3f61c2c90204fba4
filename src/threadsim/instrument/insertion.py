"""The instructions that call a hook; how a call is laid out differs between versions, and does so here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

from bytecode import CellVar, FreeVar, Instr
from bytecode.instr import InstrLocation

_CALLABLE_FIRST = sys.version_info >= (3, 13)
_PRECALL = sys.version_info < (3, 12)
_CELL_LOAD = "LOAD_FAST" if sys.version_info >= (3, 13) else "LOAD_CLOSURE"

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


def keywords_on_stack(instruction: Instr) -> int:
    """How many values lie on top of the arguments of a call: from 3.13 on, the names of its keywords."""
    return 1 if instruction.name == "CALL_KW" else 0


def callee_depth(arguments: int, on_top: int) -> int:
    """How deep the callee of a call lies below its arguments and what is on top of them."""
    return on_top + arguments + (2 if _CALLABLE_FIRST else 1)


def is_call_start(instruction: Instr) -> bool:
    """Whether this is the first of the instructions that make a call, its arguments being on the stack."""
    if instruction.name == "CALL":
        return not _PRECALL
    return instruction.name in ("PRECALL", "KW_NAMES", "CALL_KW")
