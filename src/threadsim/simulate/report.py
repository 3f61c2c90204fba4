"""How an execution ended, for a person to read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from threadsim.model.event import Kind
from threadsim.model.site import Site
from threadsim.simulate.kernel import Left
from threadsim.simulate.registry import Entry
from threadsim.simulate.thread import SimulatedThread

NameOf = Callable[[Entry], str]


def is_waiting_for_the_others(left: Left) -> bool:
    """Whether it is the main thread after its last line."""
    return left.kind is Kind.JOIN and left.target is None and left.entry is None


def deadlock(left: Sequence[Left], name_of: NameOf) -> str:
    """Who waits for what, where, held by whom, as sentences; a cycle is followed round."""
    told: set[int] = set()
    by_number = {item.thread.number: item for item in left}
    sentences = []
    for item in left:
        if not item.is_ready and item.thread.number not in told and not is_waiting_for_the_others(item):
            sentences.append(_chain(item, by_number, told, name_of))
    return "deadlock: " + " ".join(sentences)


def _chain(item: Left, by_number: dict[int, Left], told: set[int], name_of: NameOf) -> str:
    told.add(item.thread.number)
    text = f"{item.thread.name} {_waits(item, name_of)}"
    while True:
        holder = item.holder or item.target
        if holder is None:
            return f"{text}."
        if item.holder is not None:
            text += f", held by {_self_or_name(holder, item.thread)}"
        following = by_number.get(holder.number)
        if following is None or following.is_ready or holder.number in told:
            return f"{text}."
        told.add(holder.number)
        item = following
        text += f", which {_waits(item, name_of)}"


def _self_or_name(holder: SimulatedThread, thread: SimulatedThread) -> str:
    return "itself" if holder is thread else holder.name


def _waits(left: Left, name_of: NameOf) -> str:
    """``waits for Account._lock (bank.py:14)``."""
    what = left.target.name if left.target is not None else name_of(left.entry) if left.entry is not None else None
    verb = {Kind.JOIN: "waits for the end of", Kind.GET: "waits for an item in", Kind.PUT: "waits for room in"}
    if left.kind is Kind.JOIN and left.target is None:
        return f"waits in join() of {what}{_at(left.place)}" if what else "waits for the other threads to end"
    return f"{verb.get(left.kind, 'waits for')} {what or left.kind}{_at(left.place)}"


def livelock(left: Sequence[Left], steps: int, name_of: NameOf) -> str:
    """Who was still going, and at what."""
    going = [
        f"{item.thread.name} at {item.kind} {name_of(item.entry) if item.entry is not None else ''}".rstrip()
        + _at(item.place)
        for item in left
        if item.is_ready
    ]
    return (
        f"livelock: after {steps:,} scheduling points the program is still going: {'; '.join(going)}. "
        "If it needs more, give a higher max_steps."
    )


def _at(site: Site | None) -> str:
    return "" if site is None else f" ({site})"
