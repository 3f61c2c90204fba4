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
    passage = Passage(code, function_name(code), at_module_level, view, hooks, cells)
    if not set(code.co_cellvars).isdisjoint(code.co_freevars):
        return _with_inner_rewritten(code, passage)
    bytecode = Bytecode.from_code(code, conserve_exception_block_stackdepth=True)
    bytecode[:] = _pass_through(list(bytecode), passage)
    inner = _inner_rewritten(passage)
    for item in bytecode:
        if isinstance(item, Instr) and isinstance(item.arg, CodeType):
            item.arg = inner[item.arg]
    if not passage.is_changed:
        return code
    bytecode.argnames = list(code.co_varnames)  # all of them, so that `locals` keeps its order
    return bytecode.to_code(stacksize=code.co_stacksize + STACK, compute_exception_stack_depths=False)


def _with_inner_rewritten(code: CodeType, passage: Passage) -> CodeType:
    """Code that is left as it is, but for the functions in it.

    From 3.12 on, a comprehension may have a variable of the name of one from a function around: two of one
    name, which `bytecode` takes for one.
    """
    inner = _inner_rewritten(passage)
    return code.replace(co_consts=tuple(inner[c] if isinstance(c, CodeType) else c for c in code.co_consts))


def _inner_rewritten(passage: Passage) -> dict[CodeType, CodeType]:
    """The functions and classes that the code makes, and what they are rewritten to."""
    constants = passage.code.co_consts
    return {code: _rewrite_inner(code, passage) for code in constants if isinstance(code, CodeType)}


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
        passage.present = item
        passage.following = following if isinstance(following, Instr) else None
        result += passage.begin_call(item)
        handler = HANDLERS.get(item.name)
        result += [item] if handler is None else handler(passage, item)
        result += after_load(passage, items, index, targets)
        if item.name not in ("PRECALL", "CALL", "KW_NAMES", "CALL_KW"):
            passage.made_call = ""
        passage.previous = item
    return result
