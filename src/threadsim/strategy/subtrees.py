"""One search for all interleavings, carried out in parts by several processes.

Each branch of a wakeup tree makes a step that conflicts with any that sleeps where the branch begins. So
nobody sleeps at its end, and what follows there is a search of its own into which no other reaches: a part.
What a part finds to be tried from a state before its own, it brings back. That becomes a branch of the tree
there, unless a branch before the part's own leads to as good an execution, or one after it does, at whose end
it is. Since whatever sleeps stands earlier in the tree, it does not matter which part is carried out when:
together they make one execution for each order of the steps that do not commute, and no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Self

import attrs

from threadsim.strategy.base import Strategy
from threadsim.strategy.dpor import Dpor, State
from threadsim.strategy.steps import History, Step
from threadsim.strategy.wakeup import Branch, FreeSequel, conflict


@attrs.frozen
class Beginning:
    """What each execution of a part begins with.

    Attributes:
        part: The number of the part.
        threads: Whose steps these are.
        known: How many of them are another part's, which has looked at them.
    """

    part: int
    threads: tuple[int, ...]
    known: int


@attrs.frozen
class Told:
    """What somebody who carries out a part tells about it.

    Attributes:
        part: Its number.
        found: What is to be tried from states of the beginning, with their numbers.
        lacks: Whether something was left out.
        left: The states of its last execution after the beginning, with what is to be tried from them.
        has_begun: Whether there was an execution.
    """

    part: int
    found: Sequence[tuple[int, FreeSequel]] = ()
    lacks: bool = False
    left: Sequence[State] = ()
    has_begun: bool = True

    @classmethod
    def of(cls, part: int, search: Dpor) -> Self:
        """About a part and the search that carries it out."""
        found = [(state, sequel) for (state, _), sequel in search.outside.items()]
        return cls(part, found, search.lacks, search.own_states)


class Subtrees:
    """A search that carries out some parts, one after the other.

    Args:
        seed: Of the program's own random numbers.
        beginnings: Of the parts.

    Attributes:
        redundant: How many executions were made in vain.
    """

    name = Dpor.name
    exhausted = False  # only whoever gives the parts out can say that

    def __init__(self, seed: int, beginnings: Sequence[Beginning]) -> None:
        self.seed = seed
        self.redundant = 0
        self._left = list(beginnings)
        self._told: list[Told] = []
        self._search: Dpor | None = None

    def begin(self) -> Strategy | None:
        """That of the part that we are in."""
        while self._left:
            first = self._left[0]
            if self._search is None:
                self._search = Dpor(self.seed, beginning=first.threads, known=first.known)
            strategy = self._search.begin()
            if strategy is not None:
                return strategy
            self._told.append(Told.of(first.part, self._search))
            self.redundant += self._search.redundant
            self._search = None
            self._left.pop(0)
        return None

    def end(self, history: History) -> None:
        """What happened in the execution."""
        assert self._search is not None
        self._search.end(history)

    def told(self) -> list[Told]:
        """What is to be told about each part by now; whoever is told goes on with what is left."""
        untold = list(self._left)
        told = list(self._told)
        if self._search is not None:
            told.append(Told.of(untold.pop(0).part, self._search))
        return told + [Told(each.part, has_begun=False) for each in untold]


@attrs.define(eq=False)
class _Node:
    """A step that has been or will be made, and what follows.

    Attributes:
        step: None for the root.
        asleep: In the state after it.
        depth: The number of that state.
        known: How many of the steps that lead to that state have been looked at.
        after: What was or will be tried from that state: first come the steps that sleep for the others.
        part: The number of the part that begins there, None if none does.
        is_out: Whether somebody has it.
    """

    step: Step | None
    asleep: list[Step]
    depth: int
    known: int
    parent: _Node | None = None
    after: list[_Node] = attrs.field(factory=list)
    part: int | None = None
    is_out: bool = False

    def add(self, step: Step, known: int) -> _Node:
        """A node for a step from this state."""
        asleep = [
            other
            for other in (*self.asleep, *self.steps())
            if other.thread != step.thread and not conflict(other, step)
        ]
        node = _Node(step, asleep, self.depth + 1, known, self)
        self.after.append(node)
        return node

    def steps(self, before: int | None = None) -> list[Step]:
        """What was or will be tried from here; only what stands before a place, if one is given."""
        return [node.step for node in self.after[:before] if node.step is not None]

    def way(self) -> list[_Node]:
        """The nodes from the root to this one, without the root."""
        nodes: list[_Node] = []
        node = self
        while node.parent is not None:
            nodes.append(node)
            node = node.parent
        return nodes[::-1]

    def beginning(self) -> Beginning:
        """That of the part that begins here."""
        assert self.part is not None
        threads = [node.step.thread for node in self.way() if node.step is not None]
        return Beginning(self.part, tuple(threads), self.known)

    def leaves(self) -> Iterator[_Node]:
        """Those at which a part begins, in order."""
        if self.part is not None:
            yield self
        for node in self.after:
            yield from node.leaves()


class Division:
    """What is left of a search, given out part by part, and what others tell about these.

    Args:
        search: The search, which can be divided.

    Attributes:
        lacks: Whether something was left out.
    """

    def __init__(self, search: Dpor) -> None:
        self.lacks = search.lacks
        self._seed = search.seed
        self._root = _Node(None, [], 0, 0)
        self._parts: dict[int, _Node] = {}
        self._last_part = 0
        self._grow(self._root, search.own_states)

    @property
    def waiting(self) -> int:
        """How many parts nobody has."""
        return sum(not node.is_out for node in self._parts.values())

    def take(self, number: int) -> Subtrees:
        """The last parts that nobody has, at most so many: near the root, where most is left to be tried."""
        nodes = [node for node in self._root.leaves() if not node.is_out][-number:]
        for node in nodes:
            node.is_out = True
        return Subtrees(self._seed, [node.beginning() for node in nodes])

    def put(self, told: Iterable[Told]) -> None:
        """What was told about parts that had been taken."""
        for each in told:
            node = self._parts[each.part]
            node.is_out = False
            if each.has_begun:
                self._end(node, each)
        self._forget()

    def _end(self, node: _Node, told: Told) -> None:
        node.part = None
        del self._parts[told.part]
        self.lacks = self.lacks or told.lacks
        self._grow(node, told.left)
        way = node.way()
        for state, sequel in told.found:
            self._insert(way, state, sequel)

    def _grow(self, node: _Node, states: Sequence[State]) -> None:
        """What is to be tried from states that an execution went through from a node on."""
        for state in states:
            if state.step is None:
                return
            node.asleep = list(state.sleep.values())
            depth = node.depth
            after = node.add(state.step, depth + 1)
            for branch in state.tree:
                self._graft(node, branch, depth)
            node = after

    def _graft(self, node: _Node, branch: Branch, known: int) -> None:
        added = node.add(branch.step, known)
        if not branch.after:
            self._last_part += 1
            added.part = self._last_part
            self._parts[added.part] = added
        for number, after in enumerate(branch.after):
            self._graft(added, after, added.depth if number else known)

    def _insert(self, way: Sequence[_Node], state: int, sequel: FreeSequel) -> None:
        """Something is to be tried from a state on the way to a part that found it."""
        node, own = way[state].parent, way[state]
        assert node is not None
        place = node.after.index(own)
        if _sleeps(sequel, [*node.asleep, *node.steps(place)]):
            return
        later = node.after[place + 1 :]
        while (found := _beginning_of(sequel, later)) is not None:
            node, place = found
            sequel.remove(place)
            if not node.after or not sequel.steps or _sleeps(sequel, node.asleep):
                return
            later = node.after
        self._graft(node, sequel.branch(), node.depth)

    def _forget(self) -> None:
        """What comes before the first part is over: nobody will reach into it."""
        node = self._root
        while node.part is None:
            opened = next((each for each in node.after if next(each.leaves(), None)), None)
            if opened is None:
                node.after = []
                return
            for closed in node.after[: node.after.index(opened)]:
                closed.after = []
            node = opened


def _beginning_of(sequel: FreeSequel, nodes: Iterable[_Node]) -> tuple[_Node, int] | None:
    """The first node whose step the sequel can begin with, and where in it that is."""
    for node in nodes:
        assert node.step is not None
        place = sequel.place_of(node.step)
        if place is not None:
            return node, place
    return None


def _sleeps(sequel: FreeSequel, asleep: Iterable[Step]) -> bool:
    """Whether somebody who sleeps leads to as good an execution."""
    return any(sequel.place_of(step) is not None for step in asleep)
