"""The failure that a search shows has the call stacks of what its explanation points at."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from threadsim import explore, load
from threadsim.explore.failure import Failure
from threadsim.model.event import Event


class Account:
    def __init__(self) -> None:
        self.balance = 100
        self.lock = threading.Lock()

    def withdraw(self, amount: int) -> None:
        if self.balance >= amount:
            self.balance -= amount

    def transfer(self, other: Account) -> None:
        with self.lock:
            other.withdraw_locked()

    def withdraw_locked(self) -> None:
        with self.lock:
            self.balance -= 1


def withdraw(account: Account) -> None:
    account.withdraw(60)


def transfer(account: Account, other: Account) -> None:
    account.transfer(other)


def run_two(body: Callable[..., None], *arguments: tuple[Account, ...]) -> None:
    threads = [threading.Thread(target=lambda given=given: body(*given)) for given in arguments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def overdrawn() -> None:
    account = Account()
    run_two(withdraw, (account,), (account,))
    assert account.balance >= 0


def locked_both_ways() -> None:
    one, other = Account(), Account()
    run_two(transfer, (one, other), (other, one))


def failure_of(program: Callable[[], None], **options: bool) -> Failure:
    failure = explore(program, **options).failure  # type: ignore[arg-type]
    assert failure is not None
    return failure


def functions(events: Iterable[Event]) -> set[tuple[str, ...]]:
    """Of the stacks, the threads' own ``lambda`` left out."""
    return {tuple(site.function.rpartition(".")[2] for site in event.stack[1:]) for event in events}


def test_the_events_that_conflict_have_their_stacks_and_no_others_have() -> None:
    failure = failure_of(overdrawn)
    shown = failure.evidence()["diagnosis"].events
    assert functions(shown) == {("withdraw",)}
    assert [event for event in failure.trace.events if event.stack] == list(shown)
    assert failure.explanation.count("→ withdraw (") == len(shown)


def test_both_accesses_of_a_race_have_their_stacks() -> None:
    failure = failure_of(overdrawn, races=True)
    assert failure.kind == "race"
    (race,) = failure.evidence()["races"]
    assert functions([race.first, race.second]) == {("withdraw",)}
    assert failure.explanation.count("→ withdraw (") == 2


def test_a_deadlock_has_the_stacks_of_who_is_blocked_and_of_where_the_locks_were_taken() -> None:
    failure = failure_of(locked_both_ways)
    assert functions(failure.evidence()["diagnosis"].events) == {("transfer",)}
    text = failure.explanation
    assert text.count("→ transfer (") == 4
    assert text.count("→ Account.withdraw_locked (") == 2
    assert "→ Account.withdraw_locked (" in failure.message


@pytest.mark.parametrize("program", [overdrawn, locked_both_ways])
def test_the_saved_trace_has_them_too(program: Callable[[], None], tmp_path: Path) -> None:
    trace = failure_of(program).trace
    trace.save(tmp_path / "saved.jsonl")
    saved = load(tmp_path / "saved.jsonl")
    assert [event.stack for event in saved.events] == [event.stack for event in trace.events]
    assert any(event.stack for event in saved.events)
