"""One execution that is over: what a person gets of it."""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import attrs

from threadsim.instrument.scope import Scope
from threadsim.instrument.sites import file_name
from threadsim.model.errors import ThreadsimError
from threadsim.model.event import Event, Kind
from threadsim.model.site import Site
from threadsim.model.trace import Header, Outcome, Trace
from threadsim.simulate.history import KernelHistory
from threadsim.simulate.kernel import Kernel
from threadsim.simulate.program import Program
from threadsim.simulate.tracing import Tracing, shared


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
        history: What happened, as the steps that a search reasons on.
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
    _scope: Scope = attrs.field(repr=False)
    _include: tuple[str, ...] = attrs.field(repr=False, default=())
    matched: tuple[int, int] | None = None
    history: KernelHistory = attrs.field(repr=False, kw_only=True)

    @property
    def steps(self) -> int:
        """How many scheduling points were passed."""
        return self._kernel.steps

    @property
    def switches(self) -> int:
        """How often another thread went on."""
        runs = self._kernel.runs
        return sum(run[0] != following[0] for run, following in pairwise(runs))

    @property
    def threads(self) -> int:
        """How many threads there were, the main thread among them."""
        return len(self._kernel.threads)

    @property
    def interleaving(self) -> int:
        """A hash of who went on when: of two executions of one program, the same for the same schedule."""
        return hash((self._kernel.steps, *[run[:2] for run in self._kernel.runs]))

    @property
    def blocked(self) -> frozenset[tuple[Kind, str | None, Site | None]]:
        """What the threads that were not over at the end were about to do, to what, and where."""
        return frozenset(
            (left.kind, None if left.entry is None else left.entry.name, left.place)
            for left in self._kernel.left
        )

    @property
    def unaccounted(self) -> str | None:
        """What happened that a search cannot reason on, in words; None if nothing did."""
        if self._kernel.journal.spun:
            return "the virtual clock went on while a thread was spinning"
        return self._kernel.journal.unmodelled

    @cached_property
    def trace(self) -> Trace:
        """All that happened, in order; made when it is first asked for."""
        tracing = Tracing(self._kernel, self._scope.__contains__)
        trace = tracing.trace(Header(kind="simulated", program=self._program.name))
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

    def notes_of(self, events: Iterable[Event]) -> frozenset[int]:
        """The numbers of the notes that events of the trace were made from: see `Simulator.execute`."""
        numbers = list(shared(self._kernel.notes))
        return frozenset(numbers[event.number] for event in events)

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
