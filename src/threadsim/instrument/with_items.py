"""Which item of a ``with`` statement is entered or left.

3.13 gives the instructions that enter and leave an item the range of the item's expression; 3.11 and 3.12
give them the range of the whole statement, whatever the item. The expression is the better site, since a
diagram can underline the very lock, so the older versions are brought to it.
"""

from __future__ import annotations

import dis
from collections.abc import Iterator, Sequence
from types import CodeType

from threadsim.instrument.source import range_of, source_of

Place = tuple[int | None, int | None, int | None, int | None]
"""What `CodeType.co_positions` says of an instruction: a range, or Nones."""


def item_range(code: CodeType, lasti: int, places: Sequence[Place]) -> Place:
    """The range of the item's expression, if the instruction enters or leaves an item of a ``with``.

    Args:
        code: The code that runs.
        lasti: Offset of the instruction in bytes.
        places: The code's positions, an element an instruction.

    Returns:
        The instruction's own range where it has nothing to do with a ``with``, and where the source is not
        to be had.
    """
    place = places[lasti // 2]
    found = source_of(code.co_filename)
    statement = found.with_statement(place) if found is not None else None
    if statement is None:
        return place
    return range_of(statement.items[_items_around(code, lasti, places)].context_expr)


def _items_around(code: CodeType, lasti: int, places: Sequence[Place]) -> int:
    """How many items of the same statement are open at the instruction.

    ``with a, b:`` is ``with a:`` around ``with b:``. Each item has an exception handler of its own, which
    stands at the statement's range, and entering and leaving `b` runs under the handler of `a`.
    """
    return sum(places[handler // 2] == places[lasti // 2] for handler in _handlers(code, lasti))


def _handlers(code: CodeType, offset: int) -> Iterator[int]:
    """The handlers that an exception at an instruction would come to, were each to fail in turn."""
    entries = dis.Bytecode(code).exception_entries  # type: ignore[attr-defined] # not in typeshed
    while True:
        covering = [entry for entry in entries if entry.start <= offset < entry.end]
        if not covering:
            return
        offset = covering[0].target
        yield offset
