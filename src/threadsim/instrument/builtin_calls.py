"""Calls of builtins that read containers, or attributes by name: ``len(items)``, ``hasattr(box, name)``."""

from __future__ import annotations

from bytecode import Instr
from bytecode.instr import InstrLocation

from threadsim.instrument.insertion import Call
from threadsim.instrument.passage import Passage
from threadsim.model.event import Kind

_OF_ONE = frozenset(
    {"all", "any", "bool", "bytearray", "bytes", "dict", "enumerate", "frozenset", "len"}
    | {"list", "reversed", "set", "sorted", "sum", "tuple"}
)
"""Those that read their first argument."""

_OF_ALL = frozenset({"filter", "map", "max", "min", "print", "repr", "str", "zip"})
"""Those that may read any of their arguments."""

_BY_NAME = frozenset({"delattr", "getattr", "hasattr", "setattr"})
"""Those that are told an attribute's name."""

BUILTINS = _OF_ONE | _OF_ALL | _BY_NAME | {"super"}
"""Builtins whose calls matter; of ``super``, to tell it apart."""


def before_builtin_call(passage: Passage, name: str, call: Call, place: InstrLocation) -> list[Instr]:
    """What goes in front of the call of a builtin."""
    if call.arguments == 0 or call.unpacks:
        return []
    first = call.arguments + call.on_top
    if name in _BY_NAME:
        return _by_name(passage, name, call.arguments, first, place)
    last = first if name in _OF_ONE else call.on_top + 1
    return [
        instruction
        for depth in range(first, last - 1, -1)
        if name in _OF_ONE | _OF_ALL
        for instruction in passage.call(passage.hooks.read_container, [depth], Kind.READ, name, place)
    ]


def _by_name(passage: Passage, name: str, arguments: int, first: int, place: InstrLocation) -> list[Instr]:
    hooks = passage.hooks
    if name == "setattr" and arguments == 3:
        return passage.call(hooks.write_named, [first - 2, first, first - 1], Kind.WRITE, name, place)
    if arguments < 2 or name == "setattr":
        return []  # that is an error
    hook, kind = (hooks.delete_named, Kind.DELETE) if name == "delattr" else (hooks.read_named, Kind.READ)
    return passage.call(hook, [first, first - 1], kind, name, place)
