"""Two threads add to a counter without a lock.

Outcomes: passed, failed.
"""

import threading

counter = 0


def add() -> None:
    global counter
    for _ in range(2):
        counter += 1


threads = [threading.Thread(target=add) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert counter == 4, f"lost {4 - counter}"
