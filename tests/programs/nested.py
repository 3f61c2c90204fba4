"""A class that takes its RLock again within its own methods, and closures over a variable.

Outcomes: passed.
"""

import threading


class Ledger:
    total = 0

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.entries: list[int] = []

    def add(self, amount: int) -> None:
        with self.lock:
            self.entries.append(amount)
            self.update()

    def update(self) -> None:
        with self.lock:
            self.total = sum(self.entries)


def run(ledger: Ledger) -> int:
    highest = 0

    def work(amount: int) -> None:
        nonlocal highest
        ledger.add(amount)
        with ledger.lock:
            highest = max(highest, amount)

    threads = [threading.Thread(target=work, args=(amount,)) for amount in (5, 7)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        for thread in threads:
            thread.join()
    return highest


ledger = Ledger()
print(run(ledger), ledger.total)
