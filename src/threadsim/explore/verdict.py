"""The verdict: the one place that may say that every interleaving was tried.

It says so from evidence only: the search has nothing left, by its own account without a gap, and each of its
executions went to its end under control. Whatever is missing is the reason that is given instead.
"""

from __future__ import annotations

import attrs

from threadsim.explore.settings import BOUNDS, Settings
from threadsim.explore.tally import Stop, Tally
from threadsim.strategy.dpor import Dpor


@attrs.frozen
class Verdict:
    """What a search has shown.

    Attributes:
        exhausted: Whether every interleaving was tried, up to the order of steps that commute.
        reason: Why, or why not, in words.
    """

    exhausted: bool
    reason: str


def verdict(tally: Tally, settings: Settings) -> Verdict:
    """What may be said of a search that is over."""
    gap = _gap(tally, settings)
    if gap is not None:
        return Verdict(False, gap)
    if tally.stop is Stop.ONE_THREAD:
        return Verdict(True, "the program started no second thread: there is one interleaving")
    return Verdict(True, f"{_interleavings(_last_tried(tally))} tried")


def _gap(tally: Tally, settings: Settings) -> str | None:
    """What is missing for a proof, None if nothing is."""
    if tally.trouble is not None:
        return f"not exhausted: {tally.trouble}"
    if tally.stop is not Stop.NOTHING_LEFT and tally.stop is not Stop.ONE_THREAD:
        return f"not exhausted: {_stopped(tally, settings)}"
    if tally.cut is not None:
        return f"not exhausted: {tally.cut}"
    if tally.stop is Stop.ONE_THREAD:
        return None
    if not tally.exhausted:
        bound = _bound(settings)
        if bound is not None and settings.strategy == Dpor.name:  # what commutes may differ in preemptions
            return f"not exhausted: schedules with more than {bound} were left out"
        if bound is not None:
            within = f"{_interleavings(_last_tried(tally))} tried that there are within {bound}"
            return f"not exhausted, but {within}"
        return f"not exhausted: the strategy {settings.strategy} proves nothing"
    return None


def _stopped(tally: Tally, settings: Settings) -> str:
    number = f"{tally.executions:,} schedule" + ("" if tally.executions == 1 else "s")
    return {
        Stop.SCHEDULES: f"the budget of {number} is used",
        Stop.SECONDS: f"the budget of {settings.seconds:g} seconds is used" if settings.seconds else "",
        Stop.FAILURE: "the first failure ended the search",
        Stop.INTERRUPTED: f"interrupted after {number}",
    }.get(tally.stop or Stop.TROUBLE, "the search is not over")


def _bound(settings: Settings) -> str | None:
    """``2 preemptions``, if the search was bounded."""
    for name in BOUNDS:
        bound = getattr(settings, name)
        if bound is not None:
            return f"{bound:,} {name.removesuffix('s') if bound == 1 else name}"
    return None


def _last_tried(tally: Tally) -> int:
    """How many interleavings the strategy tried that came to its end; it was the last."""
    return min(list(tally.tried.values())[-1], len(tally.interleavings))


def _interleavings(number: int) -> str:
    return "the one interleaving was" if number == 1 else f"all {number:,} interleavings were"
