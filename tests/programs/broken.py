"""A thread fails, another goes on, and the main thread exits with a status.

Outcomes: failed.
"""

import sys
import threading
import time

state = threading.local()


def fail() -> None:
    state.name = threading.current_thread().name
    raise ValueError(f"{state.name} fails")


threading.Thread(target=fail, name="culprit").start()
threading.Thread(target=lambda: (time.sleep(1), print("survived"))).start()
print("bye", file=sys.stderr)
sys.exit(3)
