"""A line of the program's source with an expression in it underlined."""

from __future__ import annotations

import hashlib
import linecache
from collections.abc import Iterator
from pathlib import Path

from rich.cells import cell_len, set_cell_size

from threadsim.model.site import Site
from threadsim.model.trace import Trace
from threadsim.render.table import FAINT, MARK, PLAIN, Line
from threadsim.render.words import printable

_CONTEXT = 16
"""How many cells of a line that is too long are shown before the expression."""


class Source:
    """The source files of a trace, as far as they are there and are what they were when it was made."""

    def __init__(self, trace: Trace) -> None:
        self._digests = trace.header.sources
        self._unchanged: dict[str, bool] = {}

    def underlined(self, site: Site | None, indent: str, width: int | None) -> Iterator[Line]:
        """The line and, below it, the mark; nothing if the source is not to be had."""
        text = self._line(site)
        if site is None or not text.strip():
            return
        begin, end = _columns(text, site)
        gutter = f"{indent}{site.line:>5} │ "
        shown, begin, end = _cut(text, begin, end, None if width is None else width - len(gutter))
        yield [(gutter, FAINT), (shown.rstrip(), PLAIN)]
        yield [(f"{' ' * (len(gutter) - 2)}│ ", FAINT), (" " * begin + "^" * max(end - begin, 1), MARK)]

    def _line(self, site: Site | None) -> str:
        if site is None or not self._is_unchanged(site.file):
            return ""
        linecache.checkcache(site.file)
        return linecache.getline(site.file, site.line).rstrip("\r\n")

    def _is_unchanged(self, file: str) -> bool:
        if file not in self._unchanged:
            self._unchanged[file] = self._digests.get(file) in (None, _digest(file))
        return self._unchanged[file]


def _digest(file: str) -> str | None:
    try:
        return f"sha256:{hashlib.sha256(Path(file).read_bytes()).hexdigest()}"
    except OSError:
        return None


def _columns(text: str, site: Site) -> tuple[int, int]:
    """The expression's columns in characters; to the end of the line if it goes on below."""
    encoded = text.encode("utf-8", "surrogatepass")
    last = site.end_column if site.end_line == site.line else len(encoded)
    begin = len(encoded[: site.column].decode("utf-8", "replace"))
    return begin, max(len(encoded[:last].decode("utf-8", "replace")), begin)


def _cut(text: str, begin: int, end: int, room: int | None) -> tuple[str, int, int]:
    """The line without its indentation, printable and no wider than there is room; the columns in cells."""
    start = len(text) - len(text.lstrip())
    begin = min(max(begin, start), len(text) - 1)
    end = max(end, begin)
    parts = [printable(part) for part in (text[start:begin], text[begin:end], text[end:])]
    before, inside = cell_len(parts[0]), cell_len(parts[1])
    shown = "".join(parts)
    if room is None or cell_len(shown) <= room:
        return shown, before, before + inside
    if before > _CONTEXT and before + inside >= room:  # what stands before the expression gives way
        shown = "…" + _without_cells(shown, before - _CONTEXT)
        before = _CONTEXT + 1
    if cell_len(shown) > room:
        shown = set_cell_size(shown, max(room - 1, 1)).rstrip() + "…"
    return shown, before, max(min(before + inside, room), before + 1)


def _without_cells(text: str, cells: int) -> str:
    """The text without its first so many cells."""
    return text[len(set_cell_size(text, cells)) :]
