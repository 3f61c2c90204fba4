"""Two threads tell each other by events; one may miss that the flag was up for a moment.

Outcomes: passed, deadlock.
"""

import threading

ready = threading.Event()
answered = threading.Event()


def answer() -> None:
    ready.wait()
    answered.set()


helper = threading.Thread(target=answer, name="helper")
helper.start()
ready.set()
if not answered.is_set():
    ready.clear()
answered.wait()
helper.join()
print("answered")
