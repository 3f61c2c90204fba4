"""Two producers and two consumers share a queue that has room for one; nothing is lost, nothing comes twice."""

import queue
import threading

tasks = queue.Queue(maxsize=1)
done = queue.Queue()


def produce(task):
    tasks.put(task)


def consume():
    done.put(tasks.get())


threads = [
    threading.Thread(target=produce, args=("a",)),
    threading.Thread(target=produce, args=("b",)),
    threading.Thread(target=consume),
    threading.Thread(target=consume),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

assert sorted([done.get(), done.get()]) == ["a", "b"]
