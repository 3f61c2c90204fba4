"""Short words for what came of simulated executions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from threadsim.model.trace import Outcome
from threadsim.simulate.api import AnyProgram
from threadsim.simulate.execution import Execution
from threadsim.simulate.program import as_program
from threadsim.simulate.simulator import MAX_STEPS, Simulator
from threadsim.strategy.table import make_strategy


def outcomes_of(
    program: Callable[[], Any], seeds: Iterable[int] = range(60), strategy: str = "random"
) -> set[Any]:
    """All that may come of a program.

    Returns:
        For each execution that passed, what the program returned; for one that failed, the type of the
        exception; for any other, its `Outcome`.
    """
    return {_outcome(execution) for execution in executions_of(program, seeds, strategy)}


def executions_of(
    program: AnyProgram, seeds: Iterable[int], strategy: str = "random", max_steps: int = MAX_STEPS
) -> Iterator[Execution]:
    """One execution a seed, by one simulator: that is much faster than one `threadsim.simulate` each."""
    with Simulator(as_program(program), max_steps=max_steps) as simulator:
        for seed in seeds:
            yield simulator.execute(make_strategy(strategy, seed), seed)


def _outcome(execution: Execution) -> Any:
    if execution.outcome is Outcome.PASSED:
        return execution.result
    if execution.outcome is Outcome.FAILED:
        return type(execution.error)
    return execution.outcome


def story(execution: Execution) -> list[str]:
    """Each event as ``T1 acquire lock -> timed out``, as `support.traces.trace_of` reads it."""
    trace = execution.trace
    rows = []
    for event in trace.events:
        name = f"T{event.target}" if event.target is not None else trace.object_name(event)
        row = f"T{event.thread} {event.kind}" + (f" {name}" if name else "")
        row += f" = {event.value}" if event.value is not None else ""
        rows.append(row + (f" -> {event.result}" if event.result is not None else ""))
    return rows


def story_of(execution: Execution, thread: int) -> list[str]:
    """The part of one thread, without saying whose it is."""
    prefix = f"T{thread} "
    return [row.removeprefix(prefix) for row in story(execution) if row.startswith(prefix)]
