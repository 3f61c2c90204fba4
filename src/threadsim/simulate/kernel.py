"""The kernel: who is ready, who goes on, and what happened.

A simulated thread runs until it comes to a scheduling point. There it says what it is about to do
(`announce`), and the strategy chooses who goes on (`point`); or it cannot go on at all (`block`). A switch is
one ``greenlet.switch`` from one simulated thread straight to the next. All of them are children of the hub,
the greenlet that called `run`: it gets control when a thread is over, and at the end.

A thread is ready if its pending operation can be carried out now: one that is about to take a lock that is
held is not ready, and becomes ready with the release.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Hashable
from contextvars import copy_context
from operator import attrgetter
from typing import Any, NoReturn
from weakref import ref

from greenlet import getcurrent, greenlet

from threadsim.instrument.tracebacks import site_of_error
from threadsim.model.errors import Divergence
from threadsim.model.event import Kind
from threadsim.model.trace import Outcome
from threadsim.simulate import stage
from threadsim.simulate.carriers import Carriers
from threadsim.simulate.clock import Clock
from threadsim.simulate.journal import CLOCK, Journal, touched_halfway
from threadsim.simulate.left import Left
from threadsim.simulate.notes import ABSENT, Note, Where
from threadsim.simulate.registry import Entry, Registry
from threadsim.simulate.targets import touched_by_target
from threadsim.simulate.thread import SimulatedThread
from threadsim.strategy.base import Strategy
from threadsim.strategy.steps import Mode

SPIN = 10_000
"""Scheduling points after which a deadline is reached though somebody was ready all the while."""

REFUSALS = 100
"""How often a thread that is left over at the end may try to go on waiting."""


class Unwind(BaseException):
    """Thrown into the simulated threads that are left over at the end."""


_number = attrgetter("number")


class Kernel:
    """The kernel of one execution.

    Args:
        strategy: Asked at each scheduling point with more than one ready thread.
        max_steps: How many scheduling points may be passed before it counts as a livelock.
        registry: Who is who.
        carriers: What its threads run in.

    Attributes:
        current: The thread that runs.
        ready: The threads that can go on, by number; the current one is among them unless it blocks.
        steps: How many scheduling points have been passed.
        runs: Each stretch without a switch: thread, its first point, the operation that it begins with.
        notes: What happened, in order.
        journal: What no event tells.
        uncaught: Exceptions that ended a thread, in order.
        outcome: Set when it is over, by the first thing that ends it.
        error: What ended it, if that was not of the program's doing: a divergence, Ctrl-C.
        left: The threads that were not over then, and what each was about to do.
    """

    def __init__(self, strategy: Strategy, max_steps: int, registry: Registry, carriers: Carriers) -> None:
        self._carriers = carriers
        self._choose = strategy.choose
        self._max_steps = max_steps
        self._alarm = max_steps
        self._spin_alarm = max_steps
        self._hub = getcurrent()
        self.clock = Clock()
        self.registry = registry
        self.threads: list[SimulatedThread] = []
        self.ready: list[SimulatedThread] = []
        self.current: SimulatedThread = None  # type: ignore[assignment]
        self.steps = 0
        self.runs: list[tuple[int, int, Kind, Where]] = []
        self.notes: list[Note] = []
        self.journal = Journal()
        self.uncaught: list[tuple[SimulatedThread, BaseException]] = []
        self.outcome: Outcome | None = None
        self.error: BaseException | None = None
        self.left: list[Left] = []
        self._unjoined = 0
        self._refusals = 0
        self._by_python: dict[int, tuple[SimulatedThread, ref[Any]]] = {}  # by the id of a `threading.Thread`

    # The course of an execution.

    def run(self, main: Callable[[], None]) -> None:
        """Run the main thread until it is over, or nobody can go on; then unwind what is left."""
        first = self._add_thread("MainThread", main, None)
        first.greenlet.gr_context = copy_context()
        self.enable(first)
        try:
            self._go_on()
            while not first.ended and self.outcome is None:
                self._after_a_thread()
        except (Divergence, KeyboardInterrupt) as error:
            self.finish(Outcome.INTERRUPTED, error)
        finally:
            self._unwind()

    def _after_a_thread(self) -> None:
        """The hub has control because a thread is over: whoever started it, or the next one, goes on."""
        starter = self.current.bootstrapping
        if starter is None:
            self._go_on()
        else:  # it died before it could say that it has begun
            self.current.bootstrapping = None
            self._switch(starter)

    def _go_on(self) -> None:
        """Switch to a ready thread; the current one is not."""
        while not self.ready:
            if not self._wake_due():
                self.finish(Outcome.DEADLOCK)
                return
        ready = self.ready
        chosen = ready[0] if len(ready) == 1 else self._ask(None)
        self.runs.append((chosen.number, self.steps, chosen.kind, chosen.where))
        self._switch(chosen)

    def _ask(self, current: SimulatedThread | None) -> SimulatedThread:
        try:
            return self._choose(current, self.ready, self.steps)
        except Divergence as error:
            self.finish(Outcome.DIVERGED, error)
            raise  # the hub asked, and is on its way out

    def _switch(self, thread: SimulatedThread) -> None:
        self.current = thread
        thread.greenlet.switch()
        if self.outcome is not None and getcurrent() is not self._hub:
            raise Unwind

    def finish(self, outcome: Outcome, error: BaseException | None = None) -> None:
        """End the execution here; does not return to a simulated thread."""
        if self.outcome is None:
            self.outcome = outcome
            self.error = error
            self._note_left()
        if getcurrent() is not self._hub:
            self._hub.switch()
            raise Unwind

    def _note_left(self) -> None:
        self.left = [Left.of(thread) for thread in self.threads if not thread.ended]

    def _unwind(self) -> None:
        """Let the threads that are left over run their ``finally`` blocks now, not in another execution."""
        if self.outcome is None:
            self._note_left()
            self.outcome = Outcome.FAILED if self.uncaught else Outcome.PASSED
        stage.watching = None
        for thread in self.threads:
            if not thread.ended and thread.greenlet.life is None:
                self.current = thread
                self._refusals = 0
                thread.inside += 1  # nothing that it still does is the program's
                thread.greenlet.throw(Unwind)
                if not thread.ended:
                    _abandoned.append(thread.greenlet)

    def let_go(self) -> None:
        """Keep only what a trace is made from, so that nothing has to wait for the garbage collector."""
        self.registry.let_go()
        self._by_python.clear()
        for thread in self.threads:
            thread.greenlet = None  # type: ignore[assignment]
            thread.python = thread.blocked_on = thread.before_blocking = None
            thread.at_end.clear()

    def _refuse(self) -> NoReturn:
        """Let nobody wait any more. A thread that catches that again and again is left where it is."""
        self._refusals += 1
        if self._refusals > REFUSALS:
            self._hub.switch()
        raise Unwind

    # Scheduling points.

    def announce(
        self,
        kind: Kind,
        where: Where,
        entry: Entry | None,
        target: SimulatedThread | None = None,
        key: object = None,
    ) -> SimulatedThread:
        """Say what the current thread is about to do."""
        current = self.current
        current.kind = kind
        current.where = where
        current.entry = entry
        current.target = target
        current.key = key
        return current

    def point(self) -> None:
        """A scheduling point: returns when the current thread has been chosen to do what it announced."""
        ready = self.ready
        if len(ready) > 1:
            current = self.current
            chosen = self._ask(current)
            if chosen is not current:
                self.runs.append((chosen.number, self.steps, chosen.kind, chosen.where))
                self._switch(chosen)
                if current.jump is not None:  # it waited in vain in between
                    self.journal.caused(self.steps, current)
        self.steps += 1
        if self.steps >= self._alarm:
            self._ring()

    def block(self, deadline: float | None = None) -> bool:
        """Give up until another thread enables this one, or until `deadline`.

        Returns:
            Whether it was enabled; otherwise the deadline has come.
        """
        if self.outcome is not None:
            self._refuse()
        current = self.current
        if current.before_blocking is not None:
            current.before_blocking()
            current.before_blocking = None
        if current.inside:
            self.journal.touches += touched_halfway(self.steps - 1, current)
        if deadline is not None:
            self.touch(CLOCK, Mode.READ)
        current.blocked_in_call = True
        current.timed_out = False
        current.deadline = deadline
        self.disable(current)
        self._go_on()
        current.deadline = None
        self.journal.caused(self.steps, current)
        self.steps += 1
        if self.steps >= self._alarm:
            self._ring()
        return not current.timed_out

    def point_after_end(self, thread: SimulatedThread) -> None:
        """A scheduling point before an operation that cannot be carried out before another thread is over."""
        if thread.ended:
            self.point()
            self.journal.enablers[self.steps - 1] = thread.last_step
        else:
            current = self.current
            thread.at_end.append(lambda: self.wake(current))
            self.block()

    def enable(self, thread: SimulatedThread) -> None:
        """Its pending operation can be carried out."""
        if not thread.is_ready:
            thread.is_ready = True
            thread.ticket += 1
            insort(self.ready, thread, key=_number)

    def wake(self, thread: SimulatedThread) -> None:
        """What it waits for inside of a call has come; it may have to take a lock before it can go on."""
        if not thread.is_ready:  # else its time was up before
            thread.enabler = self.steps - 1
            self._resume(thread)

    def _resume(self, thread: SimulatedThread) -> None:
        lock = thread.rejoins
        if lock is None:
            self.enable(thread)
        elif thread.contends_for is None:
            thread.ticket += 1  # no deadline counts any more
            lock.contend_again(self, thread)

    def disable(self, thread: SimulatedThread) -> None:
        """Its pending operation cannot be carried out any more, unless until its deadline."""
        thread.is_ready = False
        ready = self.ready
        del ready[bisect_left(ready, thread.number, key=_number)]
        if thread.deadline is not None:
            self.clock.wake_at(thread.deadline, thread)
            if self._spin_alarm == self._max_steps:
                self._set_spin_alarm()

    def _ring(self) -> None:
        if self.steps >= self._max_steps:
            self.finish(Outcome.LIVELOCK)
        self.journal.spun = self._wake_due() or self.journal.spun
        self._set_spin_alarm()

    def _wake_due(self) -> bool:
        """Let the clock jump to the nearest deadline; whether anybody waited for one."""
        due = self.clock.jump()
        for thread in due:
            thread.timed_out = True
            thread.jump = self.steps
            self._resume(thread)
        return bool(due)

    def _set_spin_alarm(self) -> None:
        awaited = self.clock.is_awaited()
        self._spin_alarm = self.steps + SPIN if awaited else self._max_steps
        self._alarm = min(self._spin_alarm, self._max_steps)

    # Threads.

    def _add_thread(
        self, name: str, body: Callable[[], object], parent: SimulatedThread | None
    ) -> SimulatedThread:
        thread = SimulatedThread(len(self.threads), name, parent)
        self.threads.append(thread)

        def live() -> None:
            try:
                body()
            except BaseException:
                if self.outcome is None:
                    raise
            finally:
                self._end(thread)

        thread.greenlet = self._carriers.carrier(live, self._hub)
        return thread

    def spawn(self, name: str, body: Callable[[], object]) -> SimulatedThread:
        """A new thread; its pending operation is to begin, and it is not ready yet."""
        thread = self._add_thread(name, body, self.current)
        thread.enabler = self.steps - 1
        self._unjoined += 1
        stage.watching = self
        return thread

    def bootstrap(self, thread: SimulatedThread) -> None:
        """Run a new thread up to its begin, on behalf of the current one, which waits for just that."""
        thread.bootstrapping = self.current
        thread.inside = 1
        self._switch(thread)

    def begin(self) -> None:
        """The current thread is ready to begin: control goes back to whoever started it."""
        current = self.current
        starter, current.bootstrapping = current.bootstrapping, None
        current.inside = 0
        self.enable(current)
        if starter is not None:
            self._switch(starter)
        self.journal.caused(self.steps, current)
        self.steps += 1
        self.note(Kind.BEGIN)
        touched = touched_by_target(self.registry, current.python)
        if touched is not None:
            self.touch(*touched)

    def _end(self, thread: SimulatedThread) -> None:
        thread.ended = True
        thread.last_step = self.steps - 1
        thread.python = None  # it lives on if anybody else keeps it
        if self.outcome is not None:
            return
        self.current = thread
        thread.kind, thread.where, thread.entry, thread.target = Kind.END, None, None, None
        self.note(Kind.END)
        if thread.is_ready:
            self.disable(thread)
        for call in thread.at_end:
            call()

    def joined(self, thread: SimulatedThread) -> None:
        """All that a thread did happens before what its joiner does now. After the last one nobody races."""
        if not thread.joined and thread.ended:
            thread.joined = True
            self._unjoined -= 1
            if self._unjoined == 0:
                stage.watching = None

    def simulated(self, python: object) -> SimulatedThread | None:
        """The simulated thread of a ``threading.Thread``, None if that was not started here."""
        found = self._by_python.get(id(python))
        return None if found is None else found[0]

    def is_of(self, thread: SimulatedThread, python: object) -> None:
        """Note whose ``threading.Thread`` it is."""
        key, by_python = id(python), self._by_python
        thread.python = python
        by_python[key] = thread, ref(python, lambda _: by_python.pop(key, None))

    # What happened.

    def note(
        self,
        kind: Kind,
        *,
        field: str | None = None,
        value: Any = ABSENT,
        result: str | None = None,
        waited: float | None = None,
    ) -> None:
        """Note that the current thread did `kind` to what it announced."""
        current = self.current
        self.notes.append(
            (
                current.number,
                kind,
                current.where,
                current.entry,
                current.target,
                field,
                value,
                result,
                waited,
                self.clock.now,
                self.steps,
            )
        )

    def touch(self, location: Entry | Hashable, mode: Mode) -> None:
        """Note that the step under way touches something that none of its events tells."""
        self.journal.touches.append((self.steps - 1, location, mode))

    def uncaught_here(self, error: BaseException) -> None:
        """The current thread is ended by an exception that nobody caught."""
        if self.outcome is not None:
            return  # it comes of the unwinding
        if isinstance(error, KeyboardInterrupt):
            self.interrupt(error)
        if isinstance(error, SystemExit) and self.current.number != 0:
            return  # an ordinary way for a thread to end
        self.announce(Kind.RAISE, site_of_error(error), None)
        self.note(Kind.RAISE, value=str(error), result=type(error).__name__)
        self.uncaught.append((self.current, error))

    def interrupt(self, error: BaseException) -> NoReturn:
        """End the execution because of something that is not of its program's doing."""
        self.finish(Outcome.INTERRUPTED, error)
        raise Unwind


_abandoned: list[greenlet] = []
"""Greenlets that would not end: kept, so that the garbage collector does not throw into them one day."""
