"""How a thread came to a place: ``work (bank.py:30) → transfer (bank.py:18) → pay (bank.py:9)``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from threadsim.model.site import Site
from threadsim.render.words import printable

_ARROW = " → "
_OUTER, _INNER = 3, 5
"""Of a stack that is deep, so many calls are shown at its ends."""


def stack_words(stack: Sequence[Site], site: Site | None) -> str:
    """The calls that led to a place, and that; empty if there are none to tell of."""
    return _ARROW.join(_calls(stack, site))


def stack_lines(stack: Sequence[Site], site: Site | None, room: int | None) -> Iterator[str]:
    """The same in lines of so many cells, as far as that can be: a call is not broken."""
    line = ""
    for call in _calls(stack, site):
        longer = f"{line}{_ARROW}{call}" if line else call
        if line and room is not None and cell_len(longer) > room:
            yield line
            line = _ARROW.lstrip() + call
        else:
            line = longer
    if line:
        yield line


def _calls(stack: Sequence[Site], site: Site | None) -> list[str]:
    if not stack:
        return []
    calls = [_call(each) for each in (*stack, *([] if site is None else [site]))]
    left_out = len(calls) - _OUTER - _INNER
    if left_out > 1:
        calls[_OUTER:-_INNER] = [f"… {left_out} more"]
    return calls


def _call(site: Site) -> str:
    place = printable(str(site))
    return place if site.function == "<module>" else f"{printable(site.function)} ({place})"
