"""Tests for truth: ``if items:``, ``while not queue:``, ``pending or default``.

A container's truth is read where a plain value, just loaded, is tested. Versions differ in which jumps make
the test and in how they are threaded, so the hook is called where the value is loaded: what counts is that
the test is the first thing that happens to it. The results of comparisons and calls are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bytecode import Instr, Label
from bytecode.instr import InstrLocation

from threadsim.instrument.passage import Passage, range_at
from threadsim.model.event import Kind

_LOADS = re.compile("LOAD_(FAST|FAST_CHECK|GLOBAL|NAME|DEREF|ATTR|SUPER_ATTR)|.*_LOAD_FAST")
_TESTS = re.compile(
    "TO_BOOL|UNARY_NOT|JUMP_IF_(FALSE|TRUE)_OR_POP|POP_JUMP(_FORWARD|_BACKWARD)?_IF_(FALSE|TRUE)"
)
_JUMPS = frozenset({"JUMP", "JUMP_FORWARD"})
_STORES = frozenset({"STORE_FAST", "STORE_NAME", "STORE_GLOBAL", "STORE_DEREF"})

Items = Sequence[object]
"""Of a `bytecode.Bytecode`: instructions and labels."""


def after_load(passage: Passage, items: Items, index: int, targets: Mapping[Label, int]) -> list[Instr]:
    """What goes after an instruction, if it loads a value that is tested for truth.

    Args:
        passage: Through the code.
        items: All of the code.
        index: Of the instruction.
        targets: Where the labels are.
    """
    instruction = items[index]
    if not isinstance(instruction, Instr) or not _LOADS.fullmatch(instruction.name):
        return []
    test = _test_after(items, index + 1, targets)
    if test is None:
        return []
    return passage.call(
        passage.hooks.read_container, [1], Kind.READ, "", _loaded_at(passage, instruction, test)
    )


def _test_after(items: Items, index: int, targets: Mapping[Label, int]) -> Instr | None:
    """The test that the value on top of the stack comes to next."""
    for _ in items:  # no more steps than that: a jump might go round in a circle
        item = items[index]
        index += 1
        if not isinstance(item, Instr) or item.name == "NOP":
            continue
        if _TESTS.fullmatch(item.name):
            return item
        if item.name in _JUMPS and isinstance(item.arg, Label):
            index = targets[item.arg]
        elif item.name == "COPY" and item.arg == 1:
            following = items[index]
            if isinstance(following, Instr) and following.name in _STORES:  # :=
                index += 1
        else:
            return None
    return None


def _loaded_at(passage: Passage, load: Instr, test: Instr) -> InstrLocation | None:
    """Where the loaded value stands.

    An instruction that does two things, as 3.13 has, stands where the first of them does; what the second
    loads is found from the test.
    """
    if not load.name.endswith("_LOAD_FAST") or test.location is None:
        return load.location
    place, operands = range_at(test.location), passage.view.syntax.operands
    while place in operands:
        place = operands[place]
    line, end_line, column, end_column = place
    return InstrLocation(line, end_line, column, end_column)
