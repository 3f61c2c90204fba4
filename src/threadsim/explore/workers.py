"""The same search, spread over processes.

The first part of a search, until the rest can be divided, is carried out by one process; then they share the
rest. What comes of the parts is added up in the order in which they were given out, and what comes after the
first failure does not count. So the findings are those of one process; only that in a tree of schedules
another of several failures may be the first.
"""

from __future__ import annotations

import concurrent.futures
import os
import pickle
from collections import deque
from concurrent.futures import Executor, Future
from time import monotonic
from typing import Any, Protocol, Self

import attrs

from threadsim.explore.determinism import NondeterminismError
from threadsim.explore.doubt import proves_by_reduction, take_to_heart
from threadsim.explore.loop import Watch
from threadsim.explore.part import Done, Part, Shrunk, Subject, carry_out, doubted, shrink
from threadsim.explore.rest import Rest, rest_of
from threadsim.explore.tally import Found, Stop, Tally
from threadsim.explore.work import do, do_apart, heed_ctrl_c_at_work, packed, surroundings
from threadsim.model.errors import ThreadsimError, Unmanaged

AHEAD = 2
"""How many parts for each process are under way or waiting."""

MOST_LOSSES = 3
"""How often a process may die before that is taken for the program's doing."""


class WorkersLost(ThreadsimError):  # noqa: N818 - named for what happened
    """Processes died again and again."""


class Helpers(Protocol):
    """Who does the work."""

    def submit(self, work: bytes) -> Future[bytes]:
        """Have it done."""

    def renew(self) -> None:
        """Some of them died: have others."""

    def close(self) -> None:
        """There is no more work; what has not begun is not done."""


class OwnProcesses:
    """Processes of this machine, started for this search.

    Args:
        number: How many.
    """

    def __init__(self, number: int) -> None:
        self._number = number
        self._pool = self._new()

    def _new(self) -> concurrent.futures.ProcessPoolExecutor:
        import multiprocessing  # only where it is used: it gives `__main__` a second name

        return concurrent.futures.ProcessPoolExecutor(
            self._number, multiprocessing.get_context("spawn"), initializer=heed_ctrl_c_at_work
        )

    def submit(self, work: bytes) -> Future[bytes]:
        """Have it done."""
        with _FixedHashes():
            return self._pool.submit(do, work)

    def renew(self) -> None:
        """A pool of which one process died is broken as a whole."""
        self.close()
        self._pool = self._new()

    def close(self) -> None:
        """Wait for what is under way."""
        self._pool.shutdown(wait=True, cancel_futures=True)


class _FixedHashes:
    """Sets of strings iterate alike in all processes that are started meanwhile."""

    def __enter__(self) -> None:
        self._set = "PYTHONHASHSEED" not in os.environ
        if self._set:
            os.environ["PYTHONHASHSEED"] = "0"

    def __exit__(self, *_: object) -> None:
        if self._set:
            del os.environ["PYTHONHASHSEED"]


