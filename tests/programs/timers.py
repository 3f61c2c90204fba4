"""Timers, one of them cancelled when it is due.

Outcomes: passed.
"""

import threading
import time

timers = [
    threading.Timer(1, print, args=("first",)),
    threading.Timer(3, print, args=("second",)),
    threading.Timer(2, print, args=("never",)),
]
for timer in timers:
    timer.start()
time.sleep(1.5)
timers[2].cancel()
time.sleep(1.5)
timers[1].cancel()
for timer in timers:
    timer.join()
print("after", round(time.monotonic(), 1), "seconds")
