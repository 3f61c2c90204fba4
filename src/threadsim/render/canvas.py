"""Boxes, text and lines at given places, as a Graphviz graph in which nothing is left to lay out."""

from __future__ import annotations

from rich.cells import cell_len

FONT = "Helvetica,Arial,sans-serif"

_POINTS_PER_INCH = 72

_GRAPH = {
    "layout": "neato",
    "inputscale": str(_POINTS_PER_INCH),  # positions are in points
    "splines": "line",
    "outputorder": "edgesfirst",
    "bgcolor": "white",
    "charset": "UTF-8",
    "pad": "0.25",
}
_NODE = {"fontname": FONT, "fixedsize": "true", "margin": "0"}
_EDGE = {"arrowsize": "0.7"}


def text_width(text: str, size: float) -> float:
    """About how wide a text is in points: Helvetica's letters are half an em, and we err on the wide side."""
    return round(cell_len(text) * size * 0.57, 1)


class Canvas:
    """A drawing in points; x goes to the right and y upwards.

    Lines lie below boxes, and among themselves in the order in which they are drawn.
    """

    def __init__(self) -> None:
        import graphviz  # type: ignore[import-untyped]  # only where something is drawn: it is slow to import

        self._graph = graphviz.Digraph("trace", graph_attr=_GRAPH, node_attr=_NODE, edge_attr=_EDGE)
        self._unnamed = 0

    @property
    def source(self) -> str:
        """The drawing in the DOT language."""
        return str(self._graph.source)

    def box(self, name: str, text: str, x: float, y: float, width: float, height: float, **look: str) -> None:
        """A box with its middle at (x, y); lines and arrows refer to it by name."""
        look = {"shape": "box", "style": "filled,rounded", **look}
        self._node(name, literal(text), x, y, width, height, look)

    def text(self, text: str, x: float, y: float, size: float, colour: str, *, align: str = "l") -> float:
        """A line of text that begins at x; or ends there (`align` ``r``), or has its middle there (``c``).

        Returns:
            About how wide it is.
        """
        width = text_width(text, size) + 2
        middle = x + {"l": width / 2, "r": -width / 2, "c": 0}[align]
        end = "" if align == "c" else f"\\{align}"
        look = {"shape": "plaintext", "fontsize": _number(size), "fontcolor": colour}
        self._node(self._name(), literal(text, end), middle, y, width, size * 1.4, look)
        return width

    def line(self, tail: str, head: str, **look: str) -> None:
        """A line between two boxes, without arrowhead unless asked for."""
        self._graph.edge(tail, head, **{"arrowhead": "none", **look})

    def arrow(self, tail: str, head: str, **look: str) -> None:
        """An arrow between two boxes; ``name:e`` is the right side of a box, ``name:w`` the left."""
        self._graph.edge(tail, head, **look)

    def stroke(self, start: tuple[float, float], end: tuple[float, float], **look: str) -> None:
        """A straight line between two places."""
        self.line(self._point(*start), self._point(*end), **look)

    def _point(self, x: float, y: float) -> str:
        name = self._name()
        self._node(name, literal(""), x, y, 0, 0, {"shape": "point", "style": "invis"})
        return name

    def _node(
        self, name: str, label: str, x: float, y: float, width: float, height: float, look: dict[str, str]
    ) -> None:
        place = {
            "pos": f"{_number(x)},{_number(y)}!",
            "width": _number(width / _POINTS_PER_INCH),
            "height": _number(height / _POINTS_PER_INCH),
        }
        self._graph.node(name, label, **place, **look)

    def _name(self) -> str:
        self._unnamed += 1
        return f"x{self._unnamed}"


def literal(text: str, end: str = "") -> str:
    r"""A label that shows just this text: Graphviz reads ``\N``, ``<b>`` and ``&lt;`` in a label otherwise.

    Args:
        text: Any printable text.
        end: An escape of Graphviz's to go after it: ``\l`` or ``\r`` push the line to that side.
    """
    import graphviz  # as above

    escaped: str = graphviz.escape(text.replace("&", "&amp;"))
    label: str = graphviz.nohtml(escaped + end)
    return label


def _number(value: float) -> str:
    return f"{round(value, 3):g}"
