"""The queues of `queue`: one call is one operation."""

from __future__ import annotations

import queue
import threading
from typing import Any

import pytest

from support.simulation import outcomes_of, story, story_of
from threadsim import Outcome, simulate


@pytest.mark.parametrize(
    ("kind", "order"),
    [
        ("Queue", (3, 1, 2)),
        ("SimpleQueue", (3, 1, 2)),
        ("LifoQueue", (2, 1, 3)),
        ("PriorityQueue", (1, 2, 3)),
    ],
)
def test_each_kind_has_its_order(kind: str, order: tuple[int, ...]) -> None:
    def program() -> tuple[int, ...]:
        jobs = getattr(queue, kind)()
        for number in (3, 1, 2):
            jobs.put(number)
        return tuple(jobs.get() for _ in range(3))

    execution = simulate(program)
    assert execution.result == order
    assert story(execution) == ["T0 put jobs"] * 3 + ["T0 get jobs"] * 3 + ["T0 end"]
    assert [(obj.kind, obj.name) for obj in execution.trace.objects] == [(kind, "jobs")]


@pytest.mark.parametrize("kind", ["Queue", "SimpleQueue"])
def test_items_go_from_one_thread_to_another(kind: str) -> None:
    def program() -> tuple[int, ...]:
        jobs = getattr(queue, kind)()
        got: list[int] = []

        def consumer() -> None:
            while (item := jobs.get()) is not None:
                got.append(item)

        thread = threading.Thread(target=consumer)
        thread.start()
        for number in range(3):
            jobs.put(number)
        jobs.put(None)
        thread.join()
        return tuple(got)

    assert outcomes_of(program) == {(0, 1, 2)}
    trace = simulate(program).trace
    assert trace.happens_before(trace.first("put"), trace.first("get"))


@pytest.mark.parametrize("kind", ["Queue", "SimpleQueue"])
def test_empty_queue(kind: str) -> None:
    def program() -> None:
        jobs = getattr(queue, kind)()
        assert jobs.empty()
        for get in (jobs.get_nowait, lambda: jobs.get(block=False), lambda: jobs.get(timeout=9)):
            with pytest.raises(queue.Empty):
                get()

    execution = simulate(program)
    execution.assert_passed()
    assert story(execution) == ["T0 size jobs", *["T0 get jobs -> empty"] * 3, "T0 end"]
    assert [event.waited for event in execution.trace.select("get")] == [None, None, 9]


def test_full_queue() -> None:
    def program() -> bool:
        jobs: queue.Queue[int] = queue.Queue(maxsize=1)
        jobs.put(1)
        for put in (jobs.put_nowait, lambda item: jobs.put(item, timeout=9)):
            with pytest.raises(queue.Full):
                put(2)
        return jobs.full()

    execution = simulate(program)
    assert execution.result is True
    assert story(execution)[1:3] == ["T0 put jobs -> full"] * 2


def test_bounded_queue_makes_producers_wait() -> None:
    def program() -> int:
        jobs: queue.Queue[int] = queue.Queue(maxsize=2)
        sizes = []

        def producer() -> None:
            for number in range(5):
                jobs.put(number)

        thread = threading.Thread(target=producer)
        thread.start()
        for _ in range(5):
            sizes.append(jobs.qsize())
            jobs.get()
        thread.join()
        return max(sizes)

    assert max(outcomes_of(program)) == 2


def test_join_waits_for_each_task_to_be_done() -> None:
    def program() -> tuple[int, ...]:
        jobs: queue.Queue[int] = queue.Queue()
        done: list[int] = []

        def worker() -> None:
            while True:
                item = jobs.get()
                done.append(item)
                jobs.task_done()

        threading.Thread(target=worker, daemon=True).start()
        for number in range(3):
            jobs.put(number)
        jobs.join()
        return tuple(done)

    assert outcomes_of(program) == {(0, 1, 2)}
    execution = simulate(program)
    assert execution.trace.happens_before(
        execution.trace.select("task_done")[-1], execution.trace.first("join", obj="jobs")
    )


def test_task_done_too_often_is_an_error_and_an_event() -> None:
    def program() -> None:
        with pytest.raises(ValueError, match="too many times"):
            queue.Queue().task_done()  # type: ignore[var-annotated]

    assert story(simulate(program))[0].endswith("-> ValueError")


def test_getting_from_a_queue_that_nobody_fills_is_a_deadlock() -> None:
    def program() -> None:
        jobs: queue.Queue[int] = queue.Queue()
        jobs.get()

    execution = simulate(program)
    assert execution.outcome is Outcome.DEADLOCK
    assert execution.trace.ending is not None
    assert "MainThread" in execution.trace.ending.message
    assert "jobs" in execution.trace.ending.message


def test_a_subclass_keeps_its_own_order_and_may_use_locks_of_its_own() -> None:
    class Journal(queue.Queue[Any]):
        def _init(self, maxsize: int) -> None:
            self.guard = threading.Lock()
            self.items: list[Any] = []

        def _qsize(self) -> int:
            return len(self.items)

        def _put(self, item: Any) -> None:
            with self.guard:
                self.items.append(item)
            print("put", item)

        def _get(self) -> Any:
            with self.guard:
                return self.items.pop(len(self.items) // 2)

    def program() -> tuple[int, ...]:
        jobs = Journal()

        def disturb() -> None:
            for _ in range(3):
                with jobs.guard:
                    pass

        thread = threading.Thread(target=disturb)
        thread.start()
        for number in range(3):
            jobs.put(number)
        got = tuple(jobs.get() for _ in range(3))
        thread.join()
        return got

    assert outcomes_of(program) == {(1, 2, 0)}
    execution = simulate(program)
    assert execution.output == execution.trace.output == "put 0\nput 1\nput 2\n"
    assert "put jobs" in story_of(execution, 0)


@pytest.mark.skipif(not hasattr(queue.Queue, "shutdown"), reason="new in Python 3.13")
def test_shutdown_wakes_who_waits() -> None:
    def program() -> None:
        jobs: queue.Queue[int] = queue.Queue()

        def worker() -> None:
            with pytest.raises(queue.ShutDown):  # type: ignore[attr-defined]
                jobs.get()

        thread = threading.Thread(target=worker)
        thread.start()
        jobs.shutdown()  # type: ignore[attr-defined]
        thread.join()

    execution = simulate(program)
    execution.assert_passed()
    assert "T1 get jobs -> ShutDown" in story(execution)
