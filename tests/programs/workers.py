"""Workers take jobs from a queue until there are no more; the main thread waits for all to be done.

Outcomes: passed.
"""

import queue
import threading

jobs: queue.Queue[int] = queue.Queue(maxsize=2)
results: dict[int, int] = {}


def work() -> None:
    while True:
        number = jobs.get()
        results[number] = number**2
        jobs.task_done()


for index in range(2):
    threading.Thread(target=work, name=f"worker-{index}", daemon=True).start()
for number in range(4):
    jobs.put(number)
jobs.join()
print(sorted(results.items()))
