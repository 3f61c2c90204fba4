"""Objects of some types among all that there are: looked for once, and from then on only among the new ones.

The garbage collector keeps objects by generation. As long as it has not collected the middle or the old one,
all that was made since the last look is in the two younger ones, which are small; what was found before is
remembered by weak references, so that nothing is kept alive. From 3.14 on its generations mean something
else, and each look is at everything.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from typing import Any
from weakref import ref

_HAS_GENERATIONS = sys.version_info < (3, 14)


class Search:
    """A search that is repeated.

    Args:
        types: Of the objects; exactly these. They can be referred to weakly.
        wanted: Whether an object of these types is one that is looked for.
    """

    def __init__(self, types: frozenset[type], wanted: Callable[[Any], bool]) -> None:
        self._types = types
        self._wanted = wanted
        self._found: list[ref[Any]] = []
        self._collections: tuple[int, int] | None = None

    def objects(self) -> list[Any]:
        """All that there are now."""
        while True:
            collections = _collections()
            if _HAS_GENERATIONS and collections == self._collections:
                found = {id(obj): obj for known in self._found if (obj := known()) is not None}
                candidates = gc.get_objects(0) + gc.get_objects(1)
            else:
                found = {}
                candidates = gc.get_objects()
            if collections == _collections():
                break
        types, wanted = self._types, self._wanted
        found.update((id(obj), obj) for obj in candidates if type(obj) in types and wanted(obj))
        self._found = [ref(obj) for obj in found.values()]
        self._collections = collections
        return list(found.values())


def _collections() -> tuple[int, int]:
    """How often the middle and the old generation have been collected."""
    _, middle, old = gc.get_stats()
    return middle["collections"], old["collections"]
