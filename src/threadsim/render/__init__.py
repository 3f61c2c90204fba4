"""A trace shown: as text, and as a Graphviz diagram.

Functions on a trace. Nothing here runs a program, and nothing asks how the trace was made; only the
explanation of a failure looks at the source, if it is there. `FORMATS` is the table of what there is; a new
format is a new file and a line in it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from threadsim.model.errors import ThreadsimError
from threadsim.model.trace import Trace
from threadsim.render.graph import to_dot
from threadsim.render.image import to_image, to_svg
from threadsim.render.text import to_text
from threadsim.render.window import WHOLE, Window

__all__ = ["FORMATS", "WHOLE", "Window", "render"]

FORMATS: dict[str, Callable[[Trace, Window], str | bytes]] = {
    "text": to_text,
    "dot": to_dot,
    "svg": to_svg,
    "png": partial(to_image, format="png"),
    "pdf": partial(to_image, format="pdf"),
}
"""What a trace can be shown as: the name, and what makes it."""


def render(trace: Trace, format: str, *, window: Window = WHOLE) -> str | bytes:
    """A trace in one of the `FORMATS`.

    Args:
        trace: What to show.
        format: Its name in the table.
        window: Which part of it.

    Returns:
        Text, or bytes where the format is binary.

    Raises:
        ThreadsimError: There is no such format, or the window names a thread that there is not, or the
            format needs a program that is not installed.

    Example:
        ``render(trace, "svg", window=Window(first=10, threads=("Thread-1",)))``
    """
    if format not in FORMATS:
        raise ThreadsimError(f"there is no format {format!r}; the formats are {', '.join(FORMATS)}")
    return FORMATS[format](trace, window)
