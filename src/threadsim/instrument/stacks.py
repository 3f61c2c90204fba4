"""The calls that a thread is in the midst of: taken in a hurry, made into sites where somebody wants them.

Only the lines of these sites are the same on every version, so that is all they say. What else differs is
evened out here: up to 3.11 a comprehension is a call of its own, and a look at the truth of something, or its
formatting, has the place of the whole statement.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from opcode import opmap
from types import CodeType, FrameType

from threadsim.instrument.sites import site_at
from threadsim.model.site import Site

Calls = tuple[tuple[CodeType, int], ...]
"""Code and instruction of each frame, the innermost first."""

_OF_THE_LAST_VALUE = frozenset(
    code
    for name, code in opmap.items()
    if sys.version_info < (3, 12) and (("JUMP" in name and "IF_" in name) or name == "FORMAT_VALUE")
)
"""Instructions that stand, for a reader, where what was made just before them stands."""

_COMPREHENSIONS = frozenset({"<listcomp>", "<setcomp>", "<dictcomp>"})


def calls_from(frame: FrameType | None) -> Calls:
    """A frame and all those that it was called from."""
    found = []
    while frame is not None:
        found.append((frame.f_code, frame.f_lasti))
        frame = frame.f_back
    return tuple(found)


def callers(calls: Calls, site: Site | None, is_own: Callable[[str], bool]) -> tuple[Site, ...]:
    """The sites of the calls that led to a place, the outermost first.

    Args:
        calls: As they were when the thread was there.
        site: The place, which is left out.
        is_own: Whether a file (a `co_filename`) is of the program; calls from others are left out.
    """
    sites = [_line(code, lasti) for code, lasti in _functions(calls) if is_own(code.co_filename)]
    if sites and site is not None and (sites[0].file, sites[0].function) == (site.file, site.function):
        del sites[0]
    return tuple(reversed(sites))


def _functions(calls: Calls) -> Iterator[tuple[CodeType, int]]:
    """Without the function around a comprehension, where the comprehension has a frame of its own."""
    in_comprehension = False
    for code, lasti in calls:
        if not in_comprehension:
            yield code, lasti
        in_comprehension = code.co_name in _COMPREHENSIONS


def _line(code: CodeType, lasti: int) -> Site:
    site = site_at(code, lasti)
    if code.co_code[lasti] in _OF_THE_LAST_VALUE:
        earlier = (site_at(code, before) for before in range(lasti, -1, -2))
        site = next((each for each in earlier if each != site), site)
    return Site(site.file, site.line, end_line=site.line, function=site.function)
