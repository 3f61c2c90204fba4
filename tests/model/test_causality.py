"""Each rule on the smallest trace that shows it; rows are numbered from 0."""

from __future__ import annotations

import pytest

from support.traces import trace_of
from threadsim.model.causality import Edge, EdgeKind, edges


def edges_of(rows: str, **kinds: str) -> list[tuple[int, int, str]]:
    """The edges of a trace as (first, second, kind)."""
    trace = trace_of(rows, kinds=kinds)
    assert all(edge.first < edge.second for edge in edges(trace))
    return [(edge.first, edge.second, str(edge.kind)) for edge in edges(trace)]


# Threads.


def test_start_leads_to_begin_and_end_to_join() -> None:
    trace = trace_of(
        """
        T0 start T1
        T1 begin
        T1 end
        T0 join T1
        """
    )
    assert edges(trace) == (Edge(0, 1, EdgeKind.START), Edge(2, 3, EdgeKind.JOIN))


def test_a_join_that_timed_out_follows_from_nothing() -> None:
    assert edges_of(
        """
        T0 start T1
        T1 begin
        T0 join T1 -> timed out
        T1 end
        """
    ) == [(0, 1, "start")]


def test_a_thread_seen_dead_is_as_good_as_joined() -> None:
    rows = """
        T0 is_alive T1 -> false
        T0 start T1
        T1 begin
        T0 is_alive T1
        T1 end
        T0 is_alive T1 -> false
        """
    assert edges_of(rows) == [(1, 2, "start"), (4, 5, "join")]


def test_every_join_follows_from_the_end() -> None:
    rows = """
        T1 end
        T0 join T1
        T2 join T1
        """
    assert edges_of(rows) == [(0, 1, "join"), (0, 2, "join")]


def test_a_cancelled_timer_ends_because_of_it() -> None:
    rows = """
        T0 start T1
        T1 begin
        T0 cancel T1
        T1 end
        """
    assert edges_of(rows) == [(0, 1, "start"), (2, 3, "cancel")]


@pytest.mark.parametrize("order", [("T1 fire", "T0 cancel T1"), ("T0 cancel T1", "T1 fire")])
def test_a_timer_that_fires_does_not_end_because_of_a_cancel(order: tuple[str, str]) -> None:
    assert edges_of("\n".join([*order, "T1 end"])) == []


# Locks.


def test_release_leads_to_the_next_acquire_only() -> None:
    rows = """
        T1 acquire lock
        T1 release lock
        T2 acquire lock
        T2 release lock
        T1 acquire lock
        """
    assert edges_of(rows) == [(1, 2, "lock"), (3, 4, "lock")]


def test_locks_do_not_mix() -> None:
    rows = """
        T1 acquire a
        T1 release a
        T2 acquire b
        """
    assert edges_of(rows) == []


def test_within_a_thread_there_are_no_edges() -> None:
    rows = """
        T1 acquire lock
        T1 release lock
        T1 acquire lock
        """
    assert edges_of(rows) == []


@pytest.mark.parametrize("result", ["would block", "timed out"])
def test_an_acquire_that_failed_follows_from_nothing_and_takes_nothing(result: str) -> None:
    rows = f"""
        T1 acquire lock
        T2 acquire lock -> {result}
        T1 release lock
        T2 acquire lock
        """
    assert edges_of(rows) == [(2, 3, "lock")]


def test_a_release_that_failed_leads_to_nothing() -> None:
    rows = """
        T1 release lock -> RuntimeError
        T2 acquire lock
        """
    assert edges_of(rows) == []


def test_of_a_nested_rlock_only_the_outermost_counts() -> None:
    rows = """
        T1 acquire lock
        T1 acquire lock
        T1 release lock
        T1 release lock
        T2 acquire lock
        T2 acquire lock
        """
    assert edges_of(rows, lock="RLock") == [(3, 4, "lock")]


def test_a_lock_may_be_released_by_another_thread() -> None:
    rows = """
        T1 acquire lock
        T2 release lock
        T1 acquire lock
        T1 release lock
        T2 acquire lock
        """
    assert edges_of(rows) == [(1, 2, "lock"), (3, 4, "lock")]


def test_what_was_taken_before_the_trace_begins_can_be_released() -> None:
    rows = """
        T1 release lock
        T2 acquire lock
        T2 release lock
        T1 acquire lock
        """
    assert edges_of(rows) == [(0, 1, "lock"), (2, 3, "lock")]


# Conditions.


