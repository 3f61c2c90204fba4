"""DPOR of programs whose objects cannot be told apart from one execution to the next."""

from __future__ import annotations

import _thread

from threadsim import explore


def test_list_that_bare_threads_share_is_known_by_its_kind() -> None:
    found = set()

    def program() -> None:
        orders: list[str] = []
        done = _thread.allocate_lock()
        done.acquire()

        def work() -> None:
            orders.append("thread")
            done.release()

        _thread.start_new_thread(work, ())
        orders.append("main")
        done.acquire()
        found.add(tuple(orders))

    exploration = explore(program, strategy="dpor", schedules=100)

    assert exploration.exhausted
    assert found == {("thread", "main"), ("main", "thread")}
