"""A bounded buffer made of a Condition, with a consumer that asks only once whether there is something.

Outcomes: passed, failed.
"""

import threading
from collections import deque

items: deque[int] = deque()
changed = threading.Condition()


def consume(log: list[int]) -> None:
    with changed:
        if not items:
            changed.wait(timeout=5)
        log.append(items.popleft())
        changed.notify()


def produce() -> None:
    for number in range(2):
        with changed:
            items.append(number)
            changed.notify_all()


log: list[int] = []
threads = [threading.Thread(target=consume, args=(log,)) for _ in range(2)]
threads.append(threading.Thread(target=produce))
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(log)
