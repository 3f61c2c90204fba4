"""Auto: a search made of searches, for a person who does not want to choose one.

A few random executions first: most bugs fall there. Then every interleaving, as long as that promises to come
to its end within the budget. If it does not, the random searches in turn.
"""

from __future__ import annotations

from typing import Any, Final

from threadsim.strategy.base import Search, Strategy
from threadsim.strategy.seeded import LEARNING
from threadsim.strategy.steps import History
from threadsim.strategy.table import SEARCHES, make_search

SYSTEMATIC: Final = "dpor"
FIRST: Final = ("random", "pct")
PORTFOLIO: Final = ("random", "pct", "pos", "surw")

A_FEW: Final = 3
"""Executions of each of the first two."""

FAIR_TRY = 50
"""Executions that the systematic search has before it must promise to end; asked again as they double."""

TRIED = 8 * FAIR_TRY
"""When it would be asked next, if it has been asked often enough to be left to itself."""

UNLIMITED = 100_000
"""Executions within which it must promise to end if only the time is limited."""


class Auto:
    """The search of several stages.

    Args:
        seed: The same seed gives the same search.
        most: How many executions there will be at most, None if nobody knows.
        depth: For PCT, if it is not to be the usual one.
    """

    name = "auto"

    def __init__(self, seed: int, most: int | None, depth: int | None = None) -> None:
        options: dict[str, dict[str, Any]] = {"pct": {} if depth is None else {"depth": depth}}
        self._random = {name: make_search(name, seed, **options.get(name, {})) for name in PORTFOLIO}
        self._systematic = _Systematic(seed, most) if SYSTEMATIC in SEARCHES else None
        self._first = A_FEW * len(FIRST)  # executions that are left of this stage
        self._turn = 0  # of the portfolio
        self._inner: Search = self._random[FIRST[0]]
        self.seed = seed
        self.exhausted = False

    @property
    def settled(self) -> bool:
        """Whether each later execution follows from its seed alone, so that others may carry it out."""
        return self._turn >= LEARNING * len(PORTFOLIO) and not self._first and not self._is_systematic()

    @property
    def systematic(self) -> Search | None:
        """The systematic search, if it is under way and has promised more than once that it will end."""
        inner = self._systematic
        return inner.search if inner is not None and inner.promises and inner.is_tried else None

    def begin(self) -> Strategy | None:
        """The strategy of the stage that we are in."""
        strategy = self._begin()
        self.seed = self._inner.seed
        return strategy

    def _begin(self) -> Strategy | None:
        if self._first:
            return self._begin_with(self._random[FIRST[self._first % len(FIRST)]])
        if self._is_systematic() and self._systematic is not None:
            self._inner = self._systematic.search
            strategy = self._systematic.begin()
            self.exhausted = self._inner.exhausted
            if strategy is not None or self.exhausted:
                return strategy
            self._systematic = None
        return self._begin_with(self._random[PORTFOLIO[self._turn % len(PORTFOLIO)]])

    def _begin_with(self, search: Search) -> Strategy | None:
        self._inner = search
        return search.begin()

    def end(self, history: History) -> None:
        """On to the next execution."""
        self._inner.end(history)
        if history.is_cut and self._systematic is not None and self._inner is self._systematic.search:
            self._systematic.promises = (
                False  # it proves nothing any more, and is unfair to who is waited for
            )
        if self._first:
            self._first -= 1
        elif self._systematic is None or self._inner is not self._systematic.search:
            self._turn += 1

    def skip(self, executions: int) -> None:
        """Go on as if so many more had ended, which others carry out; it is settled."""
        whole, rest = divmod(executions, len(PORTFOLIO))
        for offset in range(len(PORTFOLIO)):
            inner: Any = self._random[PORTFOLIO[(self._turn + offset) % len(PORTFOLIO)]]
            inner.skip(whole + (offset < rest))
        self._turn += executions

    def _is_systematic(self) -> bool:
        return self._systematic is not None and self._systematic.promises


class _Systematic:
    """A search for all interleavings, and whether it promises to end."""

    def __init__(self, seed: int, most: int | None) -> None:
        self.search = make_search(SYSTEMATIC, seed)
        self.promises = True
        self._most = UNLIMITED if most is None else most
        self._begun = 0
        self._asked_at = FAIR_TRY

    @property
    def is_tried(self) -> bool:
        """Whether it was asked often enough to be relied upon."""
        return self._asked_at >= TRIED

    def begin(self) -> Strategy | None:
        """The next strategy, None if there is none or no hope."""
        if self._begun >= self._asked_at:
            self._asked_at *= 2
            self.promises = self._will_end()
        strategy = self.search.begin() if self.promises else None
        self.promises = strategy is not None
        self._begun += 1
        return strategy

    def _will_end(self) -> bool:
        """By what it says about its progress; one that says nothing gets half of the budget."""
        progress = getattr(self.search, "progress", None)
        if progress is None:
            return self._begun * 2 <= self._most
        return bool(progress * self._most >= self._begun)
