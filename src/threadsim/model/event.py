"""The words for what threads do: one page that defines every kind of event.

Traces, strategies, diagrams and messages use just these words.
"""

from __future__ import annotations

from enum import StrEnum

import attrs

from threadsim.model.site import Site


class Kind(StrEnum):
    """What a thread did."""

    # Threads. `target` is the thread that is started, joined or asked about.
    START = "start"  # Thread.start(), or _thread.start_new_thread()
    BEGIN = "begin"  # the first step of the new thread itself
    END = "end"  # the thread is over
    JOIN = "join"  # Thread.join() came back (also Queue.join(): then `obj` is the queue)
    IS_ALIVE = "is_alive"  # or, without a target, a question about all of them: enumerate(), active_count()
    FIRE = "fire"  # a Timer's interval is over: its function is called next
    CANCEL = "cancel"  # Timer.cancel()
    RAISE = "raise"  # an exception that nobody caught ended the thread

    # Locks, semaphores and the lock of a condition.
    ACQUIRE = "acquire"
    RELEASE = "release"
    LOCKED = "locked"

    # Conditions, events and barriers.
    WAIT = "wait"  # the call; what the thread holds of a condition is given up here
    WAKE = "wake"  # the wait that had to block comes back
    NOTIFY = "notify"
    NOTIFY_ALL = "notify_all"
    SET = "set"
    CLEAR = "clear"
    IS_SET = "is_set"
    RESET = "reset"
    ABORT = "abort"

    # Queues.
    PUT = "put"
    GET = "get"
    TASK_DONE = "task_done"
    SIZE = "size"  # qsize(), empty() and full()
    SHUTDOWN = "shutdown"

    # Shared state that is not a primitive: attributes, globals, closure cells, containers.
    READ = "read"
    WRITE = "write"
    DELETE = "delete"

    # The rest.
    SLEEP = "sleep"
    OUTPUT = "output"  # a write to standard output or standard error: `value` is the text


ACCESSES = frozenset({Kind.READ, Kind.WRITE, Kind.DELETE})
"""The kinds that touch shared state outside of any primitive."""


@attrs.frozen(slots=True)
class Event:
    """An operation that happened, recorded or simulated.

    Attributes:
        number: Its place in the trace, counted from 0.
        thread: The number of the thread that did it (0 is the main thread).
        kind: What was done.
        site: Where in the source; None for what no line of the program asked for (a thread's
            begin and end).
        obj: The number of the object that it was done to, or None.
        target: The number of the thread that it was done to (start, join, cancel …), or None.
        field: For an access inside a container, the key as Python source: ``0`` or ``'name'``.
            None for the whole container.
        value: The value read or written as Python source where that is short; the text of an
            output; the message of a raise.
        result: None when it did what was asked; otherwise a word or two: ``timed out``,
            ``would block``, ``empty``, ``full``, ``broken``, ``false`` (is_set, is_alive,
            locked) or the name of the exception that the call raised.
        waited: Seconds spent blocked in it, None if it did not have to block. Real seconds in a
            recorded trace, virtual ones in a simulated trace.
        time: Seconds since the program began, real or virtual likewise.
        stack: The calls that led to `site`, the outermost first: those in the program's own files, `site`
            itself left out. Empty if there are none, or unless somebody asked for them: a search does for
            the events that its explanation shows. Two events are equal without regard to it.
    """

    number: int
    thread: int
    kind: Kind
    site: Site | None = None
    obj: int | None = None
    target: int | None = None
    field: str | None = None
    value: str | None = None
    result: str | None = None
    waited: float | None = None
    time: float = 0.0
    stack: tuple[Site, ...] = attrs.field(default=(), eq=False)
