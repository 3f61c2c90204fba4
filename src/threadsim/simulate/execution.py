"""One execution that is over: what a person gets of it."""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import attrs

from threadsim.instrument.sites import file_name
from threadsim.model.errors import ThreadsimError
from threadsim.model.trace import Header, Outcome, Trace
from threadsim.simulate.kernel import Kernel
from threadsim.simulate.program import Program
from threadsim.simulate.tracing import Tracing


@attrs.define(slots=False, eq=False)
class Execution:
    """One run of a program under a strategy.

    Attributes:
        outcome: How it ended.
        error: The first exception that nobody caught, with its traceback; None if there was none.
        output: What was written to standard output.
        errors: What was written to standard error.
        result: What the program returned; the exit status of a script that called ``sys.exit``.
        seed: The seed of the strategy, None for a replay.
        strategy: The strategy's name.
        matched: For the replay of a recorded run: how many of its events happened in its order, of how many.
    """

    outcome: Outcome
    error: BaseException | None
    output: str
    errors: str
    result: Any
    seed: int | None
    strategy: str
    _program: Program = attrs.field(repr=False)
    _kernel: Kernel = attrs.field(repr=False)
    _include: tuple[str, ...] = attrs.field(repr=False, default=())
    matched: tuple[int, int] | None = None

    @property
    def steps(self) -> int:
        """How many scheduling points were passed."""
        return self._kernel.steps

    @cached_property
    def trace(self) -> Trace:
        """All that happened, in order; made when it is first asked for."""
        trace = Tracing(self._kernel).trace(Header(kind="simulated", program=self._program.name))
        files = {file_name(path): path for path in self._sources()}
        touched = {event.site.file for event in trace.events if event.site is not None}
        own = file_name(self._program.file) if self._program.file is not None else None
        header = attrs.evolve(
            trace.header,
            arguments=self._program.arguments,
            sources=digests({name: path for name, path in files.items() if name in touched or name == own}),
            python=platform.python_version(),
            platform=f"{sys.platform}-{platform.machine()}",
            seed=self.seed,
            strategy=self.strategy,
            include=self._include,
        )
        return attrs.evolve(trace, header=header)

    def _sources(self) -> list[str]:
        own = self._program.file
        return [*self._kernel.registry.files, *([own] if own is not None else [])]

    def assert_passed(self) -> None:
        """Raise what the program raised, or an error that says how else it ended.

        Raises:
            ThreadsimError: It ended in a deadlock or a livelock.
        """
        if self.outcome is Outcome.PASSED:
            return
        if self.error is not None:
            raise self.error
        assert self.trace.ending is not None
        raise ThreadsimError(self.trace.ending.message)


def digests(paths: Mapping[str, str]) -> dict[str, str]:
    """Names of files with a digest of what is in each; a file that is gone has none."""
    found = {}
    for name, path in sorted(paths.items()):
        try:
            found[name] = f"sha256:{hashlib.sha256(Path(path).read_bytes()).hexdigest()}"
        except OSError:
            continue
    return found
