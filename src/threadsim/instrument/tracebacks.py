"""Tracebacks as they would be without us, and where in the program an exception came from."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from types import CodeType, TracebackType

from threadsim.instrument.sites import file_name, is_ours, site_at
from threadsim.instrument.stacks import Calls
from threadsim.model.site import Site


def without_our_frames(error: BaseException) -> None:
    """Take our own frames out of the traceback of an exception, and of those that led to it."""
    seen: set[int] = set()
    pending: list[BaseException | None] = [error]
    while pending:
        current = pending.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        current.__traceback__ = _linked([*_levels(current)])
        pending += [current.__cause__, current.__context__]


def origin(error: BaseException) -> tuple[CodeType, int] | None:
    """Code and instruction of the innermost line of the program's own, or of whoever it called."""
    places = [(level.tb_frame.f_code, level.tb_lasti) for level in _levels(error)]
    own = [place for place in places if not file_name(place[0].co_filename).startswith("<")]
    return own[-1] if own else places[-1] if places else None


def site_of_error(error: BaseException) -> Site | None:
    """Where that is."""
    place = origin(error)
    return None if place is None else site_at(*place)


def calls_to(error: BaseException) -> Calls:
    """The calls that an exception came out of."""
    return tuple(reversed([(level.tb_frame.f_code, level.tb_lasti) for level in _levels(error)]))


def _levels(error: BaseException) -> Iterator[TracebackType]:
    traceback = error.__traceback__
    while traceback is not None:
        if not is_ours(traceback.tb_frame.f_code):
            yield traceback
        traceback = traceback.tb_next


def _linked(levels: list[TracebackType]) -> TracebackType | None:
    for level, following in zip_longest(levels, levels[1:]):
        level.tb_next = following
    return levels[0] if levels else None
