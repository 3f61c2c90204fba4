"""The simple queues that a program makes while it is recorded.

`queue.SimpleQueue` is written in C and cannot be looked into, so here is one in which putting and getting can
be noted in exact order. The real one counts and blocks; the items stand beside it.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from time import perf_counter
from types import FrameType, GenericAlias
from typing import Any

from threadsim.instrument.sites import program_call
from threadsim.model.event import Kind
from threadsim.record import log as logs
from threadsim.record.entries import ObjectEntry
from threadsim.record.locks import WrapperType
from threadsim.record.log import Log
from threadsim.record.operations import result_of_error

REAL_SIMPLE_QUEUE: Any = queue.SimpleQueue
_real_rlock = type(threading.RLock())


class SimpleQueue(metaclass=WrapperType):
    """What `queue.SimpleQueue` is while a program is recorded."""

    __module__ = "_queue"
    __class_getitem__: Any = classmethod(GenericAlias)

    def __new__(cls) -> Any:
        """A queue of ours for the program, a real one for everybody else."""
        if cls is SimpleQueue and (program_call(1) is None or logs.current is None):
            return REAL_SIMPLE_QUEUE()
        return super().__new__(cls)

    def __init__(self) -> None:
        frame = program_call(1)
        log = logs.current
        self._log: Log | None = log
        self._entry: ObjectEntry | None = None
        if frame is not None and log is not None:
            self._entry = log.registry.new("SimpleQueue", frame)
        self._counted: Any = REAL_SIMPLE_QUEUE()
        self._items: deque[Any] = deque()
        self._order = _real_rlock()  # a put may come in the middle of another: from a signal, a __del__

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        """As of a real queue, like all that follow; it never blocks."""
        frame = program_call(1)
        with self._order:
            self._note(Kind.PUT, frame)
            self._items.append(item)
        self._counted.put(None)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """The next item; raises `queue.Empty` if there is none in time."""
        frame = program_call(1)
        begun = perf_counter()
        waited = None
        try:
            if block and self._counted.empty():
                self._counted.get(block, timeout)
                waited = perf_counter() - begun
            else:
                self._counted.get(block, timeout)
        except Exception as error:
            self._note(Kind.GET, frame, result_of_error(error), perf_counter() - begun if block else None)
            raise
        with self._order:
            self._note(Kind.GET, frame, None, waited)
            return self._items.popleft()

    def put_nowait(self, item: Any) -> None:
        """`put`."""
        self.put(item)

    def get_nowait(self) -> Any:
        """`get`, without blocking."""
        return self.get(block=False)

    def qsize(self) -> int:
        """How many items there are, for the moment."""
        self._note(Kind.SIZE, program_call(1))
        size: int = self._counted.qsize()
        return size

    def empty(self) -> bool:
        """Whether there is none, for the moment."""
        self._note(Kind.SIZE, program_call(1))
        empty: bool = self._counted.empty()
        return empty

    def _note(
        self, kind: Kind, frame: FrameType | None, result: str | None = None, waited: float | None = None
    ) -> None:
        if frame is not None and self._log is not None and not self._log.closed:
            self._log.note(kind, frame, self._entry, result, waited)


SimpleQueue.real_type = REAL_SIMPLE_QUEUE
