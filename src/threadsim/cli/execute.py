"""The commands that run a program: ``trace``, ``simulate``, ``replay``."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout

import click

from threadsim.cli.options import (
    OURS_FIRST,
    Settings,
    file,
    formats_option,
    json_option,
    quiet_option,
    script_argument,
    settings_options,
    trace_option,
    words_argument,
)
from threadsim.cli.output import count, default_path, draw, say
from threadsim.cli.report import (
    DIVERGED,
    failure,
    failure_of,
    print_json,
    races_in_words,
    report,
    status_of,
)
from threadsim.instrument.script import read_script
from threadsim.model.codec import load, save
from threadsim.model.errors import Divergence, ThreadsimError
from threadsim.model.trace import Outcome, Trace
from threadsim.record.run_script import trace_script
from threadsim.simulate.api import changed_sources, replay_along
from threadsim.simulate.execution import Execution
from threadsim.simulate.program import OF_SCRIPT, Script
from threadsim.simulate.program import script as program_of
from threadsim.simulate.simulator import MAX_STEPS, Simulator
from threadsim.strategy.random_walk import RandomWalk
from threadsim.strategy.table import make_strategy


@click.command(context_settings=OURS_FIRST, short_help="Run SCRIPT for real and record what its threads do.")
@trace_option
@formats_option
@click.option("--quiet", "-q", is_flag=True, help="Do not say where the trace is.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print a JSON object, too, after the program's own output."
)
@script_argument
@words_argument
def trace(
    output: str | None, formats: Sequence[str], quiet: bool, as_json: bool, script: str, words: Sequence[str]
) -> int:
    """Run SCRIPT for real, as python would, and record what its threads do.

    The exit status is the program's own.
    """
    _refuse_text(formats, as_json)
    read_script(script)  # before a folder is made for its trace
    path = output or default_path(script)
    place, streams = os.path.abspath(path), (sys.stdout, sys.stderr)  # the program may change them
    status = trace_script(script, words, path)
    with redirect_stdout(streams[0]), redirect_stderr(streams[1]):
        _tell(place, path, formats, quiet=quiet, as_json=as_json)
    return status


def _tell(place: str, path: str, formats: Sequence[str], *, quiet: bool, as_json: bool) -> None:
    """Say what was recorded; of what went into a pipe, nothing can be said."""
    if not os.path.isfile(place):
        if as_json:
            print_json(None, executions=1, trace=path)
        return
    recorded = load(place)
    if as_json:
        print_json(recorded.outcome, executions=1, failure=failure_of(recorded, path), trace=path)
    elif not quiet:
        say(f"{count(len(recorded.events), 'event')} of {count(len(recorded.threads), 'thread')} in {path}")
    draw(recorded, formats, place)


@click.command(
    context_settings=OURS_FIRST, short_help="Run SCRIPT under the scheduler: one seed, one interleaving."
)
@settings_options
@trace_option
@formats_option
@quiet_option
@json_option
@script_argument
@words_argument
def simulate(
    settings: Settings,
    output: str | None,
    formats: Sequence[str],
    quiet: bool,
    as_json: bool,
    script: str,
    words: Sequence[str],
) -> int:
    """Run SCRIPT once under the scheduler: one seed, one interleaving, always.

    --seed and --strategy may also stand right after SCRIPT. What follows is the program's own; a double dash
    says so where it could be taken for ours.
    """
    _refuse_text(formats, as_json)
    settings, arguments = settings.taken_from(words)
    execution = _simulated(program_of(script, arguments), settings, shown=not (quiet or as_json))
    path = output or default_path(script, execution.seed)
    save(execution.trace, path)
    again = f"replay {shlex.quote(path)}" if os.path.isfile(path) else None
    report(execution, seed=execution.seed, path=path, again=again, as_json=as_json)
    draw(execution.trace, formats, path)
    return status_of(execution.outcome)


def _simulated(program: Script, settings: Settings, *, shown: bool) -> Execution:
    seed = settings.seed or 0
    strategy = make_strategy(settings.strategy or RandomWalk.name, seed)
    with Simulator(
        program, include=settings.include, max_steps=settings.max_steps or MAX_STEPS, shown=shown
    ) as simulator:
        return simulator.execute(strategy, seed)


@click.command(context_settings=OURS_FIRST, short_help="Run a program along a TRACE, exactly.")
@settings_options
@formats_option
@quiet_option
@json_option
@click.option("--races", is_flag=True, help="A data race counts as a failure, too.")
@click.argument("target", metavar="TRACE|SCRIPT", type=file)
@words_argument
def replay(
    settings: Settings,
    formats: Sequence[str],
    quiet: bool,
    as_json: bool,
    races: bool,
    target: str,
    words: Sequence[str],
) -> int:
    """Run a program again along a TRACE, exactly; or SCRIPT --seed N, as simulate does.

    A recorded trace of a real run is followed as far as the program allows.
    """
    _refuse_text(formats, as_json)
    settings, arguments = settings.taken_from(words)
    shown = not (quiet or as_json)
    if settings.seed is not None and not _looks_like_trace(target):
        execution = _simulated(program_of(target, arguments), settings, shown=shown)
        seed, path = execution.seed, None
        drawn = default_path(target, execution.seed) if formats else ""
    else:
        _refuse_settings(target, settings, arguments)
        found = _replayed(target, shown=shown, as_json=as_json)
        if found is None:
            return DIVERGED
        execution, seed, path, drawn = found, None, target, target
    racing = races_in_words(execution.trace) if races else []
    report(execution, seed=seed, path=path, again=None, as_json=as_json, races=racing)
    draw(execution.trace, formats, drawn)
    return status_of(execution.outcome, racing)


def _looks_like_trace(target: str) -> bool:
    return target.endswith((".jsonl", ".jsonl.gz"))


def _refuse_settings(target: str, settings: Settings, arguments: Sequence[str]) -> None:
    """A trace says itself how it is replayed."""
    context = click.get_current_context()
    if target.partition(OF_SCRIPT)[0].endswith(".py"):
        raise click.UsageError(f"{target} is a script, not a trace: give --seed N, too", context)
    if settings.said:
        raise click.UsageError(f"{settings.said[0]} is for a script: a trace has its own", context)
    if arguments:
        raise click.UsageError("options come before a trace, and the program's arguments are in it", context)


def _replayed(path: str, *, shown: bool, as_json: bool) -> Execution | None:
    """The execution, None if it diverged, which then has been told."""
    saved = load(path)
    program = _program_of(saved, path)
    changed = changed_sources(saved.header)
    if changed:
        say(f"changed since the trace was made: {', '.join(changed)}")
    try:
        return replay_along(program, saved, shown=shown)
    except Divergence as error:
        if as_json:
            diverged = failure(Outcome.DIVERGED, str(error), path, saved.header.seed)
            print_json(Outcome.DIVERGED, executions=1, failure=diverged, trace=path)
        else:
            say(f"diverged from {path}: {error}")
        return None


def _program_of(saved: Trace, path: str) -> Script:
    """The script that a trace is of.

    Raises:
        ThreadsimError: It is of none, or that cannot be run any more, or the trace has no end to come to.
    """
    name = saved.header.program
    if not name.partition(OF_SCRIPT)[0].endswith(".py") and not os.path.exists(name):
        raise ThreadsimError(
            f"{path} was made from the function {name}: replay it with threadsim.replay, in Python"
        )
    if not saved.complete and saved.header.kind == "simulated":
        raise ThreadsimError(f"{path} is incomplete: it has no schedule to follow")
    try:
        return program_of(name, saved.header.arguments)
    except ThreadsimError as error:
        raise ThreadsimError(f"{path} cannot be replayed: {error}") from None


def _refuse_text(formats: Sequence[str], as_json: bool) -> None:
    if as_json and "text" in formats:
        raise click.UsageError(
            "--json has standard output for itself: leave out --format text", click.get_current_context()
        )
