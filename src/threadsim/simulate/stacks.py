"""The stacks of what happens, where they are asked for: an execution is run once more to have them."""

from __future__ import annotations

import sys
from collections.abc import Collection

from greenlet import getcurrent, greenlet

from threadsim.instrument.stacks import Calls, calls_from
from threadsim.simulate.notes import Note


class NotesWithStacks(list[Note]):
    """A kernel's notes, and of some of them the calls that the thread was in the midst of.

    It stands in for a plain list, so that who asks for no stacks pays nothing.

    Args:
        wanted: Numbers of notes.

    Attributes:
        calls: By the number of the note.
    """

    def __init__(self, wanted: Collection[int]) -> None:
        super().__init__()
        self._wanted = frozenset(wanted)
        self.calls: dict[int, Calls] = {}

    def append(self, note: Note) -> None:
        """As the thread does something."""
        if len(self) in self._wanted:
            self.calls[len(self)] = calls_from(sys._getframe(1))
        super().append(note)


def calls_of(thread: greenlet) -> Calls:
    """The calls that a thread is in the midst of now, whether it is the one that runs or not."""
    return calls_from(sys._getframe(1) if thread is getcurrent() else thread.gr_frame)
