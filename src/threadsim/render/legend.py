"""What the colours and arrows of a diagram mean, below it."""

from __future__ import annotations

from collections.abc import Callable

from threadsim.render import palette
from threadsim.render.canvas import Canvas, text_width

_FONT = 9.0
_SAMPLE, _GAP, _LINE = 24.0, 22.0, 18.0

Sample = Callable[[Canvas, float, float], None]
"""Draws an example of what an entry is about at (x, y)."""


class Legend:
    """Entries, gathered first and then laid out in lines."""

    def __init__(self) -> None:
        self._entries: list[tuple[str, Sample]] = []

    def bar(self, text: str, colour: str) -> None:
        """A lock's bar."""
        self._entries.append((text, lambda canvas, x, y: _stroke(canvas, x, y, color=colour, penwidth="7")))

    def swatch(self, text: str, fill: str, frame: str) -> None:
        """A card's colour."""
        name = f"legend{len(self._entries)}"

        def draw(canvas: Canvas, x: float, y: float) -> None:
            canvas.box(name, "", x + _SAMPLE / 2, y, _SAMPLE, 11, fillcolor=fill, color=frame)

        self._entries.append((text, draw))

    def arrow(self, look: palette.ArrowLook) -> None:
        """An arrow."""

        def draw(canvas: Canvas, x: float, y: float) -> None:
            _stroke(canvas, x, y, color=look.colour, style=look.style, penwidth="1.4", arrowhead="normal")

        self._entries.append((look.meaning, draw))

    def draw(self, canvas: Canvas, y: float, right: float) -> None:
        """All entries from (0, y) on, in as many lines as fit to the left of `right`."""
        x = 0.0
        for text, sample in self._entries:
            width = _SAMPLE + 6 + text_width(text, _FONT) + _GAP
            if x and x + width > right:
                x, y = 0.0, y - _LINE
            sample(canvas, x, y)
            canvas.text(text, x + _SAMPLE + 6, y, _FONT, palette.INK)
            x += width


def _stroke(canvas: Canvas, x: float, y: float, **look: str) -> None:
    canvas.stroke((x, y), (x + _SAMPLE, y), **look)
