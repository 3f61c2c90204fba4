"""The colours of the diagrams.

The strong ones are Okabe and Ito's, which stay apart for people who do not tell red from green; red itself is
kept for what went wrong.
"""

from __future__ import annotations

import attrs

from threadsim.model.causality import EdgeKind

INK = "#1f2933"
FAINT_INK = "#7b8794"
PAPER = "white"
LIFELINE = "#9aa5b1"
ROW_GUIDE = "#eef1f4"
FRAME = "#9aa5b1"
QUIET_FILL = "#f1f4f7"
HEADER_FILL = "#323f4b"
HEADER_INK = "white"

WRONG = "#c81e1e"
WRONG_FILL = "#fdeaea"

LOCKS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#8c6d31")
"""One for each lock, in order of first use; they begin again when they run out."""

LOCATIONS = (
    ("#fff1c2", "#b7860b"),
    ("#d9efff", "#2f7fb8"),
    ("#e3f5d8", "#5a9a2d"),
    ("#f2e2ff", "#8a4fbf"),
    ("#ffe3d3", "#c26a2c"),
    ("#d8f4f1", "#2b938a"),
)
"""Fill and frame for each contested location, likewise."""


@attrs.frozen(slots=True)
class ArrowLook:
    """How an arrow looks, and what the legend says of it."""

    meaning: str
    colour: str
    style: str = "solid"


ARROWS = {
    EdgeKind.START: ArrowLook("start → begin", "#52606d"),
    EdgeKind.JOIN: ArrowLook("end → join", "#52606d", "dashed"),
    EdgeKind.CANCEL: ArrowLook("cancel → end", "#52606d", "dotted"),
    EdgeKind.LOCK: ArrowLook("release → acquire", "#0b5fa5"),
    EdgeKind.NOTIFY: ArrowLook("notify → wake", "#8a3ffc"),
    EdgeKind.SET: ArrowLook("set → wake", "#8a3ffc", "dashed"),
    EdgeKind.SEMAPHORE: ArrowLook("release → acquire (semaphore)", "#0b5fa5", "dashed"),
    EdgeKind.BARRIER: ArrowLook("arrival → wake", "#b5179e"),
    EdgeKind.QUEUE: ArrowLook("put → get", "#1b7f5c"),
}
"""Why one event follows from another."""

WAITS = ArrowLook("waits for what is held since", WRONG, "dashed")


def lock_colour(number: int) -> str:
    """The colour of the lock that is the n-th to be seen."""
    return LOCKS[number % len(LOCKS)]


def bar_colour(number: int) -> str:
    """The same, thinned: an arrow that ends at a card crosses the bar beside it and must stay visible."""
    return f"{lock_colour(number)}90"


def location_colours(number: int) -> tuple[str, str]:
    """Fill and frame of the contested location that is the n-th to be seen."""
    return LOCATIONS[number % len(LOCATIONS)]
