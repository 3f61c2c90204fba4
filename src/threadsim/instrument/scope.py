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
        self._roots = tuple(os.path.join(spelled, "") for root in roots for spelled in _spellings(root))
        self._included = tuple(place for name in include for place in _places(name))
        self.key = self._roots, self._included
        """Two scopes with the same key hold the same files."""
        self._known = _known.setdefault(self.key, {})

    def __contains__(self, path: str) -> bool:
        """Whether the code in a file (its `co_filename`) is in scope."""
        try:
            return self._known[path]
        except KeyError:
            found = self._known[path] = self._decide(path)
            return found

    def _decide(self, path: str) -> bool:
        if path.startswith("<") or not path:
            return False
        spellings = _spellings(path)
        if any(spelled.startswith(_OURS) for spelled in spellings):
            return False
        if any(_is_at(spelled, place) for spelled in spellings for place in self._included):
            return True
        below = any(spelled.startswith(self._roots) for spelled in spellings)
        return below and not file_name(path).startswith("<")


_known: dict[tuple[tuple[str, ...], tuple[str, ...]], dict[str, bool]] = {}
"""What scopes with the same roots and packages have decided already: it takes a look at the disk."""


def _spellings(path: str) -> tuple[str, str]:
    """A path as it is, and with links followed: a folder of the program's may be a link to elsewhere."""
    return os.path.abspath(path), os.path.realpath(path)


def _is_at(path: str, place: str) -> bool:
    return path == place or (place.endswith(os.sep) and path.startswith(place))


def _places(name: str) -> list[str]:
    """The file of a module, or the folders of a package with a separator at their ends."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        raise ProgramError(f"there is no package {name!r} to include: is it installed for {sys.executable}?")
    if spec.submodule_search_locations:
        return [os.path.join(os.path.realpath(folder), "") for folder in spec.submodule_search_locations]
    if spec.origin is None or not spec.origin.endswith(".py"):
        raise ProgramError(f"{name!r} cannot be included: it is not written in Python")
    return [os.path.realpath(spec.origin)]
