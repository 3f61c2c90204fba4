"""How the card of a step looks, as Graphviz attributes."""

from __future__ import annotations

from collections.abc import Mapping

from threadsim.model.event import Event, Kind
from threadsim.render import palette
from threadsim.render.features import Location, location_of
from threadsim.render.folding import Step
from threadsim.render.layout import CARD_FONT, HEADER_FONT

Look = dict[str, str]

_USUAL: Look = {
    "fillcolor": palette.PAPER,
    "color": palette.FRAME,
    "fontcolor": palette.INK,
    "fontsize": f"{CARD_FONT}",
}
_QUIET: Look = {**_USUAL, "fillcolor": palette.QUIET_FILL, "fontcolor": palette.FAINT_INK}
_FOLDED: Look = {**_USUAL, "style": "filled,rounded,dotted", "fontcolor": palette.FAINT_INK}
_RAISED: Look = {**_USUAL, "color": palette.WRONG, "fontcolor": palette.WRONG}
_FAILING: Look = {**_USUAL, "fillcolor": palette.WRONG, "color": palette.WRONG, "fontcolor": palette.PAPER}
_DASHED: Look = {"style": "filled,rounded,dashed"}

HEADER: Look = {
    "fillcolor": palette.HEADER_FILL,
    "color": palette.HEADER_FILL,
    "fontcolor": palette.HEADER_INK,
    "fontsize": f"{HEADER_FONT}",
}
"""Of a thread's name."""

BLOCKED: Look = {**_RAISED, **_DASHED, "fillcolor": palette.WRONG_FILL}
"""Of a thread that waits for ever."""


def card(step: Step, contested: Mapping[Location, int], locks: Mapping[int, int]) -> Look:
    """The look of a step's card.

    Args:
        step: A row or a folded run.
        contested: The contested locations, numbered.
        locks: The locks that are seen to be held, numbered.
    """
    if step.folded:
        return _FOLDED
    event = step.rows[0].events[0]
    if step.rows[0].failing:
        return _FAILING
    if event.kind is Kind.RAISE:
        return _RAISED
    if event.kind in (Kind.BEGIN, Kind.END):
        return _QUIET
    unusual = _DASHED if event.result is not None else {}
    return {**_USUAL, **_colours(event, contested, locks), **unusual}


def _colours(event: Event, contested: Mapping[Location, int], locks: Mapping[int, int]) -> Look:
    location = location_of(event)
    if location is not None and location in contested:
        fill, frame = palette.location_colours(contested[location])
        weight = "1" if event.kind is Kind.READ else "2.2"
        return {"fillcolor": fill, "color": frame, "penwidth": weight}
    if event.obj is not None and event.obj in locks:
        return {"color": palette.lock_colour(locks[event.obj]), "penwidth": "1.4"}
    return {}
