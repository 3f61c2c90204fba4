"""What a search is to do: one value, that the Python API, the command line and the workers share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from threadsim.explore.auto import Auto
from threadsim.explore.searches import SEARCH_NAMES, options_of, users_of
from threadsim.model.errors import ThreadsimError
from threadsim.strategy.pct import DEPTH

SCHEDULES = 1_000
"""How many schedules are tried unless a budget is given."""

BOUNDS = ("preemptions", "delays")
"""Settings that leave schedules out."""

MAX_STEPS = 100_000
"""Fewer than for a single execution: in a search a livelock is met again and again."""


class SettingsError(ThreadsimError):
    """A setting that makes no sense, or that the strategy has no use for."""


def _setting(default: Any, words: str, check: Callable[[Settings, Any, Any], None] | None = None) -> Any:
    metadata = {"help": words}
    if isinstance(default, tuple):
        return attrs.field(default=default, converter=tuple, metadata=metadata)
    return attrs.field(default=default, validator=check, metadata=metadata)


def _positive(settings: Settings, attribute: Any, value: Any) -> None:
    if value is not None and not value > 0:  # not so of NaN, either
        raise SettingsError(f"{attribute.name} is {value}: it must be more than 0")


def _not_negative(settings: Settings, attribute: Any, value: Any) -> None:
    if value is not None and value < 0:
        raise SettingsError(f"{attribute.name} is {value}: it must not be less than 0")


def _known(settings: Settings, attribute: Any, value: Any) -> None:
    if value not in SEARCH_NAMES:
        raise SettingsError(f"there is no strategy {value!r}; the strategies are {', '.join(SEARCH_NAMES)}")


@attrs.frozen(kw_only=True)
class Settings:
    """The settings of a search. None stands for what was not said.

    Raises:
        SettingsError: One of them makes no sense; the message says which, and what would.
    """

    strategy: str = _setting(Auto.name, f"Which schedules are tried: {', '.join(SEARCH_NAMES)}.", _known)
    schedules: int | None = _setting(
        None, f"At most so many schedules.  [default: {SCHEDULES:,}, or no limit with --seconds]", _positive
    )
    seconds: float | None = _setting(None, "At most so long.", _positive)
    seed: int = _setting(0, "The same seed gives the same search.")
    stop_on_first: bool = _setting(True, "Whether the first failure ends the search.")
    include: tuple[str, ...] = _setting((), "Watch an installed package, too.")
    jobs: int = _setting(1, "How many processes search.", _positive)
    max_steps: int = _setting(MAX_STEPS, "Scheduling points after which it is a livelock.", _positive)
    races: bool = _setting(False, "A data race counts as a failure, too.")
    depth: int | None = _setting(
        None, f"For pct: how deep a bug is looked for.  [default: {DEPTH}]", _positive
    )
    preemptions: int | None = _setting(
        None, "For dfs and dpor: at most so many preemptions in a schedule.", _not_negative
    )
    delays: int | None = _setting(
        None, "For dfs: at most so many departures from taking turns in a schedule.", _not_negative
    )

    def __attrs_post_init__(self) -> None:
        for name in self.options:
            if name not in options_of(self.strategy):
                users = " and ".join(users_of(name)) or "none of those that there are"
                raise SettingsError(
                    f"the strategy {self.strategy} has no use for {name}: that is for {users}"
                )

    @property
    def options(self) -> dict[str, Any]:
        """Those that belong to the strategy alone, as far as they were given."""
        given = {"depth": self.depth, "preemptions": self.preemptions, "delays": self.delays}
        return {name: value for name, value in given.items() if value is not None}

    @property
    def most(self) -> int | None:
        """How many schedules are tried at most, None if only the time counts."""
        return self.schedules or (SCHEDULES if self.seconds is None else None)
