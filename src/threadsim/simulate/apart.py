"""What the standard library keeps of threads, apart: an execution's own, and that of all other threads.

Their code finds it under one name in a module, whichever OS thread runs it.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import FunctionType
from typing import Any

from threadsim.simulate import stage
from threadsim.simulate.stage import get_ident, here


class Apart:
    """Two tables under one name: simulated threads use the one, all others the other.

    Args:
        own: The execution's.
        others: What there was before.
    """

    __slots__ = ("_others", "_own")

    def __init__(self, own: Any, others: Any) -> None:
        self._own = own
        self._others = others

    def _table(self) -> Any:
        return self._own if stage.kernel is not None and get_ident() == stage.thread else self._others

    def __getattr__(self, name: str) -> Any:
        return getattr(self._table(), name)

    def __getitem__(self, key: Any) -> Any:
        return self._table()[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._table()[key] = value

    def __delitem__(self, key: Any) -> None:
        del self._table()[key]

    def __contains__(self, key: object) -> bool:
        return key in self._table()

    def __len__(self) -> int:
        return len(self._table())

    def __iter__(self) -> Iterator[Any]:
        return iter(self._table())


class Flag:
    """A global that is true or false, for simulated threads and for others.

    A function that assigns to it has to be run by `run`.
    """

    def __init__(self, name: str, others: object) -> None:
        self._name = name
        self._own: dict[str, Any] = {name: False}
        self._others: dict[str, Any] = {name: others}

    def _names(self) -> dict[str, Any]:
        return self._others if here() is None else self._own

    def __bool__(self) -> bool:
        return bool(self._names()[self._name])

    @property
    def others(self) -> Any:
        """What it is for threads that are not simulated."""
        return self._others[self._name]

    def run(self, function: FunctionType, namespace: dict[str, Any]) -> None:
        """Call a function of that namespace; what it assigns to the flag is for whoever runs it."""
        names = self._names()
        names.update({**namespace, self._name: names[self._name]})
        FunctionType(function.__code__, names)()
