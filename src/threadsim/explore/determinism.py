"""Notices a program that does not do the same under the same schedule."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import zip_longest

import attrs

from threadsim.model.errors import Divergence, ThreadsimError
from threadsim.model.event import Event
from threadsim.model.trace import Outcome, Trace
from threadsim.simulate.execution import Execution
from threadsim.simulate.simulator import Simulator
from threadsim.strategy.replay import Replay

_ADDRESS = re.compile("0x[0-9a-f]+", re.IGNORECASE)


class NondeterminismError(ThreadsimError):
    """The program does not do the same under the same schedule, so that no search can be trusted.

    Attributes:
        step: The number of the event or scheduling point at which it first differed.
        expected: What happened there the first time.
        got: What happened there the second time.
    """

    def __init__(self, message: str, *, step: int, expected: str, got: str) -> None:
        super().__init__(message)
        self.step = step
        self.expected = expected
        self.got = got

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (str(self), self.step, self.expected, self.got)


def _again(message: str, step: int, expected: str, got: str) -> NondeterminismError:
    return NondeterminismError(message, step=step, expected=expected, got=got)


def re_execute(simulator: Simulator, trace: Trace, *, stacks_at: Collection[int] = ()) -> Execution:
    """Run the program along a trace that it has just made; `stacks_at` is as in `Simulator.execute`.

    Raises:
        NondeterminismError: It does something else; the message shows the first difference.
    """
    strategy = Replay(trace.schedule, same_source=True)
    execution = simulator.execute(strategy, trace.header.seed, stacks_at=stacks_at)
    if isinstance(execution.error, KeyboardInterrupt):
        raise execution.error
    difference = first_difference(trace, execution.trace)
    if difference is not None:
        raise difference
    if execution.outcome is Outcome.DIVERGED and isinstance(execution.error, Divergence):
        raise noticed(execution.error)
    return execution


def noticed(divergence: Divergence) -> NondeterminismError:
    """What it means that the program could not be led along its own schedule."""
    return _error("scheduling point", divergence.step, divergence.expected, divergence.got)


def first_difference(expected: Trace, got: Trace) -> NondeterminismError | None:
    """Where two executions under the same schedule part, None if they do not."""
    for number, (one, other) in enumerate(zip_longest(expected.events, got.events)):
        if _comparable(expected, one) != _comparable(got, other):
            return _error("event", number, _words(expected, one), _words(got, other))
    if expected.outcome != got.outcome and got.outcome is not Outcome.DIVERGED:
        return _error("event", len(got.events), f"the end: {expected.outcome}", f"the end: {got.outcome}")
    return None


def _comparable(trace: Trace, event: Event | None) -> object:
    """What should be the same again. An address in a text is of no consequence: nobody can reckon with it."""
    if event is None:
        return None
    if event.value is not None and "0x" in event.value:
        event = attrs.evolve(event, value=_ADDRESS.sub("0x…", event.value))
    return event, trace.object_name(event)


def _words(trace: Trace, event: Event | None) -> str:
    if event is None:
        return "the end of the program"
    parts = [trace.thread_name(event.thread), event.kind, trace.object_name(event)]
    words = " ".join(part for part in parts if part)
    words += f" = {event.value!s}".rstrip("\n") if event.value is not None else ""
    words += f" -> {event.result}" if event.result is not None else ""
    return words + (f" at {event.site}" if event.site is not None else "")


def _error(what: str, step: int, expected: str, got: str) -> NondeterminismError:
    return NondeterminismError(
        "the program is not deterministic: run again under the same schedule, it did something else at "
        f"{what} {step}: expected {expected}; got {got}. It may depend on a real clock, a random number, a "
        "file, standard input, an address or what an execution before left behind",
        step=step,
        expected=expected,
        got=got,
    )
