"""Two threads add to a counter without a lock, and one of the additions can get lost."""

import threading

counter = 0


def increment():
    global counter
    value = counter
    counter = value + 1


first = threading.Thread(target=increment)
second = threading.Thread(target=increment)
first.start()
second.start()
first.join()
second.join()

assert counter == 2, f"expected 2, got {counter}"
