"""What has happened in an execution, as steps: a search's view of the kernel's notes and its journal."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from threadsim.instrument.access import Access
from threadsim.model.event import ACCESSES, Kind
from threadsim.model.trace import Outcome
from threadsim.simulate.identities import TouchedFirst
from threadsim.simulate.journal import ALIVE, THREADS, mode_of, thread_location, timer_location
from threadsim.simulate.kernel import Kernel
from threadsim.simulate.left import Left
from threadsim.simulate.notes import Note, Where
from threadsim.simulate.registry import Entry
from threadsim.simulate.thread import SimulatedThread
from threadsim.strategy.steps import Mode, Step, Touch

EXIT = "exit"
"""The location that stands for the end of the process: daemons take part in it only by being cut off."""

_ON_THREADS = frozenset({Kind.JOIN, Kind.IS_ALIVE, Kind.CANCEL})


class KernelHistory:
    """The steps of one execution, made as far as they are asked for and kept.

    Args:
        kernel: Of the execution, which may be under way.
        single: The steps of but one access that were made in executions before; is added to.

    Attributes:
        kernel: The same.
    """

    def __init__(self, kernel: Kernel, single: dict[Hashable, Step]) -> None:
        self.kernel = kernel
        self._single = single
        self._renamed = False
        self._steps: list[Step] = []
        self._notes = self._touches = self._runs = 0

    @property
    def points(self) -> int:
        """How many scheduling points have been passed."""
        return self.kernel.steps

    @property
    def renamed(self) -> bool:
        """Whether objects will have other keys in the executions to come: some did not tell them apart."""
        return self._renamed

    @property
    def is_cut(self) -> bool:
        """Whether the execution came to no end of its own."""
        return self.kernel.outcome not in (Outcome.PASSED, Outcome.FAILED, Outcome.DEADLOCK)

    def counts(self) -> dict[int, int]:
        """How many steps each thread has made."""
        runs = self.kernel.runs
        counts = {thread.number: 0 for thread in self.kernel.threads}
        ends = [*(first for _, first, _, _ in runs[1:]), self.kernel.steps]
        for (thread, first, _, _), end in zip(runs, ends, strict=True):
            counts[thread] += end - first
        return counts

    def steps(self, first: int = 0) -> Sequence[Step]:
        """The steps, from number `first` on."""
        steps = self._steps
        for number in range(len(steps), self.kernel.steps):
            steps.append(self._single_access(number) or self._step(number))
        return steps[first:] if first else steps

    def pending(self) -> Sequence[Step]:
        """What the threads that were not over at the end were about to do, as far as it could be done."""
        return [step for left in self.kernel.left if (step := self._pending(left)) is not None]

    def _pending(self, left: Left) -> Step | None:
        number = left.thread.number
        if left.contends_for is not None:
            key = left.contends_for.key
            return Step(number, ((key, Mode.WRITE),), left.enabler, needs=key)
        if left.is_ready and self.kernel.outcome in (Outcome.PASSED, Outcome.FAILED):
            return Step(number, ((EXIT, Mode.READ),), left.enabler)
        return None

    def _single_access(self, number: int) -> Step | None:
        """The step, if it is but one access: by far the most frequent; such steps are made once."""
        notes, index, journal = self.kernel.notes, self._notes, self.kernel.journal
        if index == len(notes) or number in journal.jumps:
            return None
        thread, kind, where, entry, _, field, _, _, _, _, points = notes[index]
        if points != number + 1 or kind not in ACCESSES or entry is None:
            return None
        if index + 1 < len(notes) and notes[index + 1][10] == points:
            return None
        if self._touches < len(journal.touches) and journal.touches[self._touches][0] <= number:
            return None
        key = entry.key
        if self.kernel.threads[thread].daemon or (type(key) is TouchedFirst and key.thread != thread):
            return None
        self._notes = index + 1
        known = thread, kind, key, where.name if entry.has_members else field  # type: ignore[union-attr]
        step = self._single.get(known)
        if step is None:
            touches: dict[Hashable, Mode] = {}
            self._add_access(kind, where, entry, field, touches)
            step = self._single[known] = Step(thread, tuple(touches.items()))
        return step

    def _step(self, number: int) -> Step:
        kernel, journal = self.kernel, self.kernel.journal
        thread = kernel.threads[self._thread(number)]
        touches: dict[Hashable, Mode] = {}
        self._add_notes(number, touches)
        if self._touches < len(journal.touches):
            self._add_journal(number, thread, touches)
        if thread.daemon:
            touches[EXIT] = Mode.READ
        needs, takes = journal.needs.get(number), journal.takes.get(number)
        frees, gave_up = journal.frees.get(number), journal.gave_up.get(number)
        return Step(
            thread.number,
            tuple(touches.items()),
            journal.enablers.get(number),
            needs and needs.key,
            takes and takes.key,
            frees and frees.key,
            journal.jumps.get(number),
            gave_up and gave_up.key,
        )

    def _thread(self, number: int) -> int:
        runs, run = self.kernel.runs, self._runs
        while run + 1 < len(runs) and runs[run + 1][1] <= number:
            run += 1
        self._runs = run
        return runs[run][0]

    def _add_notes(self, number: int, touches: dict[Hashable, Mode]) -> None:
        notes, index, limit = self.kernel.notes, self._notes, number + 1
        while index < len(notes) and notes[index][10] <= limit:
            note = notes[index]
            index += 1
            thread, kind, where, entry, _, field, *_ = note
            if kind not in ACCESSES:
                for location, mode in self._touched(note):
                    _add(touches, location, mode)
                continue
            assert entry is not None
            self._see(entry.key, thread)
            self._add_access(kind, where, entry, field, touches)
        self._notes = index

    def _add_access(
        self, kind: Kind, where: Where, entry: Entry, field: str | None, touches: dict[Hashable, Mode]
    ) -> None:
        key: Hashable = entry.key
        mode = Mode.READ if kind is Kind.READ else Mode.WRITE
        if entry.has_members:
            assert isinstance(where, Access)
            _add(touches, (key, where.name), mode)
        elif field is None:
            _add(touches, key, mode)
        else:
            _add(touches, (key, field), mode)
            _add(touches, key, Mode.PEEK if mode is Mode.READ else Mode.ADD)

    def _touched(self, note: Note) -> Sequence[Touch]:
        """What an operation touches that is no plain access."""
        number, kind, _, entry, target, _, _, result, _, _, points = note
        if entry is not None:
            self._see(entry.key, number)
            was_woken = kind is Kind.WAKE and result is None and points - 1 not in self.kernel.journal.jumps
            if was_woken and entry.kind in _ONLY_WOKEN:
                return ()
            return ((entry.key, mode_of(kind, entry.kind)),)
        if kind is Kind.START:
            return ((THREADS, Mode.WRITE),)
        if kind is Kind.END:
            return self._ends(self.kernel.threads[number])
        if kind not in _ON_THREADS:
            return ()
        if target is None:
            return ((THREADS, Mode.READ),)
        if kind is Kind.CANCEL:
            return ((timer_location(target), Mode.WRITE),)
        return ((thread_location(target), Mode.READ),)

    def _ends(self, thread: SimulatedThread) -> Sequence[Touch]:
        touched: list[Touch] = [(thread_location(thread), Mode.WRITE), (ALIVE, Mode.ADD)]
        if thread.number == 0 and any(other.daemon for other in self.kernel.threads):
            touched.append((EXIT, Mode.WRITE))
        return touched

    def _add_journal(self, number: int, thread: SimulatedThread, touches: dict[Hashable, Mode]) -> None:
        found, index = self.kernel.journal.touches, self._touches
        while index < len(found) and found[index][0] <= number:
            _, location, mode = found[index]
            index += 1
            if isinstance(location, Entry):
                location = location.key
                self._see(location, thread.number)
            _add(touches, location, mode)
        self._touches = index

    def _see(self, key: Hashable, thread: int) -> None:
        """A key that stands for "the n-th that this thread touched" is no good if another touches it."""
        if type(key) is TouchedFirst and key.thread != thread:
            self.kernel.registry.identities.confused(key.kind)
            self._renamed = True


_ONLY_WOKEN = frozenset({"Event", "Condition"})
"""What a thread that was woken has done with; a condition's lock is another matter."""

_MERGED = {
    (Mode.READ, Mode.PEEK): Mode.READ,
    (Mode.PEEK, Mode.READ): Mode.READ,
}


def _add(touches: dict[Hashable, Mode], location: Hashable, mode: Mode) -> None:
    before = touches.setdefault(location, mode)
    if before is not mode:
        touches[location] = _MERGED.get((before, mode), Mode.WRITE)
