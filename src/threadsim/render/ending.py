"""What a trace is of, and how it ended, in lines for a person."""

from __future__ import annotations

from threadsim.model.event import Kind
from threadsim.model.trace import Outcome, Trace, Waiting
from threadsim.render.stack import stack_words
from threadsim.render.words import name_of, printable

SEPARATOR = " · "


def title(trace: Trace) -> str:
    """One line on what it is: ``lost_update.py · simulated: seed 3, random · failed``."""
    header = trace.header
    program = " ".join(printable(word) for word in (header.program, *header.arguments))
    how = ", ".join(
        [
            *([f"seed {header.seed}"] if header.seed is not None else []),
            *([printable(header.strategy)] if header.strategy is not None else []),
        ]
    )
    return SEPARATOR.join(
        [program, f"{header.kind}: {how}" if how else header.kind, trace.outcome or "incomplete"]
    )


def ending_lines(trace: Trace) -> list[str]:
    """What happened in the end: the message, then who was still waiting."""
    if trace.ending is None:
        return ["incomplete: the run was cut off before its end"]
    message = [printable(line) for line in trace.ending.message.splitlines()]
    if not message and trace.outcome is not Outcome.PASSED:
        message = [str(trace.outcome)]
    waiting = [f"  {line}" for each in trace.ending.waiting for line in waiting_lines(trace, each)]
    # A deadlock's message may be these very sentences already.
    return message + [line for line in waiting if line.strip() not in trace.ending.message]


def waiting_lines(trace: Trace, waiting: Waiting) -> list[str]:
    """Who waits for what, and below it the calls by which it came there, if there are any to tell of."""
    calls = stack_words(waiting.stack, waiting.site)
    return [waiting_words(trace, waiting), *([f"  {calls}"] if calls else [])]


def waiting_words(trace: Trace, waiting: Waiting) -> str:
    """Who waits for what, where, and who holds it."""
    who = name_of(trace.thread_name(waiting.thread))
    place = f" ({printable(str(waiting.site))})" if waiting.site is not None else ""
    return f"{who} {waits_for(trace, waiting)}{place}{held_by(trace, waiting)}"


def held_by(trace: Trace, waiting: Waiting) -> str:
    """``, held by main``, or nothing if nobody does."""
    return "" if waiting.holder is None else f", held by {name_of(trace.thread_name(waiting.holder))}"


def waits_for(trace: Trace, waiting: Waiting) -> str:
    """What a thread was blocked in (or, when it was only going round and round, what came next)."""
    if trace.outcome is Outcome.LIVELOCK:
        return f"was about to {waiting.kind} {_wanted(trace, waiting)}".rstrip()
    purpose = {Kind.JOIN: " to end", Kind.GET: " to hold an item", Kind.PUT: " to have room"}
    return f"waits for {_wanted(trace, waiting)}{purpose.get(waiting.kind, '')}"


def _wanted(trace: Trace, waiting: Waiting) -> str:
    if waiting.target is not None:
        return name_of(trace.thread_name(waiting.target))
    if waiting.obj is not None:
        return name_of(trace.objects[waiting.obj].name)
    return "" if trace.outcome is Outcome.LIVELOCK else f"its {waiting.kind}"