def test_a_wait_gives_the_lock_up_and_a_wake_takes_it_again() -> None:
    rows = """
        T1 acquire cond
        T1 wait cond
        T2 acquire cond
        T2 notify cond
        T2 release cond
        T1 wake cond
        T1 release cond
        T2 acquire cond
        """
    assert edges_of(rows, cond="Condition") == [
        (1, 2, "lock"),
        (4, 5, "lock"),
        (3, 5, "notify"),
        (6, 7, "lock"),
    ]


def test_a_condition_over_the_users_own_lock_gives_that_lock_up() -> None:
    rows = """
        T1 acquire lock
        T1 wait cond
        T2 acquire lock
        T2 notify cond
        T2 release lock
        T1 wake cond
        """
    assert edges_of(rows, cond="Condition") == [(1, 2, "lock"), (4, 5, "lock"), (3, 5, "notify")]


def test_a_lock_that_is_kept_through_a_wait_makes_no_edge_of_it() -> None:
    rows = """
        T1 acquire kept
        T1 acquire cond
        T1 wait cond
        T2 acquire cond
        T2 notify_all cond
        T2 release cond
        T1 wake cond
        T1 release cond
        T1 release kept
        T2 acquire kept
        """
    assert edges_of(rows, cond="Condition") == [
        (2, 3, "lock"),
        (5, 6, "lock"),
        (4, 6, "notify"),
        (8, 9, "lock"),
    ]


def test_a_nested_lock_is_as_deep_after_a_wait_as_before() -> None:
    rows = """
        T1 acquire cond
        T1 acquire cond
        T1 wait cond
        T2 acquire cond
        T2 release cond
        T1 wake cond -> timed out
        T1 release cond
        T1 release cond
        T2 acquire cond
        """
    assert edges_of(rows, cond="Condition") == [(2, 3, "lock"), (4, 5, "lock"), (7, 8, "lock")]


def notify_edges(rows: str) -> list[tuple[int, int]]:
    return [(first, second) for first, second, kind in edges_of(rows, cond="Condition") if kind == "notify"]


def test_notify_wakes_who_waited_longest() -> None:
    rows = """
        T1 wait cond
        T2 wait cond
        T0 notify cond
        T0 notify cond
        T2 wake cond
        T1 wake cond
        """
    assert notify_edges(rows) == [(3, 4), (2, 5)]


def test_notify_of_several_wakes_so_many() -> None:
    rows = """
        T1 wait cond
        T2 wait cond
        T3 wait cond
        T0 notify cond = 2
        T0 notify cond
        T1 wake cond
        T2 wake cond
        T3 wake cond
        """
    assert notify_edges(rows) == [(3, 5), (3, 6), (4, 7)]


def test_notify_all_wakes_all() -> None:
    rows = """
        T1 wait cond
        T2 wait cond
        T0 notify_all cond
        T0 notify cond
        T1 wake cond
        T2 wake cond
        """
    assert notify_edges(rows) == [(2, 4), (2, 5)]


def test_a_wake_that_timed_out_leaves_the_notify_to_the_next() -> None:
    rows = """
        T1 wait cond
        T2 wait cond
        T0 notify cond
        T1 wake cond -> timed out
        T2 wake cond
        """
    assert notify_edges(rows) == [(2, 4)]


def test_a_notify_wakes_nobody_who_came_later() -> None:
    rows = """
        T1 wait cond
        T0 notify cond
        T2 wait cond
        T1 wake cond -> timed out
        T0 notify cond
        T2 wake cond
        """
    assert notify_edges(rows) == [(4, 5)]


def test_a_wake_that_no_notify_accounts_for_follows_from_the_last() -> None:
    rows = """
        T1 wait cond
        T2 wait cond
        T0 notify cond
        T1 wake cond
        T2 wake cond
        """
    assert notify_edges(rows) == [(2, 3), (2, 4)]


# Events.


def test_set_wakes_all_who_wait() -> None:
    rows = """
        T1 wait event
        T2 wait event
        T0 set event
        T0 clear event
        T2 wake event
        T1 wake event
        """
    assert edges_of(rows, event="Event") == [(2, 4, "set"), (2, 5, "set")]


def test_set_leads_to_waits_that_need_not_block_and_to_is_set_that_says_yes() -> None:
    rows = """
        T1 is_set event -> false
        T0 set event
        T1 is_set event
        T2 wait event
        T0 clear event
        T1 is_set event -> false
        """
    assert edges_of(rows, event="Event") == [(1, 2, "set"), (1, 3, "set")]


def test_the_set_that_turned_it_on_is_the_cause() -> None:
    rows = """
        T0 set event
        T2 set event
        T1 wait event
        T1 clear event
        T2 set event
        T1 wait event
        """
    assert edges_of(rows, event="Event") == [(0, 2, "set"), (4, 5, "set")]


