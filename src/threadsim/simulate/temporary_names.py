"""`tempfile`'s names: whoever asks first in a process makes what they come from, under a lock.

An execution is to be the same whether or not somebody asked before, so there that is made without the lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from threadsim.simulate.stage import here


def table(module: ModuleType) -> Iterator[tuple[Any, Callable[..., Any]]]:
    """The function, with what handles it."""
    names: Any = module

    def candidate_names(original: Callable[[], Any]) -> Any:
        if here() is not None and names._name_sequence is None:
            names._name_sequence = names._RandomNameSequence()
        return original() if names._name_sequence is None else names._name_sequence

    yield names._get_candidate_names, candidate_names
