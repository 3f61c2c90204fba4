"""Two threads add to a counter under a lock, and no addition ever gets lost."""

import threading

counter = 0
lock = threading.Lock()


def increment():
    global counter
    with lock:
        value = counter
        counter = value + 1


first = threading.Thread(target=increment)
second = threading.Thread(target=increment)
first.start()
second.start()
first.join()
second.join()

assert counter == 2, f"expected 2, got {counter}"
