"""`threadsim.explore`: a search through the interleavings of a program."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor

from threadsim.explore.defects import Check
from threadsim.explore.exploration import Exploration
from threadsim.explore.run import exploration_of
from threadsim.explore.settings import MAX_STEPS, Settings
from threadsim.simulate.api import AnyProgram
from threadsim.simulate.program import as_program


def explore(
    program: AnyProgram,
    *,
    strategy: str = "auto",
    schedules: int | None = None,
    seconds: float | None = None,
    seed: int = 0,
    stop_on_first: bool = True,
    include: Sequence[str] = (),
    jobs: int = 1,
    check: Check | None = None,
    races: bool = False,
    depth: int | None = None,
    preemptions: int | None = None,
    delays: int | None = None,
    max_steps: int = MAX_STEPS,
    arguments: Sequence[str] = (),
    executor: Executor | None = None,
) -> Exploration:
    """Run a program under many schedules, in search of one under which it fails.

    Args:
        program: A callable without arguments, or the path of a script.
        strategy: ``auto`` tries a few random schedules, then every interleaving if that promises to end,
            else more random ones. The others by name: ``random``, ``pct``, ``pos``, ``surw`` are random;
            ``dfs`` and ``dpor`` try all that there are, ``dpor`` only one of those that differ in nothing
            but the order of steps that commute.
        schedules: At most so many executions: 1,000 if neither this nor `seconds` is given.
        seconds: At most so long.
        seed: The same seed gives the same search.
        stop_on_first: Whether the first failure ends the search. Otherwise it goes on, and the first of each
            distinct way of failing is kept.
        include: Packages to be watched besides the program's own tree, by name.
        jobs: How many processes search. The program must be a script, or a function that can be imported.
            They find what one process finds; but where they share a tree of schedules by its branches
            (``dfs``, ``dpor``), another of several failures may be the first. ``dpor`` within a bound is
            carried out by one process.
        check: Called with each execution that passed; it failed after all if this returns False or raises.
        races: Whether a data race counts as a failure, even if all assertions hold.
        depth: For ``pct`` (and ``auto``, which uses it): the depth of the bugs that are looked for.
        preemptions: For ``dfs`` and ``dpor``: at most so many preemptions in a schedule.
        delays: For ``dfs``: at most so many departures from taking turns.
        max_steps: Scheduling points after which an execution counts as a livelock.
        arguments: A script's own arguments.
        executor: Where to search instead of processes of this machine: any executor whose workers are
            processes, such as that of a Dask or Ray cluster. `jobs` is how many tasks are under way at once.

    Returns:
        What came of it. A failure is not raised; `Exploration.assert_passed` does that. Ctrl-C ends the
        search with what was found so far.

    Raises:
        ProgramError: The program cannot be run at all.
        ThreadsimError: A setting makes no sense; or the program cannot be sent to another process.

    Example:
        >>> import threading
        >>> def program():
        ...     values = []
        ...     def work(value):
        ...         values.append(value)
        ...     threads = [threading.Thread(target=work, args=(value,)) for value in (1, 2)]
        ...     for thread in threads: thread.start()
        ...     for thread in threads: thread.join()
        ...     assert values == [1, 2]
        >>> exploration = explore(program)
        >>> exploration.failure.kind, exploration.failure.preemptions
        ('failed', 0)
    """
    settings = Settings(
        strategy=strategy,
        schedules=schedules,
        seconds=seconds,
        seed=seed,
        stop_on_first=stop_on_first,
        include=tuple(include),
        jobs=jobs,
        races=races,
        depth=depth,
        preemptions=preemptions,
        delays=delays,
        max_steps=max_steps,
    )
    return exploration_of(as_program(program, arguments), settings, check=check, executor=executor)
