# ruff: noqa
"""Attributes: of instances, classes and modules; slots, properties, ``super()``."""

import types

from support.rewriting import attempt


class Account:
    kind = "plain"

    def __init__(self, balance):
        self.balance = balance
        self.log = []

    def deposit(self, amount):
        self.balance += amount
        self.log.append(amount)
        return self.balance

    @property
    def total(self):
        return self.balance * 2

    @total.setter
    def total(self, value):
        self.balance = value / 2

    @classmethod
    def make(cls):
        cls.kind = "made"
        return cls(1)

    @staticmethod
    def fee(account):
        return account.balance - 1


class Savings(Account):
    def __init__(self, balance):
        super().__init__(balance)
        self.rate = 2

    def deposit(self, amount):
        got = super().deposit(amount * self.rate)
        return got, super().kind, super(Savings, self).total

    def items(self):
        return super().kind.upper()


class Point:
    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x, self.y = x, y


class Proxy:
    def __getattr__(self, name):
        if name == "missing":
            raise AttributeError("no " + name)
        return name.upper()

    def __setattr__(self, name, value):
        print("set", name, value)

    def __delattr__(self, name):
        print("del", name)


account = Account(10)
print(account.deposit(5), account.total, account.kind, Account.kind)
account.total = 8
account.balance -= 1
account.balance = account.other = 3
print(account.balance, account.other, Account.fee(account), Account.make().balance)
del account.other
attempt(lambda: account.other)
attempt(lambda: account.log.nothing.more)

savings = Savings(1)
print(savings.deposit(3), savings.items())

point = Point(1, 2)
point.x += point.y
print(point.x, point.y)
del point.y
attempt(lambda: point.x + point.y)


def assign(target):
    target.z = 1


attempt(assign, point)
attempt(assign, None)
proxy = Proxy()
proxy.a = proxy.b
del proxy.a
attempt(lambda: proxy.missing)
module = types.ModuleType("module")
module.value = 1
module.value += 1
print(module.value, module.__name__)
print(
    account
    .log
    .copy()
    .count(5)
)
first = second = account
first.balance, second.log = 7, [8]
print(account.balance, account.log)
for account.balance in (1, 2):
    pass
with open(__file__) as account.log:
    print(account.log.closed, account.log.name == __file__)
[account.balance for account.balance in (5, 6)]
print(account.balance)
print(f"{account.balance} {account.balance:>{point.x}} {account.kind!r}")
getattr(account, "balance")
