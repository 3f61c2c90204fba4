"""Whose code is rewritten: the program's own tree, and what is included by name."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterable, Sequence

from threadsim.instrument.sites import file_name
from threadsim.model.errors import ProgramError

_OURS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")


class Scope:
    """Which files are the program's own.

    Args:
        roots: Folders; what lies below one is in scope, except for the standard library and installed
            packages.
        include: Packages or modules, by name, that are in scope wherever they lie.

    Raises:
        ProgramError: There is no package of a name in `include`.
    """

    def __init__(self, roots: Iterable[str], include: Sequence[str] = ()) -> None:
        self._roots = tuple(os.path.join(os.path.realpath(root), "") for root in roots)
        self._included = tuple(_place(name) for name in include)
        self._known = _known.setdefault((self._roots, self._included), {})

    def __contains__(self, path: str) -> bool:
        """Whether the code in a file (its `co_filename`) is in scope."""
        try:
            return self._known[path]
        except KeyError:
            found = self._known[path] = self._decide(path)
            return found

    def _decide(self, path: str) -> bool:
        if path.startswith("<"):
            return False
        real = os.path.realpath(path)
        if real.startswith(_OURS):
            return False
        if any(real == place or real.startswith(place) for place in self._included):
            return True
        return real.startswith(self._roots) and not file_name(path).startswith("<")


_known: dict[tuple[tuple[str, ...], tuple[str, ...]], dict[str, bool]] = {}
"""What scopes with the same roots and packages have decided already: it takes a look at the disk."""


def _place(name: str) -> str:
    """The file of a module, or the folder of a package with a separator at its end."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        raise ProgramError(f"there is no package {name!r} to include: is it installed for {sys.executable}?")
    if spec.submodule_search_locations:
        return os.path.join(os.path.realpath(next(iter(spec.submodule_search_locations))), "")
    if spec.origin is None or not spec.origin.endswith(".py"):
        raise ProgramError(f"{name!r} cannot be included: it is not written in Python")
    return os.path.realpath(spec.origin)
