"""The greenlets that simulated threads run in, one thread after the other.

A greenlet that begins gets memory for its frames from the operating system, and gives it back when it ends:
dearer than all else about it. So one whose thread is over waits for another, of this execution or the next.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from greenlet import getcurrent, greenlet

Life = Callable[[], object]
"""All that a thread does."""


class Carrier(greenlet):
    """A greenlet that carries one thread at a time.

    Attributes:
        life: The thread that it is to carry, None as soon as it does.
    """

    __slots__ = ("life",)

    life: Life | None


class Carriers:
    """Those of one OS thread."""

    def __init__(self) -> None:
        self._idle: list[Carrier] = []

    def carrier(self, life: Life, hub: greenlet) -> Carrier:
        """One that lives this life when it is switched to; control goes to the hub when that is over."""
        carrier = self._idle.pop() if self._idle else Carrier(partial(_carry, self._idle))
        carrier.life = life
        carrier.parent = hub
        return carrier

    def let_go(self) -> None:
        """End those that wait."""
        self._idle.clear()


def _carry(idle: list[Carrier]) -> None:
    """Carry thread after thread. An exception ends it and goes to the hub.

    No variable refers to the carrier: its own frame would keep it alive for ever.
    """
    while True:
        _life()()
        _hub_after_life(idle).switch()


def _life() -> Life:
    carrier: Any = getcurrent()
    life: Life = carrier.life
    carrier.life = None
    return life


def _hub_after_life(idle: list[Carrier]) -> greenlet:
    """Where control goes; the carrier is idle now, and keeps nothing of the thread's."""
    carrier: Any = getcurrent()
    carrier.gr_context = None
    idle.append(carrier)
    hub: greenlet = carrier.parent
    return hub
