"""The colours of the diagrams.

The strong ones are Okabe and Ito's, which stay apart for people who do not tell red from green; red itself is
kept for what went wrong.
"""

from __future__ import annotations

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
