"""The order of a real run's events is imposed on the simulation."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable, Iterator

import attrs
import pytest

from support.simulation import story
from threadsim import Outcome, record, replay


@pytest.fixture(autouse=True)
def _threads_that_switch_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def run(body: Callable[[int], None], then: Callable[[], None] = lambda: None) -> None:
    threads = [threading.Thread(target=body, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    then()
    for thread in threads:
        thread.join()


def locks() -> tuple[int, ...]:
    lock = threading.Lock()
    order: list[int] = []

    def work(number: int) -> None:
        for _ in range(20):
            with lock:
                order.append(number)

    run(work)
    return tuple(order)


def queues() -> tuple[int, ...]:
    jobs: queue.Queue[int] = queue.Queue(maxsize=2)

    def work(number: int) -> None:
        for count in range(3):
            jobs.put(number * 10 + count)

    taken = []
    taker = threading.Thread(target=lambda: [taken.append(jobs.get()) for _ in range(9)])
    taker.start()
    run(work)
    taker.join()
    return tuple(taken)


def meetings() -> tuple[int, ...]:
    permit, meeting, go = threading.Semaphore(1), threading.Barrier(3), threading.Event()
    order: list[int] = []

    def work(number: int) -> None:
        go.wait()
        with permit:
            order.append(number)
        meeting.wait()
        with permit:
            order.append(number)

    run(work, go.set)
    return tuple(order)


@pytest.mark.parametrize("program", [locks, queues, meetings])
def test_recorded_run_is_led_the_same_way(program: Callable[[], object]) -> None:
    for _ in range(3):
        with record() as recording:
            result = program()
        execution = replay(program, recording.trace)
        assert execution.outcome is Outcome.PASSED
        assert execution.matched is not None
        kept, total = execution.matched
        assert kept > 0.9 * total > 20  # the end of a thread is no scheduling point and comes when it comes
        assert execution.result == result


def test_what_cannot_be_kept_is_counted() -> None:
    with record() as recording:
        locks()
    events = recording.trace.events
    shuffled = tuple(
        attrs.evolve(event, number=number) for number, event in enumerate((*events[-9:], *events[:-9]))
    )
    execution = replay(locks, attrs.evolve(recording.trace, events=shuffled))
    assert execution.outcome is Outcome.PASSED
    assert execution.matched is not None
    kept, total = execution.matched
    assert kept < total


def test_replay_of_a_recording_is_a_simulation_that_replays() -> None:
    with record() as recording:
        locks()
    execution = replay(locks, recording.trace)
    assert execution.trace.header.kind == "simulated"
    assert story(replay(locks, execution.trace)) == story(execution)
