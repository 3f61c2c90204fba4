"""From a program and its settings to an exploration: search, confirm, shrink, judge."""

from __future__ import annotations

from concurrent.futures import Executor
from time import monotonic

from threadsim.explore.defects import Check, Judge
from threadsim.explore.determinism import NondeterminismError, re_execute
from threadsim.explore.exploration import Exploration
from threadsim.explore.failure import Failure
from threadsim.explore.loop import Budget, Loop, Watch
from threadsim.explore.searches import make_search
from threadsim.explore.settings import Settings
from threadsim.explore.shrink import Shrinker
from threadsim.explore.tally import Found, Stop, Tally
from threadsim.explore.verdict import verdict
from threadsim.model.errors import UnmanagedBlock
from threadsim.simulate.program import Program
from threadsim.simulate.simulator import Simulator


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
    judge = Judge(check, settings.races)
    with Simulator(program, include=settings.include, max_steps=settings.max_steps) as simulator:
        loop = Loop(
            simulator,
            judge,
            Budget.of(settings.most, settings.seconds),
            stop_on_first=settings.stop_on_first,
            watch=watch,
        )
        tally = loop.run(make_search(settings.strategy, settings.seed, settings.most, **settings.options))
        failures = _failures(simulator, judge, tally)
    return _exploration(tally, settings, failures, monotonic() - began)


def _failures(simulator: Simulator, judge: Judge, tally: Tally) -> tuple[Failure, ...]:
    """Each failure that was found, shrunk. Ctrl-C leaves those that are not done as they were found."""
    failures = []
    for found in sorted(tally.failures.values(), key=lambda found: found.number):
        try:
            failures.append(_confirmed(simulator, judge, found))
        except KeyboardInterrupt:
            tally.stop = Stop.INTERRUPTED
            break
        except (NondeterminismError, UnmanagedBlock) as error:
            tally.stop, tally.trouble = Stop.TROUBLE, error
    return tuple(failures)


def _confirmed(simulator: Simulator, judge: Judge, found: Found) -> Failure:
    """The failure as the smallest execution shows it that has it.

    Raises:
        NondeterminismError: It does not come again.
    """
    again = re_execute(simulator, found.trace)
    best = Shrinker(simulator, judge, found.defect, found.seed).shrink(found.trace)
    execution = again if best is None else best.execution
    preemptions = 0 if best is None else len(best.preemptions)
    defect = next((each for each in judge.defects(execution) if each.key == found.defect.key), found.defect)
    return Failure.of(found, execution, defect, preemptions)


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
    )
