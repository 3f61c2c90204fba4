"""A part of a search: small enough to be sent to another process, and so is what comes of it."""

from __future__ import annotations

import attrs

from threadsim.explore.ctrl_c import CtrlC
from threadsim.explore.defects import Judge
from threadsim.explore.determinism import NondeterminismError, re_execute
from threadsim.explore.doubt import Doubt, put_to_the_test
from threadsim.explore.loop import Budget, Loop, Watch
from threadsim.explore.searches import can_divide, divided, tells
from threadsim.explore.settings import Settings
from threadsim.explore.shrink import Shrinker
from threadsim.explore.tally import Found, Tally
from threadsim.model.errors import Unmanaged
from threadsim.model.trace import Trace
from threadsim.simulate.identities import Naming
from threadsim.simulate.program import Program
from threadsim.simulate.simulator import Simulator
from threadsim.strategy.base import Search


@attrs.frozen
class Subject:
    """What is searched: the program, under which settings, and what is wrong with it."""

    program: Program
    settings: Settings
    judge: Judge

    def simulator(self, naming: Naming | None = None) -> Simulator:
        """What executes it, with what was learnt about its objects before."""
        settings = self.settings
        return Simulator(self.program, include=settings.include, max_steps=settings.max_steps, naming=naming)


@attrs.frozen
class Part:
    """Some of the executions of a search.

    Attributes:
        search: Chooses them.
        schedules: At most so many, None for any number.
        seconds: At most so long.
        verifies: Whether the program's determinism is looked into.
        divides: Into how many parts the rest is divided as soon as that can be done; 0 if it is not.
        naming: How objects were known in the executions that the search goes back to, None if in none.
    """

    subject: Subject
    search: Search
    schedules: int | None
    seconds: float | None
    verifies: bool = False
    divides: int = 0
    naming: Naming | None = None


@attrs.frozen
class Done:
    """What came of a part.

    Attributes:
        rest: The searches that are left to be carried out, if it was divided; or itself, if it tells them.
        naming: How objects were known in it.
    """

    tally: Tally
    rest: tuple[Search, ...] = ()
    naming: Naming | None = None


@attrs.frozen
class Shrunk:
    """The smallest execution with a defect."""

    trace: Trace
    preemptions: int


def carry_out(part: Part, watch: Watch = lambda tally: None) -> Done:
    """Search."""
    subject, search = part.subject, part.search
    with CtrlC() as ctrl_c, subject.simulator(part.naming) as simulator:
        loop = Loop(
            simulator,
            subject.judge,
            Budget.of(part.schedules, part.seconds),
            stop_on_first=subject.settings.stop_on_first,
            watch=watch,
            pause=lambda tally: part.divides > 0 and can_divide(search, tally.executions),
            verify=part.verifies,
            heed_ctrl_c=ctrl_c.heed,
        )
        tally = loop.run(search)
    return Done(tally, _rest(part, tally), simulator.naming)


def _rest(part: Part, tally: Tally) -> tuple[Search, ...]:
    if tells(part.search):
        return (part.search,)
    return divided(part.search, part.divides) if tally.stop is None else ()


def doubted(subject: Subject, tally: Tally) -> Doubt | None:
    """Put the proof to the test that several parts make up."""
    with CtrlC() as ctrl_c, subject.simulator() as simulator:
        return put_to_the_test(simulator, subject.judge, tally, subject.settings.seed, ctrl_c.heed)


def shrink(subject: Subject, found: Found) -> Shrunk | NondeterminismError | Unmanaged:
    """Make a failure as small as it can be; an error if it does not come again."""
    with CtrlC() as ctrl_c, subject.simulator() as simulator:
        try:
            re_execute(simulator, found.trace)
            shrinker = Shrinker(simulator, subject.judge, found.defect, found.seed, ctrl_c.heed)
            best = shrinker.shrink(found.trace)
        except (NondeterminismError, Unmanaged) as error:
            return error
        if best is None:
            return Shrunk(found.trace, 0)
        return Shrunk(best.execution.trace, len(best.preemptions))
