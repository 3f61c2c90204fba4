"""What the threads of an execution saw, told apart from when they saw it."""

from __future__ import annotations

import re

from threadsim.model.event import Kind
from threadsim.simulate.execution import Execution
from threadsim.simulate.notes import ABSENT

_ADDRESS = re.compile("0x[0-9a-f]+", re.IGNORECASE)


def sight(execution: Execution) -> int:
    """A hash of what each thread did and saw, and of what came of it.

    Two executions that differ only in the order of steps that commute have the same.
    """
    kernel = execution.history.kernel
    threads: list[list[object]] = [[] for _ in kernel.threads]
    for thread, kind, _, _, _, field, value, result, _, _, _ in kernel.notes:
        threads[thread] += _KINDS[kind], field, ... if value is ABSENT else value, result
    uncaught = sorted(f"{type(error).__name__} {error}" for _, error in kernel.uncaught)
    text = repr((threads, execution.outcome.value, execution.output, uncaught, _words(execution.result)))
    return hash(_ADDRESS.sub("0x", text) if "0x" in text else text)


_KINDS = {kind: kind.value for kind in Kind}
"""Plain strings, whose representation is no function call."""


def _words(result: object) -> str:
    try:
        return repr(result)
    except Exception as error:  # what the program returned may not be fit to be shown
        return type(error).__name__
