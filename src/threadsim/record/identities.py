"""A table of what is known of objects, by who they are and not by what they equal."""

from __future__ import annotations

from typing import Generic, TypeVar
from weakref import ref

V = TypeVar("V")


class Identities(Generic[V]):
    """Values by identity, forgotten when the object dies, since its identity is then used again.

    An object that cannot be referred to weakly is kept alive.
    """

    def __init__(self) -> None:
        self._values: dict[int, V] = {}
        self._kept: dict[int, object] = {}  # the objects, or the references to them

    def get(self, obj: object) -> V | None:
        """What is known of an object."""
        return self._values.get(id(obj))

    def add(self, obj: object, value: V) -> V:
        """Know `value` of an object from now on."""
        key = id(obj)
        values, kept = self._values, self._kept

        def forget(_: object) -> None:
            values.pop(key, None)
            kept.pop(key, None)

        try:
            kept[key] = ref(obj, forget)
        except TypeError:
            kept[key] = obj
        values[key] = value
        return value
