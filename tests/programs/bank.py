"""Transfers there and back take two locks in different orders.

Outcomes: passed, deadlock.
"""

import threading


class Account:
    def __init__(self, balance: int) -> None:
        self._lock = threading.Lock()
        self.balance = balance

    def transfer(self, other: "Account", amount: int) -> None:
        with self._lock, other._lock:
            self.balance -= amount
            other.balance += amount


mine, yours = Account(100), Account(100)
forth = threading.Thread(target=mine.transfer, args=(yours, 30), name="forth")
back = threading.Thread(target=yours.transfer, args=(mine, 20), name="back")
forth.start()
back.start()
forth.join()
back.join()
print(mine.balance, yours.balance)
