"""What went wrong in a failing execution: the class of bug, if the trace shows one, and what to point at."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from threadsim.analyse.causes import (
    check_then_act,
    deadlock_cycle,
    iteration,
    lost_update,
    missed_notify,
    order_violation,
    stale_question,
    write_skew,
)
from threadsim.analyse.causes.evidence import Evidence, Finding, writes
from threadsim.model.event import Event
from threadsim.model.findings import Diagnosis
from threadsim.model.trace import Outcome, Trace
from threadsim.render.ending import ending_lines
from threadsim.render.phrases import Phrases
from threadsim.render.words import exception_words

_Find = Callable[[Evidence], Iterator[Finding]]

_OF_DEADLOCK: tuple[_Find, ...] = (deadlock_cycle.find, stale_question.find, missed_notify.find)

_OF_FAILURE: tuple[_Find, ...] = (
    iteration.find,
    stale_question.find,
    check_then_act.find_failing,
    lost_update.find,
    check_then_act.find_stale,
    write_skew.find,
    order_violation.find,
)
"""The most specific first."""


def diagnose(trace: Trace) -> Diagnosis:
    """What went wrong.

    Of the classes of bug that the trace shows, the one nearest to the failure; of equally near ones the most
    specific, and of these the last. An execution that passed is looked at like one that failed nobody knows
    where: it may have failed a check afterwards.
    """
    evidence = Evidence(trace)
    best = min(_ranked(evidence), key=lambda ranked: ranked[0], default=None)
    if best is None:
        return _unclassified(evidence)
    finding = best[1]
    return Diagnosis(finding.cause, finding.events, finding.tell(Phrases(trace)))


def _ranked(evidence: Evidence) -> Iterator[tuple[tuple[int, int, int], Finding]]:
    for rank, find in enumerate(_finders(evidence.trace.outcome)):
        for finding in find(evidence):
            distance = evidence.distance(finding.location)
            if distance is not None:
                last = finding.events[-1].number if finding.events else -1
                yield (distance, rank, -last), finding


def _finders(outcome: Outcome | None) -> tuple[_Find, ...]:
    if outcome is Outcome.DEADLOCK:
        return _OF_DEADLOCK
    return _OF_FAILURE if outcome in (Outcome.FAILED, Outcome.PASSED) else ()


def _unclassified(evidence: Evidence) -> Diagnosis:
    """What the failure was decided by, and which thread had made it so."""
    failure = evidence.failure
    if failure is None or evidence.trace.outcome is not Outcome.FAILED:
        return Diagnosis(None, (), "\n".join(ending_lines(evidence.trace)))
    phrases = Phrases(evidence.trace)
    error = exception_words(failure.type, failure.message)
    told = f"{phrases.who(failure.thread)} failed{phrases.at(failure.site)}: {error}"
    pairs = [
        (write, read) for read in evidence.decisive if (write := _made_by_other(evidence, read)) is not None
    ]
    because = dict.fromkeys(f"it {phrases.did(read)}, after {phrases.clause(write)}" for write, read in pairs)
    events = {event.number: event for pair in pairs for event in pair}
    in_order = tuple(events[number] for number in sorted(events))
    return Diagnosis(None, in_order, "; ".join([told, *because]) + ".")


def _made_by_other(evidence: Evidence, read: Event) -> Event | None:
    """The write that a read saw, if it is another thread's."""
    if writes(read):
        return None
    write = next((event for event in evidence.before(read) if writes(event)), None)
    return write if write is not None and write.thread != read.thread else None
