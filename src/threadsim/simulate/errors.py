"""The program's exceptions: where they came from, what they say, and their tracebacks without our frames."""

from __future__ import annotations

import os
from collections.abc import Iterator
from types import TracebackType

from threadsim.instrument.sites import site_at
from threadsim.model.site import Site

_OURS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")


def _is_ours(traceback: TracebackType) -> bool:
    return traceback.tb_frame.f_code.co_filename.startswith(_OURS)


def _levels(error: BaseException) -> Iterator[TracebackType]:
    traceback = error.__traceback__
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def site_of_error(error: BaseException) -> Site | None:
    """Where an exception was raised: the innermost line of the program's own, or of whoever it called."""
    sites = [site_at(level.tb_frame.f_code, level.tb_lasti) for level in _levels(error) if not _is_ours(level)]
    own = [site for site in sites if not site.file.startswith("<")]
    return own[-1] if own else sites[-1] if sites else None


def without_our_frames(error: BaseException) -> BaseException:
    """The exception, its traceback reduced to what would be there under plain Python."""
    kept = [level for level in _levels(error) if not _is_ours(level)]
    following: TracebackType | None = None
    for level in reversed(kept):
        following = TracebackType(following, level.tb_frame, level.tb_lasti, level.tb_lineno)
    return error.with_traceback(following)
