"""One access to shared state: the scheduling point before it, and the note that it happened."""

from __future__ import annotations

from typing import Any, Final

from threadsim.instrument.access import Access
from threadsim.model.event import Kind
from threadsim.simulate.kernel import Kernel
from threadsim.simulate.notes import ABSENT
from threadsim.simulate.registry import Entry
from threadsim.strategy.steps import Mode

READ: Final = Kind.READ
WRITE: Final = Kind.WRITE
DELETE: Final = Kind.DELETE

_SMALL = frozenset({int, float, bool, str, bytes, type(None)})
"""Types whose values are shown in a trace."""


def come_to(kernel: Kernel, kind: Kind, access: Access, entry: Entry, key: Any = None) -> bool:
    """Come to a scheduling point before an access; False in the midst of an operation, which is one step."""
    current = kernel.current
    if current.inside:
        kernel.touch(entry.location(access.name), Mode.READ if kind is READ else Mode.WRITE)
        return False
    current.kind = kind
    current.where = access
    current.entry = entry
    current.target = None
    current.key = key
    kernel.point()
    return True


def note(kernel: Kernel, kind: Kind, access: Access, entry: Entry, field: str | None, value: Any) -> None:
    """Note that it happens now, with the value that is read or written if that is small."""
    kernel.notes.append(
        (
            kernel.current.number,
            kind,
            access,
            entry,
            None,
            field,
            value if type(value) in _SMALL else ABSENT,
            None,
            None,
            kernel.clock.now,
            kernel.steps,
        )
    )
