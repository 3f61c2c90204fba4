"""Prints the ratios after the table: what counts, since machines differ and are noisy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

_MINIMA: dict[str, float] = {}
"""Seconds a unit of work, by name: the shortest of many rounds, which noise can only lengthen."""

_RATIOS = [
    (
        "an execution of the counter, simulated",
        "counter simulated",
        "counter plain",
        "the plain run without threads",
    ),
    (
        "an execution of the counter, simulated",
        "counter simulated",
        "counter real",
        "the run on real threads",
    ),
    ("a trace made of it as well", "counter traced", "counter simulated", "the execution alone"),
    ("a scheduling point with a switch", "point with switch", "point without switch", "one without"),
    ("a lock-heavy program, recorded", "locks recorded", "locks plain", "the same, not recorded"),
    ("a realistic program, recorded", "crawl recorded", "crawl plain", "the same, not recorded"),
]


@pytest.fixture
def measured(benchmark: Any) -> Callable[..., None]:
    """Measure a function under a name, and note the time that one unit of its work takes."""

    def measure(name: str, function: Callable[[], object], *, units: int = 1, rounds: int = 100) -> None:
        benchmark.pedantic(function, rounds=rounds, warmup_rounds=5)
        _MINIMA[name] = benchmark.stats.stats.min / units

    return measure


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for name, seconds in _MINIMA.items():
        terminalreporter.write_line(f"{name:24} {seconds * 1e6:12.3f} µs {1 / seconds:14,.0f} a second")
    for what, one, other, than in _RATIOS:
        if one in _MINIMA and other in _MINIMA:
            terminalreporter.write_line(f"{what}: {_MINIMA[one] / _MINIMA[other]:.2f} times {than}")
