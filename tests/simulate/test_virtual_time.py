"""Time is virtual: sleeping costs nothing, and all clocks agree."""

from __future__ import annotations

import threading
import time
from time import sleep as imported_sleep
from typing import Any

import pytest

from support.simulation import outcomes_of, story
from threadsim import simulate

DAY = 86_400.0


def test_a_day_is_over_at_once() -> None:
    begun = time.perf_counter()
    execution = simulate(lambda: time.sleep(DAY))
    assert time.perf_counter() - begun < 10
    assert execution.trace.ending is not None
    assert execution.trace.ending.time == DAY
    assert story(execution) == ["T0 sleep", "T0 end"]
    assert execution.trace.first("sleep").waited == DAY


def test_names_imported_before_are_virtual_too() -> None:
    execution = simulate(lambda: imported_sleep(DAY))
    assert execution.trace.first("sleep").waited == DAY


@pytest.mark.parametrize("clock", ["time", "monotonic", "perf_counter"])
def test_clocks_advance_by_what_is_slept(clock: str) -> None:
    def program() -> tuple[float, int]:
        tell, tell_ns = getattr(time, clock), getattr(time, f"{clock}_ns")
        begun, begun_ns = tell(), tell_ns()
        time.sleep(2.5)
        return tell() - begun, tell_ns() - begun_ns

    seconds, nanoseconds = simulate(program).result
    assert seconds == pytest.approx(2.5, abs=1e-3)
    assert nanoseconds == pytest.approx(2_500_000_000, abs=1e6)


def test_dates_are_those_of_the_virtual_clock() -> None:
    def program() -> tuple[object, ...]:
        time.sleep(DAY)
        written = (
            time.strftime("%H:%M:%S", time.gmtime()),
            time.strftime("%Y"),
            time.asctime()[-4:],
            time.ctime()[-4:],
        )
        return time.gmtime()[:3], time.localtime()[0], time.gmtime(0)[:3], *written

    assert simulate(program).result == (
        (2023, 11, 15),
        2023,
        (1970, 1, 1),
        "22:13:20",
        "2023",
        "2023",
        "2023",
    )


def test_time_is_the_same_in_each_execution() -> None:
    def program() -> tuple[float, ...]:
        return time.time(), time.monotonic(), time.perf_counter()

    assert simulate(program).result == simulate(program).result


def test_sleepers_wake_in_the_order_of_their_deadlines() -> None:
    def program() -> str:
        order: list[str] = []

        def work(name: str, seconds: float) -> None:
            time.sleep(seconds)
            order.append(name)

        threads = [
            threading.Thread(target=work, args=item) for item in (("c", 3), ("a", 0.001), ("b", 0.002))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return "".join(order)

    assert outcomes_of(program) == {"abc"}


def test_sleepers_with_one_deadline_wake_in_any_order_and_interleave() -> None:
    def program() -> int:
        total = 0

        def work() -> None:
            nonlocal total
            time.monotonic()
            time.sleep(1)
            seen = total
            total = seen + 1

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return total

    assert outcomes_of(program) == {1, 2}


def test_sleep_of_no_length_only_lets_others_go_on() -> None:
    def program() -> float:
        time.sleep(0)
        return time.monotonic()

    assert simulate(program).result < 1e-3


def test_loop_that_waits_for_a_time_ends() -> None:
    def program() -> None:
        until = time.monotonic() + 0.01
        while time.monotonic() < until:
            pass

    simulate(program).assert_passed()


def test_loop_that_waits_for_a_sleeper_ends() -> None:
    def program() -> None:
        done: list[int] = []

        def work() -> None:
            time.sleep(1)
            done.append(1)

        threading.Thread(target=work).start()
        while not done:
            pass

    simulate(program).assert_passed()


@pytest.mark.parametrize(("seconds", "error"), [(-1, ValueError), (1e30, OverflowError), ("1", TypeError)])
def test_bad_lengths_are_refused(seconds: Any, error: type[Exception]) -> None:
    def program() -> None:
        with pytest.raises(error):
            time.sleep(seconds)

    simulate(program).assert_passed()
