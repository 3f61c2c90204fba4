"""From a program and its settings to an exploration: search, shrink, confirm, judge."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from time import monotonic

from threadsim.explore.defects import Check, Judge
from threadsim.explore.determinism import NondeterminismError, re_execute
from threadsim.explore.exploration import Exploration
from threadsim.explore.failure import Failure
from threadsim.explore.loop import Watch
from threadsim.explore.part import Part, Shrunk, Subject, carry_out, shrink
from threadsim.explore.searches import make_search
from threadsim.explore.settings import Settings
from threadsim.explore.tally import Found, Stop, Tally
from threadsim.explore.verdict import verdict
from threadsim.explore.workers import Crew, Others, OwnProcesses
from threadsim.model.errors import Unmanaged
from threadsim.model.findings import Diagnosis
from threadsim.simulate.execution import Execution
from threadsim.simulate.program import Program

Shrink = Callable[[Subject, Found], Shrunk | NondeterminismError | Unmanaged]


def exploration_of(
    program: Program,
    settings: Settings,
    *,
    check: Check | None = None,
    executor: Executor | None = None,
    watch: Watch = lambda tally: None,
) -> Exploration:
    """Search, and tell what came of it."""
    began = monotonic()
    subject = Subject(program, settings, Judge(check, settings.races))
    search = make_search(settings.strategy, settings.seed, settings.most, **settings.options)
    whole = Part(subject, search, settings.most, settings.seconds, verifies=True)
    if executor is not None:
        with Crew(Others(executor), settings.jobs) as crew:
            tally = crew.search(whole, watch)
            failures = _failures(subject, tally, crew.shrink)
    else:
        tally = _searched(whole, settings.jobs, watch)
        failures = _failures(subject, tally, shrink)
    return _exploration(tally, settings, failures, monotonic() - began)


def _searched(whole: Part, jobs: int, watch: Watch) -> Tally:
    if jobs == 1:
        return carry_out(whole, watch).tally
    with Crew(OwnProcesses(jobs), jobs) as crew:
        return crew.search(whole, watch)


def _failures(subject: Subject, tally: Tally, make_small: Shrink) -> tuple[Failure, ...]:
    """Each failure that was found, shrunk; those that do not come again are trouble."""
    failures = []
    for found in sorted(tally.failures.values(), key=lambda found: found.number):
        try:
            failures.append(_failure(subject, found, make_small))
        except KeyboardInterrupt:
            tally.stop = Stop.INTERRUPTED
            break
        except (NondeterminismError, Unmanaged) as error:
            tally.stop, tally.trouble = Stop.TROUBLE, error
    return tuple(failures)


def _failure(subject: Subject, found: Found, make_small: Shrink) -> Failure:
    made = make_small(subject, found)
    if not isinstance(made, Shrunk):
        raise made
    with subject.simulator() as simulator:
        failure = _shown(subject, found, made, re_execute(simulator, made.trace))
        stacks_at = failure.notes_of(failure.shown_events())
        if not stacks_at:
            return failure
        again = re_execute(simulator, failure.trace, stacks_at=stacks_at)
    return _shown(subject, found, made, again, failure.evidence().get("diagnosis"))


def _shown(
    subject: Subject, found: Found, made: Shrunk, execution: Execution, diagnosis: Diagnosis | None = None
) -> Failure:
    same = (each for each in subject.judge.defects(execution) if each.key == found.defect.key)
    return Failure.of(found, execution, next(same, found.defect), made.preemptions, diagnosis)


def _exploration(
    tally: Tally, settings: Settings, failures: tuple[Failure, ...], seconds: float
) -> Exploration:
    said = verdict(tally, settings)
    return Exploration(
        executions=tally.executions,
        exhausted=said.exhausted,
        reason=said.reason,
        outcomes=tally.outcomes,
        distinct=len(tally.interleavings),
        failures=failures,
        races=tuple(tally.races.values()),
        strategy=settings.strategy,
        seed=settings.seed,
        seconds=seconds,
        interrupted=tally.stop is Stop.INTERRUPTED,
        trouble=tally.trouble,
        warnings=tuple(tally.warnings),
    )
