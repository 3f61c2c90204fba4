"""Two transfers in opposite directions, each of which can hold the lock that the other one waits for."""

import threading


class Account:
    def __init__(self, balance):
        self.balance = balance
        self._lock = threading.Lock()

    def transfer(self, amount, other):
        with self._lock:
            with other._lock:
                self.balance -= amount
                other.balance += amount


savings = Account(100)
checking = Account(100)

there = threading.Thread(target=savings.transfer, args=(30, checking))
back = threading.Thread(target=checking.transfer, args=(10, savings))
there.start()
back.start()
there.join()
back.join()

print(f"savings: {savings.balance}, checking: {checking.balance}")
assert savings.balance + checking.balance == 200
