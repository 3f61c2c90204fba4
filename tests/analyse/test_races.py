from __future__ import annotations

import time
from collections.abc import Iterator

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import threadsim.analyse  # noqa: F401 - gives traces their analyses
from support.traces import trace_of
from threadsim.analyse.races import race_words, races
from threadsim.model.event import ACCESSES, Event, Kind
from threadsim.model.findings import Race
from threadsim.model.trace import Trace

KINDS = {"d": "dict", "ready": "Event"}


def pairs(rows: str) -> list[tuple[int, int]]:
    """The numbers of the events of each race."""
    return [(race.first.number, race.second.number) for race in races(trace_of(rows, kinds=KINDS))]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ("T1 write x = 1\nT2 write x = 2", [(0, 1)]),
        ("T1 read x\nT2 write x = 2", [(0, 1)]),
        ("T1 write x = 1\nT2 read x", [(0, 1)]),
        ("T1 write x = 1\nT2 delete x", [(0, 1)]),
        ("T1 read x\nT2 read x", []),
        ("T1 write x = 1\nT1 write x = 2", []),
        ("T1 write x = 1\nT2 write y = 2", []),
        ("T1 write d['a'] = 1\nT2 write d['b'] = 2", []),
        ("T1 write d['a'] = 1\nT2 write d['a'] = 2", [(0, 1)]),
        ("T1 write d['a'] = 1\nT2 read d", [(0, 1)]),
        ("T1 read d\nT2 delete d['a']", [(0, 1)]),
        ("T1 read d['a']\nT2 read d", []),
    ],
)
def test_two_accesses_race_if_one_of_them_changes_what_both_touch(
    rows: str, found: list[tuple[int, int]]
) -> None:
    assert pairs(rows) == found


@pytest.mark.parametrize(
    "rows",
    [
        "T1 acquire lock\nT1 write x = 1\nT1 release lock\nT2 acquire lock\nT2 write x = 2\nT2 release lock",
        "T0 write x = 1\nT0 start T1\nT1 begin\nT1 write x = 2\nT1 end\nT0 join T1\nT0 read x",
        "T1 write x = 1\nT1 set ready\nT2 wait ready\nT2 read x",
    ],
)
def test_what_synchronisation_orders_is_no_race(rows: str) -> None:
    assert pairs(rows) == []


def test_of_reads_that_nothing_orders_each_races_with_the_write_after_them() -> None:
    assert pairs("T1 read x\nT2 read x\nT3 write x = 1") == [(1, 2), (0, 2)]


def test_no_pair_of_sites_is_missed_behind_the_first_race() -> None:
    assert pairs("T1 write x = 1\nT2 write x = 2\nT3 read x") == [(0, 1), (1, 2), (0, 2)]


def in_loops(rows: str, lines: int) -> Trace:
    """A trace whose threads come to the same few lines again and again."""
    trace = trace_of(rows, kinds=KINDS)
    events = trace.events
    return attrs.evolve(
        trace, events=tuple(attrs.evolve(one, site=events[one.number % lines].site) for one in events)
    )


def test_a_pair_of_sites_is_told_once() -> None:
    (race,) = races(in_loops("T1 read x\nT2 write x = 1\n" * 3, lines=2))
    assert (race.first.number, race.second.number) == (0, 1)


ACTIONS = [
    *["acquire lock", "release lock", "set ready", "wait ready", "start T2", "begin", "end", "join T1"],
    *["read x", "write x = 1", "read d", "write d", "read d['a']", "write d['a'] = 1", "delete d['b']"],
]


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(ACTIONS)), max_size=25), st.integers(1, 25))
def test_the_races_are_those_that_comparing_all_pairs_finds(rows: list[tuple[int, str]], lines: int) -> None:
    trace = in_loops("\n".join(f"T{thread} {action}" for thread, action in rows), lines)
    assert races(trace) == tuple(by_all_pairs(trace))


def by_all_pairs(trace: Trace) -> Iterator[Race]:
    accesses = [event for event in trace.events if event.kind in ACCESSES]
    seen = set()
    for second in accesses:
        for first in reversed(accesses[: accesses.index(second)]):
            sites = frozenset((first.site, second.site))
            if conflict(first, second) and not trace.happens_before(first, second) and sites not in seen:
                seen.add(sites)
                yield Race(first, second)


def conflict(first: Event, second: Event) -> bool:
    overlap = first.obj == second.obj and (first.field == second.field or None in (first.field, second.field))
    return overlap and first.thread != second.thread and {first.kind, second.kind} != {Kind.READ}


def test_the_cost_of_a_trace_without_races_grows_as_its_length() -> None:
    events = trace_of(
        "T1 acquire lock\nT1 write x = 1\nT1 release lock\nT2 acquire lock\nT2 write x = 2\nT2 release lock"
    )
    begin = time.process_time()
    long = attrs.evolve(
        events, events=tuple(attrs.evolve(events.events[n % 6], number=n) for n in range(30_000))
    )
    assert races(long) == ()
    assert time.process_time() - begin < 5  # 0.2 s here; comparing all pairs takes minutes


def test_a_race_in_words() -> None:
    trace = trace_of("T1 read d\nT2 write d['a'] = 1", kinds=KINDS, file="a.py")
    (race,) = races(trace)
    assert (
        race_words(trace, race)
        == "data race on d['a']: read by Thread-1 at a.py:1, write by Thread-2 at a.py:2"
    )
