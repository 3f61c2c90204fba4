"""Rewriting of a code object, and of all that it holds: a row of handlers, one table.

Before an instruction that touches shared state, the new code calls a hook with the objects concerned,
which are on the stack already, and a constant that describes the place. Nothing else changes: the values,
their order, the positions that tracebacks show, the exceptions.
"""

from __future__ import annotations

from types import CodeType

from bytecode import Bytecode, Instr, Label

from threadsim.instrument import attributes, containers, variables
from threadsim.instrument.access import Hooks
from threadsim.instrument.insertion import is_call_start
from threadsim.instrument.passage import Handler, IteratedIn, ModuleView, Passage
from threadsim.instrument.shared import is_comprehension
from threadsim.instrument.sites import function_name

HANDLERS: dict[str, Handler] = {**attributes.HANDLERS, **variables.HANDLERS, **containers.HANDLERS}


def rewrite(code: CodeType, view: ModuleView, hooks: Hooks) -> CodeType:
    """Code that does what `code` does and calls the hooks before each access to shared state.

    Args:
        code: Of a module or of a function; the functions inside it are rewritten too.
        view: What is known of the module that it belongs to.
        hooks: What to call.
    """
    return _rewrite(code, view, hooks, code.co_name == "<module>", None)


def _rewrite(
    code: CodeType, view: ModuleView, hooks: Hooks, at_module_level: bool, iterated: IteratedIn | None
) -> CodeType:
    bytecode = Bytecode.from_code(code)
    passage = Passage(
        code, function_name(code), at_module_level, view, hooks, view.shared.cells_of(code), iterated=iterated
    )
    bytecode[:] = _pass_through(bytecode, passage)
    for item in bytecode:
        if isinstance(item, Instr) and isinstance(item.arg, CodeType):
            inner = item.arg
            item.arg = _rewrite(
                inner,
                view,
                hooks,
                at_module_level and is_comprehension(inner),
                passage.iterated_elsewhere.get(id(inner)),
            )
    return bytecode.to_code()


def _pass_through(bytecode: Bytecode, passage: Passage) -> list[object]:
    result: list[object] = []
    items = list(bytecode)
    for index, item in enumerate(items):
        if not isinstance(item, Instr):
            result.append(item)
            if isinstance(item, Label):
                passage.previous = None
            continue
        following = items[index + 1] if index + 1 < len(items) else None
        passage.following = following if isinstance(following, Instr) else None
        if is_call_start(item):
            result += passage.begin_call(item)
        handler = HANDLERS.get(item.name)
        result += [item] if handler is None else handler(passage, item)
        if item.name not in ("PRECALL", "CALL", "KW_NAMES", "CALL_KW"):
            passage.made_call = ""
        if item.name != "COPY" or item.arg != 1:  # a test for its value copies it first, on 3.12+
            passage.previous = item
    return result
