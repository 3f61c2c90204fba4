"""What came of it: in words for a person, as one JSON object for a machine, as an exit status."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from typing import Any, Final

from threadsim.analyse.races import races as races_of
from threadsim.cli.output import say, to_stdout
from threadsim.model.trace import Outcome, Trace
from threadsim.render.phrases import race_words
from threadsim.simulate.execution import Execution

FAILED: Final = 1
BAD_INPUT: Final = 2
DIVERGED: Final = 3
CTRL_C: Final = 130

_STATUS = {Outcome.PASSED: 0, Outcome.DIVERGED: DIVERGED, Outcome.INTERRUPTED: CTRL_C}


def status_of(outcome: Outcome, races: Sequence[str] = ()) -> int:
    """The exit status for an outcome; data races that were asked for are failures."""
    return _STATUS.get(outcome, FAILED) or (FAILED if races else 0)


def races_in_words(trace: Trace) -> list[str]:
    """The data races of an execution."""
    return [race_words(trace, race) for race in races_of(trace)]


def report(
    execution: Execution,
    *,
    seed: int | None,
    path: str | None,
    again: str | None,
    as_json: bool,
    races: Sequence[str] = (),
) -> None:
    """Tell how an execution ended.

    Args:
        execution: The one.
        seed: What it was made from, if that is what a person should know.
        path: The file of its trace, if there is one.
        again: What runs it again, as arguments of ``threadsim``.
        as_json: As JSON, rather than in words.
        races: The data races in it, if they were asked for.
    """
    if as_json:
        more: dict[str, Any] = {} if execution.matched is None else {"matched": execution.matched}
        outcome, failed = execution.outcome, failure_of(execution.trace, path)
        if races and failed is None:
            outcome, failed = Outcome.FAILED, failure("race", races[0], path, execution.trace.header.seed)
        print_json(outcome, executions=1, failure=failed, trace=path, **more)
        return
    prefix = "" if seed is None else f"seed {seed}: "
    say(prefix + _words(execution))
    for race in races:
        say(race)
    if execution.matched is not None:
        say(
            f"{execution.matched[0]} of {execution.matched[1]} recorded events happened in the recorded order"
        )
    if execution.outcome is Outcome.INTERRUPTED or again is None:
        return
    if execution.outcome is not Outcome.PASSED and path is not None:
        say(f"see it with: threadsim show {shlex.quote(path)}")
    say(f"again with: threadsim {again}")


def _words(execution: Execution) -> str:
    ending = execution.trace.ending
    message = "" if ending is None else ending.message
    if message.startswith(execution.outcome):
        return message
    return ": ".join(filter(None, (execution.outcome, message)))


def print_json(
    outcome: Outcome | None,
    *,
    executions: int = 0,
    exhausted: bool = False,
    failure: dict[str, Any] | None = None,
    trace: str | None = None,
    **more: Any,
) -> None:
    """Print the one object; it has the same keys whatever the command, and some commands have more."""
    value = {
        "outcome": outcome,
        "executions": executions,
        "exhausted": exhausted,
        "failure": failure,
        "trace": trace,
        **more,
    }
    to_stdout(json.dumps(value) + "\n")


def failure_of(trace: Trace, path: str | None) -> dict[str, Any] | None:
    """What a trace's outcome is, if the program did not pass."""
    if trace.ending is None or trace.outcome is Outcome.PASSED:
        return None
    return failure(trace.ending.outcome, trace.ending.message, path, trace.header.seed)


def failure(
    kind: str, message: str, path: str | None, seed: int | None, number: int | None = None
) -> dict[str, Any]:
    """A failure for a machine; `number` is that of its schedule in a search."""
    return {"kind": kind, "message": message, "seed": seed, "schedule_number": number, "trace": path}
