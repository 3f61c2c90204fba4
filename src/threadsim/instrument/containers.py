"""Containers: items and slices, methods, ``len``, ``in``, truth, iteration, ``+=`` in place.

What an object is can only be seen while the program runs, so here every operation that might be one on a
list, dict, set, deque or bytearray gets its hook, and the hook looks at the object.
"""

from __future__ import annotations

import re
from types import CodeType

from bytecode import BinaryOp, Instr

from threadsim.instrument.passage import Call, Handler, IteratedIn, Passage
from threadsim.model.event import Kind

READING_METHODS = frozenset(
    "copy count decode difference elements endswith find get hex index intersection isdisjoint issubset "
    "issuperset items join keys most_common rfind split startswith symmetric_difference total union values".split()
)
"""Methods that only read the container they belong to."""

WRITING_METHODS = frozenset(
    "add append appendleft clear difference_update discard extend extendleft insert intersection_update "
    "move_to_end pop popitem popleft remove reverse rotate setdefault sort subtract "
    "symmetric_difference_update update".split()
)
"""Methods that may change it."""

METHODS = READING_METHODS | WRITING_METHODS

_READERS = frozenset("all any bool dict frozenset len list max min set sorted sum tuple".split())

BUILTINS = _READERS | {"range", "super"}
"""Builtins whose calls matter: those that read their first argument, and two to be told apart."""

_LOAD = re.compile("LOAD_.*|.*_LOAD_FAST")

_IN_PLACE = frozenset(
    {
        BinaryOp.INPLACE_ADD,
        BinaryOp.INPLACE_AND,
        BinaryOp.INPLACE_MULTIPLY,
        BinaryOp.INPLACE_OR,
        BinaryOp.INPLACE_SUBTRACT,
        BinaryOp.INPLACE_XOR,
    }
)


def before_method_call(passage: Passage, call: Call) -> list[Instr]:
    """What goes in front of the call of a method that a container might have."""
    return passage.call(passage.hooks.call_method, [call.callee_depth], Kind.READ, call.name, call.location)


def before_builtin_call(passage: Passage, call: Call) -> list[Instr]:
    """What goes in front of the call of a builtin that may read its first argument."""
    if call.arguments == 0 or call.name not in _READERS:
        return []
    depth = call.arguments + call.on_top
    return passage.call(passage.hooks.read_container, [depth], Kind.READ, call.name, call.location)


def _read_item(passage: Passage, instruction: Instr) -> list[Instr]:
    previous = passage.previous
    if previous is not None and previous.name == "BUILD_SLICE":  # 3.11 has no BINARY_SLICE
        return _read_below(passage, instruction, 2)
    hook = passage.hooks.read_item
    return [*passage.call(hook, [2, 1], Kind.READ, "", instruction.location), instruction]


def _write_item(passage: Passage, instruction: Instr) -> list[Instr]:
    previous = passage.previous
    if previous is not None and previous.name == "BUILD_SLICE":
        return _write_below(passage, instruction, 2)
    hook = passage.hooks.write_item
    return [*passage.call(hook, [3, 2, 1], Kind.WRITE, "", instruction.location), instruction]


def _delete_item(passage: Passage, instruction: Instr) -> list[Instr]:
    hook = passage.hooks.delete_item
    return [*passage.call(hook, [2, 1], Kind.DELETE, "", instruction.location), instruction]


def _read_below(passage: Passage, instruction: Instr, depth: int) -> list[Instr]:
    hook = passage.hooks.read_container
    return [*passage.call(hook, [depth], Kind.READ, "", instruction.location), instruction]


def _write_below(passage: Passage, instruction: Instr, depth: int) -> list[Instr]:
    hook = passage.hooks.write_container
    return [*passage.call(hook, [depth], Kind.WRITE, "", instruction.location), instruction]


def _read_slice(passage: Passage, instruction: Instr) -> list[Instr]:
    return _read_below(passage, instruction, 3)


def _write_slice(passage: Passage, instruction: Instr) -> list[Instr]:
    return _write_below(passage, instruction, 3)


def _read_top(passage: Passage, instruction: Instr) -> list[Instr]:
    if passage.previous is not None and passage.previous.name == "LOAD_CONST":
        return [instruction]  # the elements of a list display
    return _read_below(passage, instruction, 1)


def _truth(passage: Passage, instruction: Instr) -> list[Instr]:
    """A test of a plain value: ``if items:``, ``while not queue:``; results of comparisons are no containers."""
    previous = passage.previous
    if previous is None or previous.name == "LOAD_CONST" or not _LOAD.fullmatch(previous.name):
        return [instruction]
    hook = passage.hooks.read_container
    return [*passage.call(hook, [1], Kind.READ, "", previous.location), instruction]


def _binary(passage: Passage, instruction: Instr) -> list[Instr]:
    previous = passage.previous
    if instruction.arg not in _IN_PLACE or (previous is not None and previous.name == "LOAD_CONST"):
        return [instruction]  # no container can be added to a constant
    return _write_below(passage, instruction, 2)


def _begin_iteration(passage: Passage, instruction: Instr) -> list[Instr]:
    """A ``for`` begins; what it iterates over is stepped here or, in a generator, elsewhere."""
    previous = passage.previous
    location = previous.location if previous is not None and previous.location is not None else instruction.location
    iterated = IteratedIn(location, is_range=passage.made_call == "range")
    passage.iterated = iterated
    if passage.last_code is not None:
        passage.iterated_elsewhere[id(passage.last_code)] = iterated
        passage.last_code = None
    if iterated.is_range:
        return [instruction]
    return [*passage.call(passage.hooks.read_container, [1], Kind.READ, "", location), instruction]


def _advance(passage: Passage, instruction: Instr) -> list[Instr]:
    iterated = passage.iterated
    passage.iterated = None
    if iterated is not None and iterated.is_range:
        return [instruction]
    location = instruction.location if iterated is None else iterated.location
    return [*passage.call(passage.hooks.advance, [1], Kind.READ, "", location), instruction]


def _constant(passage: Passage, instruction: Instr) -> list[Instr]:
    if isinstance(instruction.arg, CodeType):
        passage.last_code = instruction.arg
    return [instruction]


HANDLERS: dict[str, Handler] = {
    "BINARY_SUBSCR": _read_item,
    "STORE_SUBSCR": _write_item,
    "DELETE_SUBSCR": _delete_item,
    "BINARY_SLICE": _read_slice,
    "STORE_SLICE": _write_slice,
    "CONTAINS_OP": _read_top,
    "LIST_EXTEND": _read_top,
    "SET_UPDATE": _read_top,
    "DICT_UPDATE": _read_top,
    "TO_BOOL": _truth,
    "UNARY_NOT": _truth,
    "JUMP_IF_FALSE_OR_POP": _truth,
    "JUMP_IF_TRUE_OR_POP": _truth,
    "POP_JUMP_IF_FALSE": _truth,
    "POP_JUMP_IF_TRUE": _truth,
    "POP_JUMP_FORWARD_IF_FALSE": _truth,
    "POP_JUMP_FORWARD_IF_TRUE": _truth,
    "POP_JUMP_BACKWARD_IF_FALSE": _truth,
    "POP_JUMP_BACKWARD_IF_TRUE": _truth,
    "BINARY_OP": _binary,
    "GET_ITER": _begin_iteration,
    "FOR_ITER": _advance,
    "LOAD_CONST": _constant,
}
