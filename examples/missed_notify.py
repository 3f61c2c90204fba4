"""A worker waits to be told that the work is there, and is told before it waits."""

import threading

work = []
ready = threading.Condition()


def worker():
    with ready:
        ready.wait()  # rather: while not work: ready.wait()
        print(f"Got {work.pop()}.")


thread = threading.Thread(target=worker)
thread.start()
with ready:
    work.append("a task")
    ready.notify()
thread.join()
