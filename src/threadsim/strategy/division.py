"""One search for all interleavings, carried out in parts by several processes.

The states that the last execution went through stay here, each with its sleep set and what was found to be
tried from it. Each such branch is a part of its own, a search whose executions all begin with it. What a part
finds is to be tried from the states here, it brings back; unless a part that was given out before leads to an
execution as good, that is another part. So every order of conflicting steps is tried, as in one process; only
that a few executions are made in vain, where one part could not know what another found.
"""

from __future__ import annotations

from collections.abc import Iterable

from threadsim.strategy.dpor import Dpor, Part, State
from threadsim.strategy.steps import Step
from threadsim.strategy.wakeup import Branch, Outside, branch_of


class Division:
    """What is left of a search, given out part by part.

    Args:
        states: Of its last execution.
        seed: Of the program's own random numbers.
    """

    def __init__(self, states: list[State], seed: int) -> None:
        self._states = states
        self._seed = seed

    def parts(self) -> list[Dpor]:
        """What is to be tried by now, the deepest first."""
        return [
            self._part(number, branch)
            for number in reversed(range(len(self._states)))
            for branch in self._taken(number)
        ]

    def _taken(self, number: int) -> Iterable[Branch]:
        state = self._states[number]
        if state.step is not None:
            state.sleep[state.thread] = state.step  # the parts below carry out what is left of it
        branches, state.tree = state.tree, []
        return branches

    def _part(self, number: int, branch: Branch) -> Dpor:
        state = self._states[number]
        threads = (*(before.thread for before in self._states[:number]), branch.step.thread)
        part = Part(threads, dict(state.sleep), branch.after)
        state.sleep[branch.step.thread] = branch.step
        return Dpor(self._seed, part=part)

    def further(self, found: Iterable[Outside]) -> list[Dpor]:
        """The parts that are to be carried out because of what another found."""
        return [
            self._part(outside.state, branch_of(outside.steps))
            for outside in found
            if not any(outside.can_begin_with(step) for step in self._asleep(outside.state))
        ]

    def _asleep(self, number: int) -> Iterable[Step]:
        return list(self._states[number].sleep.values())
