"""What an execution costs, and a scheduling point: ``pytest benchmarks``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import measured_programs as programs

from threadsim.simulate.program import Function
from threadsim.simulate.simulator import Simulator
from threadsim.strategy.base import C
from threadsim.strategy.random_walk import RandomWalk
from threadsim.strategy.round_robin import RoundRobin


class NoSwitch:
    """Lets a thread go on for as long as it can."""

    name = "no-switch"

    def choose(self, current: C | None, ready: Sequence[C], point: int) -> C:
        return current if current is not None else ready[0]


def test_counter_simulated(measured: Callable[..., None]) -> None:
    with Simulator(Function(programs.counter)) as simulator:
        measured("counter simulated", lambda: simulator.execute(RandomWalk(7), 7), rounds=3000)


def test_counter_traced(measured: Callable[..., None]) -> None:
    with Simulator(Function(programs.counter)) as simulator:
        measured("counter traced", lambda: simulator.execute(RandomWalk(7), 7).trace, rounds=1000)


def test_counter_plain(measured: Callable[..., None]) -> None:
    measured("counter plain", programs.counter_without_threads, rounds=10_000)


def test_counter_on_real_threads(measured: Callable[..., None]) -> None:
    measured("counter real", programs.counter, rounds=500)


def test_point_without_switch(measured: Callable[..., None]) -> None:
    with Simulator(Function(programs.many_accesses)) as simulator:
        measured(
            "point without switch", lambda: simulator.execute(NoSwitch(), 0), units=programs.POINTS, rounds=20
        )


def test_point_with_switch(measured: Callable[..., None]) -> None:
    with Simulator(Function(programs.many_accesses)) as simulator:
        measured(
            "point with switch", lambda: simulator.execute(RoundRobin(0), 0), units=programs.POINTS, rounds=20
        )
