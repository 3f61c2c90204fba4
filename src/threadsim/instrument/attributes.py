"""Attributes: ``account.balance``, ``self.total += 1``, ``del node.next``."""

from __future__ import annotations

from bytecode import Instr

from threadsim.instrument.containers import METHODS, before_method_call
from threadsim.instrument.insertion import argument_of, bound_method
from threadsim.instrument.passage import Handler, Passage
from threadsim.model.event import Kind


def _name(instruction: Instr) -> tuple[bool, str]:
    """Whether it looks up a method for a call, and the attribute's name, on each version."""
    argument = argument_of(instruction)
    if isinstance(argument, tuple):
        return bool(argument[0]), argument[1]
    return instruction.name == "LOAD_METHOD", argument


def _is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _load(passage: Passage, instruction: Instr) -> list[Instr]:
    is_method, name = _name(instruction)
    if passage.made_call == "super" or _is_special(name):
        return [instruction]  # 3.12+ compiles super().name into one instruction of another kind
    if name in METHODS and passage.expect_call(instruction, name, before_method_call):
        return bound_method(name, instruction.location) if is_method else [instruction]
    hook = passage.hooks.read_attribute
    return [*passage.call(hook, [1], Kind.READ, name, instruction.location), instruction]


def _store(passage: Passage, instruction: Instr) -> list[Instr]:
    hook = passage.hooks.write_attribute
    return [
        *passage.call(hook, [2, 1], Kind.WRITE, argument_of(instruction), instruction.location),
        instruction,
    ]


def _delete(passage: Passage, instruction: Instr) -> list[Instr]:
    hook = passage.hooks.delete_attribute
    return [
        *passage.call(hook, [1], Kind.DELETE, argument_of(instruction), instruction.location),
        instruction,
    ]


HANDLERS: dict[str, Handler] = {
    "LOAD_ATTR": _load,
    "LOAD_METHOD": _load,
    "STORE_ATTR": _store,
    "DELETE_ATTR": _delete,
}
