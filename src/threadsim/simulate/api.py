"""`threadsim.simulate` and `threadsim.replay`: one execution, under a seed or along a trace."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

from threadsim.model.codec import load
from threadsim.model.errors import Divergence, ThreadsimError
from threadsim.model.trace import Header, Outcome, Trace
from threadsim.simulate.execution import Execution, digests
from threadsim.simulate.program import Program, as_program
from threadsim.simulate.simulator import MAX_STEPS, Simulator
from threadsim.strategy.base import Strategy
from threadsim.strategy.guided import Guided
from threadsim.strategy.replay import Replay
from threadsim.strategy.table import make_strategy

AnyProgram = Callable[[], Any] | str | os.PathLike[str]


def simulate(
    program: AnyProgram,
    *,
    seed: int = 0,
    strategy: str = "random",
    include: Sequence[str] = (),
    max_steps: int = MAX_STEPS,
    arguments: Sequence[str] = (),
) -> Execution:
    """Run a program once under the scheduler: one seed, one interleaving, always.

    Args:
        program: A callable without arguments, or the path of a script.
        seed: Which interleaving.
        strategy: ``random`` (each ready thread is as likely as the others, at each scheduling point),
            ``round-robin`` (a switch at each point), ``pct``, ``pos`` or ``surw``; `threadsim.explore` has
            more.
        include: Packages to be watched besides the program's own tree, by name.
        max_steps: Scheduling points after which it counts as a livelock.
        arguments: A script's own arguments.

    Returns:
        How it went. A failure of the program's is not raised; `Execution.assert_passed` does that.

    Raises:
        ProgramError: The program cannot be run at all.
        Unmanaged: A thread blocked in something that the simulator does not manage, or called what cannot be
            simulated.
        ThreadsimError: There is no such strategy, or an execution is under way already.

    Example:
        >>> import threading
        >>> def program():
        ...     thread = threading.Thread(target=print, args=("hello",))
        ...     thread.start()
        ...     thread.join()
        >>> simulate(program, seed=3).output
        'hello\\n'
    """
    chooser = make_strategy(strategy, seed)
    with Simulator(as_program(program, arguments), include=include, max_steps=max_steps) as simulator:
        return interruptible(simulator.execute(chooser, seed))


def interruptible(execution: Execution) -> Execution:
    """The execution, unless Ctrl-C ended it: then that is raised."""
    if execution.outcome is Outcome.INTERRUPTED and execution.error is not None:
        raise execution.error
    return execution


def replay(program: AnyProgram, trace: Trace | str | os.PathLike[str]) -> Execution:
    """Run a program along a trace: exactly, if that was simulated, or as far as possible, if it was recorded.

    Args:
        program: As for `simulate`; a script gets the arguments that the trace was made with.
        trace: A trace or the path of one.

    Returns:
        The execution; `Execution.matched` tells how much of a recorded trace's order could be kept.

    Raises:
        Divergence: The program cannot be led along a simulated trace.
        TraceError: The trace cannot be read.
        ProgramError, Unmanaged: As for `simulate`.
    """
    if not isinstance(trace, Trace):
        trace = load(os.fspath(trace))
    arguments = trace.header.arguments if isinstance(program, str | os.PathLike) else ()
    return interruptible(replay_along(as_program(program, arguments), trace))


def replay_along(program: Program, trace: Trace, *, shown: bool = False) -> Execution:
    """The same for a program that is made already; output is shown if wished."""
    strategy: Strategy
    if trace.header.kind == "recorded":
        strategy = Guided(trace.events)
    else:
        if not trace.complete:
            raise ThreadsimError("the trace is incomplete: it has no schedule to follow")
        strategy = Replay(trace.schedule, same_source=not changed_sources(trace.header))
    with Simulator(
        program, include=trace.header.include, max_steps=_steps_of(trace), shown=shown
    ) as simulator:
        execution = simulator.execute(strategy, trace.header.seed)
    if isinstance(strategy, Replay):
        _check(execution, strategy, trace)
    return execution


def _steps_of(trace: Trace) -> int:
    """A livelock ends where it ended; otherwise there is some room, so that a divergence is told as such."""
    if trace.outcome is Outcome.LIVELOCK and trace.ending is not None:
        return trace.ending.steps
    return MAX_STEPS


def _check(execution: Execution, strategy: Replay, trace: Trace) -> None:
    try:
        if isinstance(execution.error, Divergence):
            raise execution.error
        if execution.outcome is not Outcome.INTERRUPTED:
            strategy.check_whole(trace.schedule, execution.trace.schedule)
    except Divergence as error:
        changed = changed_sources(trace.header)
        if not changed:
            raise
        message = f"{error}; changed since the trace was made: {', '.join(changed)}"
        raise Divergence(message, step=error.step, expected=error.expected, got=error.got) from None


def changed_sources(header: Header) -> list[str]:
    """The source files that are not any more what they were when a trace was made."""
    now = digests({name: name for name in header.sources})
    return [name for name, digest in header.sources.items() if now.get(name) != digest]
