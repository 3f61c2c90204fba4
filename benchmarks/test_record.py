"""What recording a real run costs."""

from __future__ import annotations

from collections.abc import Callable

import measured_programs as programs

import threadsim


def _recorded(program: Callable[[], object]) -> None:
    with threadsim.record():
        program()


def test_lock_heavy_plain(measured: Callable[..., None]) -> None:
    measured("locks plain", programs.lock_heavy, rounds=30)


def test_lock_heavy_recorded(measured: Callable[..., None]) -> None:
    measured("locks recorded", lambda: _recorded(programs.lock_heavy), rounds=30)


def test_realistic_plain(measured: Callable[..., None]) -> None:
    measured("crawl plain", programs.crawl, rounds=20)


def test_realistic_recorded(measured: Callable[..., None]) -> None:
    measured("crawl recorded", lambda: _recorded(programs.crawl), rounds=20)
