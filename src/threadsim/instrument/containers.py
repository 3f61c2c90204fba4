"""Containers: items and slices, methods, ``len``, ``in``, iteration, unpacking, ``+=`` in place.

What an object is can only be seen while the program runs, so here every operation that might be one on a
list, dict, set, deque or bytearray gets its hook, and the hook looks at the object.
"""

from __future__ import annotations

from bytecode import BinaryOp, Instr
from bytecode.instr import InstrLocation

from threadsim.instrument.insertion import Call, argument_of
from threadsim.instrument.passage import Handler, Passage, range_at
from threadsim.model.event import Kind

_READING = """
    copy count decode difference elements endswith find get hex index intersection isdisjoint issubset
    issuperset items join keys most_common rfind split startswith symmetric_difference total union values
"""
_WRITING = """
    add append appendleft clear difference_update discard extend extendleft insert intersection_update
    move_to_end pop popitem popleft remove reverse rotate setdefault sort subtract
    symmetric_difference_update update
"""

READING_METHODS = frozenset(_READING.split())
"""Methods that only read the container they belong to."""

WRITING_METHODS = frozenset(_WRITING.split())
"""Methods that may change it."""

METHODS = READING_METHODS | WRITING_METHODS

_TO_TUPLE = frozenset({"LIST_TO_TUPLE", "CALL_INTRINSIC_1"})

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


def before_method_call(passage: Passage, name: str, call: Call, place: InstrLocation) -> list[Instr]:
    """What goes in front of the call of a method that a container might have."""
    return passage.call(passage.hooks.call_method, [call.callee_depth], Kind.READ, name, place)


_NO_UNPACKING_OF_ITS_OWN = ("DICT_UPDATE", "FOR_ITER", "NOP", "POP_JUMP", "SWAP")


def _unpack(passage: Passage, instruction: Instr) -> list[Instr]:
    """``first, second = items``. A match is no access; what a ``for`` takes apart is most often a tuple."""
    if passage.previous is None or passage.previous.name.startswith(_NO_UNPACKING_OF_ITS_OWN):
        return [instruction]
    return _read_below(passage, instruction, 1)


def _is_slice(passage: Passage, instruction: Instr) -> bool:
    """Whether the key is a slice, whichever instructions a version has for that."""
    location = instruction.location
    return location is not None and range_at(location) in passage.view.syntax.slices


def _read_item(passage: Passage, instruction: Instr) -> list[Instr]:
    if _is_slice(passage, instruction):
        return _read_below(passage, instruction, 2)
    hook = passage.hooks.read_item
    return [*passage.call(hook, [2, 1], Kind.READ, "", instruction.location), instruction]


def _write_item(passage: Passage, instruction: Instr) -> list[Instr]:
    if _is_slice(passage, instruction):
        return _write_below(passage, instruction, 2)
    hook = passage.hooks.write_item
    return [*passage.call(hook, [3, 2, 1], Kind.WRITE, "", instruction.location), instruction]


def _delete_item(passage: Passage, instruction: Instr) -> list[Instr]:
    if _is_match(passage):
        return [instruction]
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


def _is_match(passage: Passage) -> bool:
    """Whether it is the ``**rest`` of a pattern that is made: a match is no access."""
    return passage.previous is not None and passage.previous.name == "SWAP"


def _update_dict(passage: Passage, instruction: Instr) -> list[Instr]:
    if _is_match(passage):
        return [instruction]
    return _read_top(passage, instruction)


def _unpack_argument(passage: Passage, instruction: Instr) -> list[Instr]:
    """``f(*items)``: the only argument by position is unpacked by the call itself."""
    previous = passage.previous
    if previous is not None and previous.name in _TO_TUPLE:
        return [instruction]
    return _read_below(passage, instruction, 2 if argument_of(instruction) & 1 else 1)


def _binary(passage: Passage, instruction: Instr) -> list[Instr]:
    if instruction.arg not in _IN_PLACE or _is_of_numbers(passage.previous, instruction):
        return [instruction]
    return _write_below(passage, instruction, 2)


def _is_of_numbers(operand: Instr | None, operation: Instr) -> bool:
    """Whether it is no operation on a container, since the right operand is a number: ``count += 1``."""
    if operand is None or operand.name != "LOAD_CONST" or operation.arg is BinaryOp.INPLACE_MULTIPLY:
        return False
    return isinstance(operand.arg, int | float | complex)


def _is_range(passage: Passage, location: InstrLocation | None) -> bool:
    """Whether it is a plain ``range(…)`` that is iterated over."""
    if location is None or "range" in passage.view.assigned:
        return False
    return range_at(location) in passage.view.syntax.ranges


def _begin_iteration(passage: Passage, instruction: Instr) -> list[Instr]:
    location = passage.iterable(instruction)
    if _is_range(passage, location):
        return [instruction]
    return [*passage.call(passage.hooks.read_container, [1], Kind.READ, "", location), instruction]


def _advance(passage: Passage, instruction: Instr) -> list[Instr]:
    location = passage.iterable(instruction)
    passage.enter_loop(instruction)
    if _is_range(passage, location):
        return [instruction]
    return [*passage.call(passage.hooks.advance, [1], Kind.READ, "", location), instruction]


def _advance_async(passage: Passage, instruction: Instr) -> list[Instr]:
    passage.enter_loop(instruction)
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
    "DICT_UPDATE": _update_dict,
    "DICT_MERGE": _read_top,
    "CALL_FUNCTION_EX": _unpack_argument,
    "BINARY_OP": _binary,
    "UNPACK_SEQUENCE": _unpack,
    "UNPACK_EX": _unpack,
    "GET_ITER": _begin_iteration,
    "FOR_ITER": _advance,
    "GET_ANEXT": _advance_async,
}
