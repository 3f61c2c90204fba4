"""Three threads meet at a barrier twice; the last to arrive adds up what they brought.

Outcomes: passed.
"""

import threading

brought: list[int] = []
totals: list[int] = []


def add_up() -> None:
    totals.append(sum(brought))
    brought.clear()


meeting = threading.Barrier(3, action=add_up)


def bring(number: int) -> None:
    for round_number in range(2):
        brought.append(number + round_number)
        meeting.wait()


threads = [threading.Thread(target=bring, args=(number,)) for number in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert totals == [3, 6], totals
