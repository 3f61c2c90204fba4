"""Variables that outlive a call: globals, and the cells of closures."""

from __future__ import annotations

from bytecode import Instr

from threadsim.instrument.builtin_calls import BUILTINS, before_builtin_call
from threadsim.instrument.insertion import argument_of
from threadsim.instrument.passage import Handler, Passage
from threadsim.model.event import Kind


def _global_name(instruction: Instr) -> str:
    argument = argument_of(instruction)
    name: str = argument[1] if isinstance(argument, tuple) else argument
    return name


def _is_shared_global(passage: Passage, instruction: Instr) -> bool:
    if instruction.name.endswith("_NAME") and not passage.at_module_level:
        return False  # the body of a class
    return _global_name(instruction) in passage.view.shared.globals


def _load_global(passage: Passage, instruction: Instr) -> list[Instr]:
    name = _global_name(instruction)
    if name in BUILTINS and name not in passage.view.assigned:
        passage.expect_call(instruction, name, before_builtin_call)
    if not _is_shared_global(passage, instruction):
        return [instruction]
    hook = passage.hooks.read_global
    return [*passage.call(hook, [], Kind.READ, name, instruction.location), instruction]


def _store_global(passage: Passage, instruction: Instr) -> list[Instr]:
    if not _is_shared_global(passage, instruction):
        return [instruction]
    hook, name = passage.hooks.write_global, _global_name(instruction)
    return [*passage.call(hook, [1], Kind.WRITE, name, instruction.location), instruction]


def _delete_global(passage: Passage, instruction: Instr) -> list[Instr]:
    if not _is_shared_global(passage, instruction):
        return [instruction]
    hook, name = passage.hooks.delete_global, _global_name(instruction)
    return [*passage.call(hook, [], Kind.DELETE, name, instruction.location), instruction]


def _load_cell(passage: Passage, instruction: Instr) -> list[Instr]:
    cell = argument_of(instruction)
    if cell.name not in passage.cells:
        return [instruction]
    hook = passage.hooks.read_cell
    return [*passage.call(hook, [cell], Kind.READ, cell.name, instruction.location), instruction]


def _store_cell(passage: Passage, instruction: Instr) -> list[Instr]:
    cell = argument_of(instruction)
    if cell.name not in passage.cells:
        return [instruction]
    hook = passage.hooks.write_cell
    return [*passage.call(hook, [1, cell], Kind.WRITE, cell.name, instruction.location), instruction]


HANDLERS: dict[str, Handler] = {
    "LOAD_GLOBAL": _load_global,
    "LOAD_NAME": _load_global,
    "STORE_GLOBAL": _store_global,
    "STORE_NAME": _store_global,
    "DELETE_GLOBAL": _delete_global,
    "DELETE_NAME": _delete_global,
    "LOAD_DEREF": _load_cell,
    "STORE_DEREF": _store_cell,
}
