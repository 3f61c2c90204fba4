"""Conditions, events, barriers, timers, sleep."""

from __future__ import annotations

import threading
import time

from support.litmus.shape import litmus, run


@litmus(2)
def condition_with_a_predicate() -> str:
    ready = threading.Condition()
    item = ""
    taken = ""

    def consume() -> None:
        nonlocal taken
        with ready:
            while not item:
                ready.wait()
            taken = item

    def produce() -> None:
        nonlocal item
        with ready:
            item = "cake"
            ready.notify()

    run(consume, produce)
    return taken


@litmus(2)
def condition_over_a_lock_of_the_programs() -> bool:
    lock = threading.Lock()
    ready = threading.Condition(lock)
    done = False

    def consume() -> None:
        with lock:
            while not done:
                ready.wait()

    def produce() -> None:
        nonlocal done
        with lock:
            done = True
            ready.notify()

    run(consume, produce)
    return done


@litmus(2)
def missed_notify() -> str:
    ready = threading.Condition()
    went = "no"

    def consume() -> None:
        nonlocal went
        with ready:
            ready.wait()
        went = "yes"

    def produce() -> None:
        with ready:
            ready.notify()

    run(consume, produce)
    return went


@litmus(2)
def wait_with_a_timeout() -> bool:
    ready = threading.Condition()
    told = False

    def consume() -> None:
        nonlocal told
        with ready:
            told = ready.wait(timeout=1)

    def produce() -> None:
        with ready:
            ready.notify()

    run(consume, produce)
    return told


@litmus(2)
def wait_for_a_predicate() -> bool:
    ready = threading.Condition()
    done = False

    def consume() -> None:
        with ready:
            ready.wait_for(lambda: done)

    def produce() -> None:
        nonlocal done
        with ready:
            done = True
            ready.notify_all()

    run(consume, produce)
    return done


@litmus(10, slow=True)
def notify_all_with_two_waiters() -> str:
    ready = threading.Condition()
    is_open = False
    order = ""

    def wait(name: str) -> None:
        nonlocal order
        with ready:
            while not is_open:
                ready.wait()
            order = order + name

    def open_up() -> None:
        nonlocal is_open
        with ready:
            is_open = True
            ready.notify_all()

    run(lambda: wait("a"), lambda: wait("b"), open_up)
    return order


@litmus(8, slow=True)
def notify_one_of_two_waiters() -> str:
    ready = threading.Condition()
    order = ""

    def wait(name: str) -> None:
        nonlocal order
        with ready:
            ready.wait()
            order = order + name

    def wake() -> None:
        with ready:
            ready.notify()

    run(lambda: wait("a"), lambda: wait("b"), wake)
    return order


@litmus(2)
def set_against_is_set() -> bool:
    event = threading.Event()
    seen = False

    def look() -> None:
        nonlocal seen
        seen = event.is_set()

    run(event.set, look)
    return seen


@litmus(2)
def set_against_wait() -> None:
    event = threading.Event()
    run(event.set, event.wait)


@litmus(2)
def set_against_wait_with_a_timeout() -> bool:
    event = threading.Event()
    seen = False

    def wait() -> None:
        nonlocal seen
        seen = event.wait(1)

    run(event.set, wait)
    return seen


@litmus(2)
def clear_against_wait() -> None:
    event = threading.Event()
    event.set()
    run(event.clear, event.wait)


@litmus(3)
def set_and_clear_against_wait() -> None:
    event = threading.Event()

    def pulse() -> None:
        event.set()
        event.clear()

    run(pulse, event.wait)


@litmus(4)
def two_wait_for_one_event() -> str:
    event = threading.Event()
    run(event.wait, event.wait, event.set)
    return "done"


@litmus(2)
def two_sets() -> bool:
    event = threading.Event()
    run(event.set, event.set)
    return event.is_set()


@litmus(2)
def publish_by_an_event() -> int:
    event = threading.Event()
    value = 0
    seen = -1

    def publish() -> None:
        nonlocal value
        value = 1
        event.set()

    def receive() -> None:
        nonlocal seen
        event.wait()
        seen = value

    run(publish, receive)
    return seen