class Others:
    """The workers of somebody else's executor.

    Args:
        executor: Theirs. What it submits to need not be on this machine.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._under_way: list[Future[bytes]] = []

    def submit(self, work: bytes) -> Future[bytes]:
        """Have it done."""
        future = self._executor.submit(do_apart, work, *surroundings())
        self._under_way = [each for each in self._under_way if not each.done()] + [future]
        return future

    def renew(self) -> None:
        """That is for their owner to do."""

    def close(self) -> None:
        """Leave them as they were."""
        for future in self._under_way:
            future.cancel()


@attrs.define
class _UnderWay:
    """A part that somebody has."""

    part: Part
    future: Future[bytes]


class Crew:
    """Carries out a search by several processes.

    Args:
        helpers: Who does the work.
        number: How many of them there are.
    """

    def __init__(self, helpers: Helpers, number: int) -> None:
        self._helpers = helpers
        self._number = number
        self._most = AHEAD * number  # parts under way
        self._losses = 0
        self._tally = Tally()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._helpers.close()

    def search(self, whole: Part, watch: Watch) -> Tally:
        """What came of it. Ctrl-C ends it; it is not raised, nor is it if processes die again and again."""
        until = None if whole.seconds is None else monotonic() + whole.seconds
        try:
            first = attrs.evolve(whole, divides=self._number)
            done = self._result(_UnderWay(first, self._submit(first)))
            self._tally, warnings = done.tally, self._tally.warnings
            self._tally.warnings += warnings
            if self._tally.stop is None:
                whole = attrs.evolve(whole, naming=done.naming)
                rest = rest_of(whole, done.rest, self._tally.executions, self._most)
                self._share(whole, rest, until, watch)
                self._put_to_the_test(whole.subject)
        except KeyboardInterrupt:
            self._tally.stop = Stop.INTERRUPTED
        except WorkersLost as error:
            self._tally.stop, self._tally.trouble = Stop.TROUBLE, error
        return self._tally

    def shrink(self, subject: Subject, found: Found) -> Shrunk | NondeterminismError | Unmanaged:
        """Have a failure made small there."""
        result: Any = pickle.loads(self._helpers.submit(packed(shrink, subject, found)).result())
        return result  # type: ignore[no-any-return]

    def _share(self, whole: Part, rest: Rest, until: float | None, watch: Watch) -> None:
        """Carry out the rest, in parts."""
        tally = self._tally
        under_way: deque[_UnderWay] = deque()
        while tally.stop is None:
            self._give_out(rest, under_way, until)
            if not under_way:
                tally.stop = Stop.NOTHING_LEFT if rest.ends else Stop.SCHEDULES
                break
            done = self._result(under_way[0], *list(under_way)[1:])
            under_way.popleft()
            tally.add(done.tally)
            rest.take(done)
            tally.stop = self._why_stop(whole, done.tally, until)
            watch(tally)
        tally.exhausted = rest.exhausted and tally.stop is Stop.NOTHING_LEFT

    def _give_out(self, rest: Rest, under_way: deque[_UnderWay], until: float | None) -> None:
        """Have as much under way as may be."""
        while len(under_way) < self._most and (part := rest.next(self._tally.executions, len(under_way))):
            left = None if until is None else max(until - monotonic(), 0.001)
            part = attrs.evolve(part, seconds=left)
            under_way.append(_UnderWay(part, self._submit(part)))

    def _put_to_the_test(self, subject: Subject) -> None:
        if proves_by_reduction(self._tally):
            doubt = self._helpers.submit(packed(doubted, subject, self._tally)).result()
            take_to_heart(self._tally, pickle.loads(doubt))

    def _why_stop(self, whole: Part, later: Tally, until: float | None) -> Stop | None:
        if later.stop in (Stop.INTERRUPTED, Stop.TROUBLE, Stop.FAILURE, Stop.SECONDS):
            return later.stop
        if until is not None and monotonic() >= until:
            return Stop.SECONDS
        most = whole.schedules
        return Stop.SCHEDULES if most is not None and self._tally.executions >= most else None

    def _submit(self, part: Part) -> Future[bytes]:
        return self._helpers.submit(packed(carry_out, part))

    def _result(self, wanted: _UnderWay, *others: _UnderWay) -> Done:
        """What came of a part, which is carried out again if whoever had it died.

        Raises:
            WorkersLost: That happened too often.
        """
        while True:
            try:
                done: Done = pickle.loads(wanted.future.result())
                return done
            except ThreadsimError:
                raise
            except Exception as error:
                self._note_loss(error)
                self._helpers.renew()
                for each in (wanted, *others):
                    if each is wanted or (each.future.done() and each.future.exception() is not None):
                        each.future = self._submit(each.part)

    def _note_loss(self, error: Exception) -> None:
        self._losses += 1
        after = f"after schedule {self._tally.executions:,}"
        if self._losses >= MOST_LOSSES:
            raise WorkersLost(
                f"a process was lost {self._losses} times {after}; the program may be the reason: {error}"
            ) from None
        self._tally.warnings.append(f"a process was lost {after}, and its part run again: {error}")
