"""A semaphore lets two in at a time; one gives up after a while.

Outcomes: passed.
"""

import threading
import time

permits = threading.BoundedSemaphore(2)
done: set[str] = set()


def visit(name: str) -> None:
    if permits.acquire(timeout=1.5):
        time.sleep(1)
        done.add(name)
        permits.release()
    else:
        print(name, "gave up")


threads = [threading.Thread(target=visit, args=(name,)) for name in ("a", "b", "c")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join(timeout=10)
print(len(done), "were there")