@litmus(2)
def barrier_of_two() -> tuple[int, int]:
    barrier = threading.Barrier(2)
    first = second = 0

    def left() -> None:
        nonlocal first
        first = barrier.wait()

    def right() -> None:
        nonlocal second
        second = barrier.wait()

    run(left, right)
    return first, second


@litmus(1)
def barrier_that_one_does_not_reach() -> None:
    barrier = threading.Barrier(2)
    run(barrier.wait)


@litmus(8, slow=True)
def barrier_of_two_used_twice() -> None:
    barrier = threading.Barrier(2)

    def work() -> None:
        barrier.wait()
        barrier.wait()

    run(work, work)


@litmus(6, slow=True)
def barrier_of_three() -> None:
    barrier = threading.Barrier(3)
    run(barrier.wait, barrier.wait, barrier.wait)


@litmus(2)
def barrier_that_is_aborted() -> str:
    barrier = threading.Barrier(2)
    came = ""

    def wait() -> None:
        nonlocal came
        try:
            barrier.wait()
        except threading.BrokenBarrierError:
            came = "broken"

    run(wait, barrier.abort)
    return came


@litmus(1)
def sleepers_in_order() -> str:
    order = ""

    def work(seconds: int) -> None:
        nonlocal order
        time.sleep(seconds)
        order = order + str(seconds)

    run(lambda: work(2), lambda: work(1))
    return order


@litmus(4)
def sleepers_at_once() -> str:
    order = ""

    def work(name: str) -> None:
        nonlocal order
        time.sleep(1)
        order = order + name

    run(lambda: work("a"), lambda: work("b"))
    return order


@litmus(1)
def timer_against_main() -> int:
    value = 0

    def fire() -> None:
        nonlocal value
        value = 1

    timer = threading.Timer(1, fire)
    timer.start()
    seen = value
    timer.join()
    return seen


@litmus(2)
def timer_that_is_cancelled() -> int:
    value = 0

    def fire() -> None:
        nonlocal value
        value = 1

    timer = threading.Timer(1, fire)
    timer.start()
    timer.cancel()
    timer.join()
    return value


@litmus(2)
def timer_cancelled_when_it_is_due() -> int:
    value = 0

    def fire() -> None:
        nonlocal value
        value = 1

    timer = threading.Timer(1, fire)
    timer.start()
    time.sleep(1)
    timer.cancel()
    timer.join()
    return value


@litmus(2)
def set_when_the_wait_is_due() -> bool:
    event = threading.Event()
    seen = True

    def wait() -> None:
        nonlocal seen
        seen = event.wait(1)

    def publish() -> None:
        time.sleep(1)
        event.set()

    run(wait, publish)
    return seen


@litmus(2)
def set_that_comes_before_the_wait_is_due() -> bool:
    event = threading.Event()
    seen = True

    def publish() -> None:
        time.sleep(1)
        event.set()

    def wait() -> None:
        nonlocal seen
        seen = event.wait(1)

    run(publish, wait)
    return seen


@litmus(2)
def notify_when_the_wait_is_due() -> bool:
    ready = threading.Condition()
    seen = True

    def wait() -> None:
        nonlocal seen
        with ready:
            seen = ready.wait(1)

    def notify() -> None:
        time.sleep(1)
        with ready:
            ready.notify()

    run(wait, notify)
    return seen


@litmus(2)
def notify_that_comes_before_the_wait_is_due() -> bool:
    ready = threading.Condition()
    seen = True

    def notify() -> None:
        time.sleep(1)
        with ready:
            ready.notify()

    def wait() -> None:
        nonlocal seen
        with ready:
            seen = ready.wait(1)

    run(notify, wait)
    return seen


@litmus(6, slow=True)
def three_sleepers_at_once() -> str:
    last = ""

    def work(name: str) -> None:
        nonlocal last
        time.sleep(1)
        last = name

    run(lambda: work("a"), lambda: work("b"), lambda: work("c"))
    return last


@litmus(4, slow=True)
def two_wait_and_one_sets_when_they_are_due() -> tuple[bool, bool]:
    event = threading.Event()
    first = second = False

    def left() -> None:
        nonlocal first
        first = event.wait(1)

    def right() -> None:
        nonlocal second
        second = event.wait(1)

    def publish() -> None:
        time.sleep(1)
        event.set()

    run(publish, left, right)
    return first, second
