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
from threadsim.instrument.insertion import STACK
from threadsim.instrument.passage import Handler, ModuleView, Passage
from threadsim.instrument.shared import is_comprehension
from threadsim.instrument.sites import function_name
from threadsim.instrument.truth import after_load

HANDLERS: dict[str, Handler] = {**attributes.HANDLERS, **variables.HANDLERS, **containers.HANDLERS}


def rewrite(code: CodeType, view: ModuleView, hooks: Hooks) -> CodeType:
    """Code that does what `code` does and calls the hooks before each access to shared state.

    Args:
        code: Of a module or of a function; the functions inside it are rewritten too.
        view: What is known of the module that it belongs to.
        hooks: What to call.
    """
    return _rewrite(code, view, hooks, code.co_name == "<module>", view.shared.cells_of(code))


def _rewrite(
    code: CodeType,
    view: ModuleView,
    hooks: Hooks,
    at_module_level: bool,
    cells: frozenset[str],
) -> CodeType:
    bytecode = Bytecode.from_code(code, conserve_exception_block_stackdepth=True)
    passage = Passage(code, function_name(code), at_module_level, view, hooks, cells)
    bytecode[:] = _pass_through(list(bytecode), passage)
    inner = {code: _rewrite_inner(code, passage) for code in code.co_consts if isinstance(code, CodeType)}
    for item in bytecode:
        if isinstance(item, Instr) and isinstance(item.arg, CodeType):
            item.arg = inner[item.arg]
    if not passage.is_changed:
        return code
    bytecode.argnames = list(code.co_varnames)  # all of them, so that `locals` keeps its order
    return bytecode.to_code(stacksize=code.co_stacksize + STACK, compute_exception_stack_depths=False)


def _rewrite_inner(code: CodeType, passage: Passage) -> CodeType:
    view = passage.view
    in_comprehension = is_comprehension(code)
    rewritten = _rewrite(
        code,
        view,
        passage.hooks,
        passage.at_module_level and in_comprehension,
        passage.cells if in_comprehension else view.shared.cells_of(code),
    )
    passage.is_changed |= rewritten is not code
    return rewritten


def _pass_through(items: list[object], passage: Passage) -> list[object]:
    result: list[object] = []
    targets = {item: index for index, item in enumerate(items) if isinstance(item, Label)}
    for index, item in enumerate(items):
        if not isinstance(item, Instr):
            result.append(item)
            if isinstance(item, Label):
                passage.previous = None
            continue
        following = items[index + 1] if index + 1 < len(items) else None
        passage.following = following if isinstance(following, Instr) else None
        result += passage.begin_call(item)
        handler = HANDLERS.get(item.name)
        result += [item] if handler is None else handler(passage, item)
        result += after_load(passage, items, index, targets)
        if item.name not in ("PRECALL", "CALL", "KW_NAMES", "CALL_KW"):
            passage.made_call = ""
        passage.previous = item
    return result
