"""DPOR: one execution for each order of the steps that do not commute, and no more.

Optimal dynamic partial order reduction with source sets, sleep sets and wakeup trees: P. A. Abdulla,
S. Aronis, B. Jonsson, K. Sagonas (POPL 2014; *Source Sets*, JACM 2017). After each execution the races in it
are turned round: for each, the shortest schedule that does so is added to the wakeup tree of the state where
the two orders part, unless an execution that was or will be tried shows the same. Steps that were tried from
a state sleep there, until a step is made that does not commute with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from threadsim.model.errors import Divergence
from threadsim.strategy.base import LONGEST_TURN, C, Observer, Strategy
from threadsim.strategy.happened import Clock, Happened
from threadsim.strategy.replay import all_words
from threadsim.strategy.steps import History, Step
from threadsim.strategy.wakeup import Branch, FreeSequel, Sequel, conflict


class State:
    """A state of the execution under way, before one of its steps.

    Attributes:
        thread: Whose step is made from here.
        step: That step, None until it has been made.
        sleep: By thread, the steps that need not be made from here.
        tree: What is to be tried from here afterwards.
        current: The thread that had gone on until here and could have gone on, None if it could not.
        done: How many steps have been tried from here before.
        asked_for: With a bound: the sequels that were to be tried from here, by whose steps they are.
    """

    __slots__ = ("asked_for", "current", "done", "sleep", "step", "thread", "tree")

    def __init__(self, thread: int, sleep: dict[int, Step], tree: list[Branch], current: int | None) -> None:
        self.thread = thread
        self.step: Step | None = None
        self.sleep = sleep
        self.tree = tree
        self.current = current
        self.done = 0
        self.asked_for: set[tuple[int, ...]] = set()

    @property
    def preempts(self) -> bool:
        """Whether the step from here is that of another thread, though the current one could have gone on."""
        return self.current is not None and self.current != self.thread


class Dpor(Observer):
    """A search that ends when every order of conflicting steps has been tried.

    It is its own strategy in each execution.

    Args:
        seed: Of the program's own random numbers; the search itself makes none.
        preemptions: How many switches away from a thread that could go on there may be, None for any number.
        beginning: Whose steps each execution begins with; after them, nobody sleeps.
        known: How many of these steps another search has looked at.

    Attributes:
        exhausted: Whether that is so.
        redundant: How many executions were made in vain: that it stays 0 is what makes the search optimal.
        outside: By the number of a state of the beginning and whose steps they are, what is to be tried from
            that state on. It is for another search to do.
    """

    name = "dpor"
    compares = True

    def __init__(
        self,
        seed: int = 0,
        *,
        preemptions: int | None = None,
        beginning: Sequence[int] = (),
        known: int = 0,
    ) -> None:
        self.seed = seed
        self.exhausted = False
        self.redundant = 0
        self.is_bounded = False  # whether something was left out because of the bound
        self._preemptions = preemptions
        self._incomplete = False  # whether something was left out for another reason
        self._base = len(beginning)
        self._looked_at = known
        self.outside: dict[tuple[int, tuple[int, ...]], FreeSequel] = {}
        self._path = [State(thread, {}, [], None) for thread in beginning]
        self._has_begun = False
        self._first_new = 0  # the state from which the present execution differs from the one before
        self._known = 0  # states whose step has been made in the present execution, and was looked at
        self._sleep: dict[int, Step] = {}  # in the state after those
        self._tree: list[Branch] = []  # what is to be tried from that state on
        self._is_free = False  # whether nobody sleeps and nothing is to be tried in particular
        self._turn = 0
        self._is_redundant = False
        self._history: History | None = None
        self._clocks: list[Clock] = []  # of the steps of the last execution

    @property
    def progress(self) -> float:
        """How much of the tree of executions, as far as it is known by now, has been tried: 0 to 1."""
        if self.exhausted:
            return 1.0
        done, share = 0.0, 1.0
        for state in self._path:
            width = state.done + 1 + len(state.tree)
            done += share * state.done / width
            share /= width
        return done

    def begin(self) -> Strategy | None:
        """Itself, until there is nothing left to try."""
        if self._has_begun and not self._backtrack():
            self.exhausted = not self.lacks
            return None
        self._has_begun = True
        self._known = self._first_new
        self._is_free = self._is_redundant = False
        self._turn = 0
        return self

    def observe(self, history: History) -> None:
        """The history of the execution that begins."""
        self._history = history

    def _backtrack(self) -> bool:
        """Go back to the last state from which something is to be tried; whether there is one."""
        while len(self._path) > self._base:
            state = self._path[-1]
            if state.step is not None:
                state.sleep[state.thread] = state.step
                state.step = None
                state.done += 1
            while state.tree:
                branch = state.tree.pop(0)
                state.thread = branch.step.thread
                if self._is_within_bound():
                    self._tree, self._sleep = branch.after, state.sleep
                    self._first_new = len(self._path) - 1
                    return True
            self._path.pop()
        return False

    def _is_within_bound(self) -> bool:
        if self._preemptions is None or sum(state.preempts for state in self._path) <= self._preemptions:
            return True
        self.is_bounded = True
        return False

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_history": None}  # that of an execution that is over

    @property
    def lacks(self) -> bool:
        """Whether something was left out: because of the bound, or because it could not be tried."""
        return self._incomplete or self.is_bounded

    @property
    def can_be_divided(self) -> bool:
        """Whether others may go on from the states of the last execution."""
        return self._has_begun and self._preemptions is None and not self.lacks

    @property
    def own_states(self) -> Sequence[State]:
        """The states of the last execution after the beginning, with what is to be tried from them."""
        return self._path[self._base :]

    # In an execution.

    def choose(self, current: C | None, ready: Sequence[C], point: int) -> C:
        """Whose step comes next."""
        path = self._path
        if point < len(path):
            return self._led(path[point].thread, ready, point)
        if self._is_free:
            return self._in_turn(current, ready)
        self._catch_up(point)
        if not self._sleep and not self._tree and self._preemptions is None:
            self._is_free = True
            return self._in_turn(current, ready)
        state = State(-1, self._sleep, self._tree, None if current is None else current.number)
        self._tree = []
        chosen = self._wanted(state, ready) or self._in_turn(current, ready)
        state.thread = chosen.number
        path.append(state)
        return chosen

    def _led(self, number: int, ready: Sequence[C], point: int) -> C:
        for thread in ready:
            if thread.number == number:
                return thread
        raise Divergence(
            f"at scheduling point {point} T{number} could go on before, and cannot now",
            step=point,
            expected=f"T{number}",
            got=all_words(ready),
        )

    def _wanted(self, state: State, ready: Sequence[C]) -> C | None:
        """The thread whose step is to be tried in this state, None if none is in particular."""
        while state.tree:
            branch = state.tree.pop(0)
            state.thread = branch.step.thread
            found = [thread for thread in ready if thread.number == state.thread]
            self._path.append(state)
            within = self._is_within_bound()
            self._path.pop()
            if found and within:
                self._tree = branch.after
                return found[0]
            self._incomplete = self._incomplete or not found
        return None

    def _in_turn(self, current: C | None, ready: Sequence[C]) -> C:
        """Whoever has gone on until now; another if that one sleeps, cannot, or has had its turn."""
        self._turn += 1
        awake = [thread for thread in ready if thread.number not in self._sleep] or ready
        if current is not None and current in awake and self._turn < LONGEST_TURN:
            return current
        self._turn = 0
        after = -1 if current is None else current.number
        return next((thread for thread in awake if thread.number > after), awake[0])

    def _catch_up(self, point: int) -> None:
        """Look at the steps that have been made, up to a scheduling point."""
        assert self._history is not None
        steps = self._history.steps()
        for number in range(self._known, point):
            self._pass(number, steps[number])
        self._known = point

    def _pass(self, number: int, step: Step) -> None:
        """A step has been made: whoever it commutes with sleeps on."""
        if number == len(self._path):
            self._path.append(State(step.thread, self._sleep, self._others(step.thread), None))
        state = self._path[number]
        state.step = step
        if not state.sleep:
            self._sleep = {}
            return
        self._is_redundant = self._is_redundant or step.thread in state.sleep
        self._sleep = {
            thread: asleep
            for thread, asleep in state.sleep.items()
            if thread != step.thread and not conflict(asleep, step)
        }

    def _others(self, thread: int) -> list[Branch]:
        """What else is to be tried from a state in which only one thread could go on: nothing."""
        if self._tree:
            branch = self._tree.pop(0)
            self._incomplete = self._incomplete or branch.step.thread != thread or bool(self._tree)
            self._tree = branch.after
        return []

    # After it.

    def end(self, history: History) -> None:
        """Turn its races round.

        Raises:
            Divergence: The program did not do again what it had done.
        """
        self._catch_up(history.points)
        self._check(history)
        if history.renamed:
            # Whoever goes on from the beginning knows locations by their old keys.
            self._incomplete = self._incomplete or self._base > 0
            self._begin_anew()
            return
        self.redundant += self._is_redundant
        if history.is_cut:
            self._incomplete = True
            self._clocks = self._clocks[: self._first_new]
            return
        happened = Happened(history.steps(), self._clocks[: self._first_new])
        self._clocks = happened.clocks
        for first, second in happened.races:
            if second >= self._looked_at:
                self._turn_round(happened, first, happened.steps[second], second)
        for first, step in happened.given_up:
            self._turn_round(happened, first, step, None)
        for step in history.pending():
            for first in happened.races_of_pending(step):
                self._turn_round(happened, first, step, None)

    def _check(self, history: History) -> None:
        for number, (state, step) in enumerate(zip(self._path, history.steps(), strict=False)):
            if number >= self._first_new:
                return
            known = state.step
            if known is not None and known is not step and not _is_same(known, step):
                raise Divergence(
                    f"step {number} is another than before, though the schedule is the same: the program is "
                    "not deterministic",
                    step=number,
                    expected=_words(known),
                    got=_words(step),
                )

    def _begin_anew(self) -> None:
        self._path = [State(state.thread, {}, [], None) for state in self._path[: self._base]]
        self._clocks = []
        self._has_begun = False
        self._first_new = 0
        self._sleep, self._tree = {}, []

    def _turn_round(self, happened: Happened, first: int, second: Step, number: int | None) -> None:
        sequel = Sequel(happened, first, second, number)
        if first < self._base:
            self.outside.setdefault((first, sequel.threads), sequel.free())
            return
        state = self._path[first]
        if self._preemptions is not None and not self._is_new(state, sequel):
            return
        if all(sequel.place_of(asleep) is None for asleep in state.sleep.values()):
            sequel.insert_into(state.tree)

    def _is_new(self, state: State, sequel: Sequel) -> bool:
        """Whether a sequel was not asked for before: one that goes beyond the bound is never carried out."""
        threads = sequel.threads
        if threads in state.asked_for:
            return False
        state.asked_for.add(threads)
        return True


def _is_same(known: Step, step: Step) -> bool:
    return known.thread == step.thread and known.touches == step.touches


def _words(step: Step) -> str:
    touched = ", ".join(f"{mode.name.lower()} of {location}" for location, mode in step.touches)
    return f"T{step.thread}: {touched or 'nothing shared'}"
