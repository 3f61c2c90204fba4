"""The command that searches: ``explore``."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from itertools import count as numbers

import click

from threadsim.cli.options import (
    OURS_FIRST,
    formats_option,
    json_option,
    script_argument,
    trace_option,
    words_argument,
)
from threadsim.cli.output import check_place, default_path, draw, say, to_stdout, to_terminal
from threadsim.cli.progress import shown_progress
from threadsim.cli.report import BAD_INPUT, CTRL_C, DIVERGED, FAILED, failure, print_json
from threadsim.cli.search_options import SearchWords, search_options
from threadsim.explore.determinism import NondeterminismError
from threadsim.explore.exploration import Exploration
from threadsim.explore.failure import Failure
from threadsim.explore.run import exploration_of
from threadsim.model.codec import save
from threadsim.model.trace import Outcome
from threadsim.render.explanation import Explanation
from threadsim.simulate.program import script as program_of


@click.command(
    context_settings=OURS_FIRST, short_help="Search the interleavings of SCRIPT for one that fails."
)
@search_options
@trace_option
@formats_option
@click.option("--quiet", "-q", is_flag=True, help="Show neither progress nor the explanation.")
@json_option
@script_argument
@words_argument
def explore(search: SearchWords, script: str, words: Sequence[str]) -> int:
    """Run SCRIPT under many schedules, in search of one under which it fails.

    SCRIPT may also be FILE.py::FUNCTION. The failure is made as small as it can be, explained, and saved. The
    options may also stand right after SCRIPT. What follows is the program's own; a double dash says so where
    it could be taken for ours. What the program prints is not shown.
    """
    settings, telling, arguments = search.taken_from(words)
    program = program_of(script, arguments)
    if telling.output is not None:
        check_place(telling.output)
    with shown_progress(settings, hidden=telling.quiet or telling.as_json) as watch:
        exploration = exploration_of(program, settings, watch=watch)
    if exploration.trouble is not None and not exploration.failures and not _is_nondeterministic(exploration):
        raise exploration.trouble
    if not (telling.quiet or telling.as_json):
        _explain(exploration.failures)  # first: it should not be lost if the trace cannot be saved
    paths = _saved(exploration, script, telling.output)
    if telling.as_json:
        _print(exploration, paths)
    else:
        _tell(exploration, paths)
    for each, path in zip(exploration.failures, paths, strict=True):
        draw(each.trace, telling.formats, path)
    return _status(exploration)


def _is_nondeterministic(exploration: Exploration) -> bool:
    return isinstance(exploration.trouble, NondeterminismError)


def _status(exploration: Exploration) -> int:
    if exploration.failures:
        return FAILED
    if exploration.interrupted:
        return CTRL_C
    if exploration.trouble is None:
        return 0
    return DIVERGED if _is_nondeterministic(exploration) else BAD_INPUT


def _saved(exploration: Exploration, script: str, output: str | None) -> list[str]:
    """The files of the failing traces, which are written."""
    paths: list[str] = []
    for each in exploration.failures:
        first = output or default_path(script, each.seed, each.kind)
        path = next(path for path in _alternatives(first) if path not in paths)
        save(each.trace, path)
        paths.append(path)
    return paths


def _alternatives(path: str) -> Iterator[str]:
    """``a.jsonl``, ``a-2.jsonl``, ``a-3.jsonl`` …"""
    yield path
    suffix = next((suffix for suffix in (".jsonl.gz", ".jsonl") if path.endswith(suffix)), "")
    for number in numbers(2):
        yield f"{path.removesuffix(suffix)}-{number}{suffix}"


def _tell(exploration: Exploration, paths: Sequence[str]) -> None:
    if len(paths) > 1:
        for each, path in zip(exploration.failures, paths, strict=True):
            say(f"{each.where}: {each.summary}: {_again(each, path)}")
    for warning in exploration.warnings:
        say(warning)
    say(str(exploration))
    if exploration.trouble is not None and exploration.failures:
        say(str(exploration.trouble))
    if exploration.failure is not None:
        say(f"see it with: threadsim show {shlex.quote(paths[0])}")
        say(f"again with: {_again(exploration.failure, paths[0])}")


def _explain(failures: Sequence[Failure]) -> None:
    """Each of them; in colour and as wide as it is, if it goes to a terminal."""
    for number, each in enumerate(failures):
        if number:
            to_stdout("\n\n")
        if sys.stdout is not None and sys.stdout.isatty():
            to_terminal(Explanation(each.trace, **each.evidence()))
        else:
            to_stdout(each.explanation)


def _again(each: Failure, path: str) -> str:
    races = "--races " if each.kind == "race" else ""
    return f"threadsim replay {races}{shlex.quote(path)}"


def _print(exploration: Exploration, paths: Sequence[str]) -> None:
    """One object for a machine."""
    failures = [
        failure(each.kind, each.message, path, each.seed, each.schedule_number)
        for each, path in zip(exploration.failures, paths, strict=True)
    ]
    if exploration.trouble is not None:
        failures.append(failure("nondeterminism", str(exploration.trouble), None, exploration.seed))
    print_json(
        _outcome(exploration),
        executions=exploration.executions,
        exhausted=exploration.exhausted,
        failure=failures[0] if failures else None,
        trace=paths[0] if paths else None,
        reason=exploration.reason,
        strategy=exploration.strategy,
        distinct=exploration.distinct,
        outcomes=dict(sorted(exploration.outcomes.items())),
        failures=failures,
        races=list(exploration.races),
    )


def _outcome(exploration: Exploration) -> Outcome:
    """The word for all of it: that of the first failure, if there is one."""
    if exploration.failure is not None:
        outcome = exploration.failure.outcome
        return Outcome.FAILED if outcome is Outcome.PASSED else outcome
    if exploration.interrupted:
        return Outcome.INTERRUPTED
    return Outcome.PASSED if exploration.trouble is None else Outcome.DIVERGED