def test_a_wait_on_an_event_that_timed_out_follows_from_nothing() -> None:
    rows = """
        T1 wait event
        T1 wake event -> timed out
        T0 set event
        T2 wait event -> timed out
        """
    assert edges_of(rows, event="Event") == []


def test_a_wait_on_an_event_gives_no_lock_up() -> None:
    rows = """
        T1 acquire lock
        T1 wait event
        T2 acquire lock
        """
    assert edges_of(rows, event="Event") == []


# Semaphores.


def test_each_permit_goes_to_one_acquire_the_oldest_first() -> None:
    rows = """
        T1 release sem
        T2 release sem
        T0 acquire sem
        T0 acquire sem
        T0 acquire sem
        """
    assert edges_of(rows, sem="Semaphore") == [(0, 2, "semaphore"), (1, 3, "semaphore")]


def test_a_release_of_several_gives_so_many_permits() -> None:
    rows = """
        T1 release sem = 2
        T0 acquire sem
        T0 acquire sem
        T0 acquire sem -> would block
        """
    assert edges_of(rows, sem="BoundedSemaphore") == [(0, 1, "semaphore"), (0, 2, "semaphore")]


def test_the_first_permits_come_from_nobody() -> None:
    rows = """
        T1 acquire sem
        T2 acquire sem
        T1 release sem
        T0 acquire sem
        """
    assert edges_of(rows, sem="Semaphore") == [(2, 3, "semaphore")]


# Barriers.


def test_all_arrive_before_any_goes_on() -> None:
    rows = """
        T1 wait barrier
        T2 wait barrier
        T0 wait barrier
        T2 wake barrier
        T1 wake barrier
        """
    assert edges_of(rows, barrier="Barrier") == [
        (0, 2, "barrier"),
        (1, 2, "barrier"),
        (2, 3, "barrier"),
        (2, 4, "barrier"),
    ]


def test_the_last_to_arrive_may_be_back_before_the_others_are_awake() -> None:
    rows = """
        T1 wait barrier
        T0 wait barrier
        T0 wait barrier
        T1 wake barrier
        T1 wait barrier
        T0 wake barrier
        """
    assert edges_of(rows, barrier="Barrier") == [
        (0, 1, "barrier"),
        (1, 3, "barrier"),
        (2, 4, "barrier"),
        (4, 5, "barrier"),
    ]


def test_what_a_barriers_action_does_is_between_the_arrivals_and_the_wakes() -> None:
    rows = """
        T1 wait barrier
        T0 wait barrier
        T0 write x
        T0 notify_all barrier
        T1 wake barrier
    """
    assert edges_of(rows, barrier="Barrier") == [(0, 1, "barrier"), (3, 4, "barrier")]


@pytest.mark.parametrize("kind", ["abort", "reset"])
def test_what_breaks_a_barrier_is_the_cause_of_the_wakes(kind: str) -> None:
    rows = f"""
        T1 wait barrier
        T0 {kind} barrier
        T1 wake barrier -> broken
        """
    assert edges_of(rows, barrier="Barrier") == [(1, 2, "barrier")]


def test_who_timed_out_at_a_barrier_leads_to_nothing() -> None:
    rows = """
        T1 wait barrier
        T1 wake barrier -> timed out
        T2 wait barrier -> broken
        T0 reset barrier
        T0 wait barrier
        """
    assert edges_of(rows, barrier="Barrier") == []


# Queues.

PUTS_AND_GETS = """
    T1 put queue
    T2 put queue
    T0 get queue
    T0 get queue
    T0 get queue -> empty
    T1 put queue -> full
    """


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("Queue", [(0, 2), (1, 3)]),
        ("SimpleQueue", [(0, 2), (1, 3)]),
        ("LifoQueue", [(1, 2), (0, 3)]),
        ("PriorityQueue", [(0, 2), (1, 2), (0, 3), (1, 3)]),
    ],
)
def test_a_get_follows_from_the_put_of_its_item(kind: str, expected: list[tuple[int, int]]) -> None:
    assert edges_of(PUTS_AND_GETS, queue=kind) == [(first, second, "queue") for first, second in expected]


def test_joining_a_queue_follows_from_the_tasks_done() -> None:
    rows = """
        T1 task_done queue
        T2 task_done queue
        T1 task_done queue
        T0 join queue
        """
    assert edges_of(rows, queue="Queue") == [(2, 3, "queue"), (1, 3, "queue")]


def test_plain_reads_and_writes_order_nothing() -> None:
    rows = """
        T1 write counter = 1
        T2 read counter = 1
        T1 output stdout = "1"
        T2 output stdout = "2"
        """
    assert edges_of(rows) == []
