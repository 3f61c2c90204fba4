from __future__ import annotations

import pytest

from threadsim.model.errors import ThreadsimError
from threadsim.model.event import Kind
from threadsim.model.selector import Selector, object_matches, thread_matches


@pytest.mark.parametrize(
    ("text", "selector"),
    [
        ("acquire", Selector(Kind.ACQUIRE)),
        ("acquire lock", Selector(Kind.ACQUIRE, "lock")),
        ("acquire by Thread-1", Selector(Kind.ACQUIRE, None, "Thread-1")),
        ("acquire lock by Thread-1", Selector(Kind.ACQUIRE, "lock", "Thread-1")),
        ("  acquire   lock   by   Thread-1  ", Selector(Kind.ACQUIRE, "lock", "Thread-1")),
        (
            "acquire Account._lock by Thread-1 (pay all)",
            Selector(Kind.ACQUIRE, "Account._lock", "Thread-1 (pay all)"),
        ),
        ("write counts['by hand'] by T2", Selector(Kind.WRITE, "counts['by hand']", "T2")),
        ("notify_all", Selector(Kind.NOTIFY_ALL)),
        ("* lock", Selector(None, "lock")),
    ],
)
def test_words_are_read(text: str, selector: Selector) -> None:
    assert Selector.parse(text) == selector


@pytest.mark.parametrize("text", ["", "  ", "Acquire", "acquire-lock", "3", "** lock"])
def test_what_cannot_be_read_is_shown_how(text: str) -> None:
    with pytest.raises(
        ThreadsimError, match=r"selects no event: write KIND \[OBJECT\] \[by THREAD\], as 'acquire lock"
    ):
        Selector.parse(text)


@pytest.mark.parametrize("text", ["acquired lock", "by Thread-1", "value"])
def test_an_unknown_kind_is_told_the_known_ones(text: str) -> None:
    with pytest.raises(
        ThreadsimError, match=f"there is no event kind '{text.split()[0]}'; the kinds are start, begin,"
    ):
        Selector.parse(text)


@pytest.mark.parametrize(
    "text", ["acquire", "acquire lock", "acquire by T1", "acquire lock by T1", "* lock", "*"]
)
def test_a_selector_reads_as_it_was_written(text: str) -> None:
    assert str(Selector.parse(text)) == text


@pytest.mark.parametrize("pattern", ["Thread-1 (work)", "Thread-1", "T1", "Thread-*", "*work*", "Thread-?"])
def test_a_thread_goes_by_these_names(pattern: str) -> None:
    assert thread_matches(pattern, 1, "Thread-1 (work)")


@pytest.mark.parametrize("pattern", ["Thread", "thread-1", "T2", "T11", "Thread-1 (", "work"])
def test_a_thread_goes_by_no_other_name(pattern: str) -> None:
    assert not thread_matches(pattern, 1, "Thread-1 (work)")


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("lock", "lock", True),
        ("lock", "lock#2", False),
        ("lock*", "lock#2", True),
        ("*._lock", "Account._lock", True),
        ("counts['a']", "counts['a']", True),
        ("counts[*]", "counts['a']", True),
        ("counts[ab]", "countsa", False),
        ("Lock", "lock", False),
    ],
)
def test_brackets_in_an_object_s_name_are_no_wildcards(pattern: str, name: str, expected: bool) -> None:
    assert object_matches(pattern, name) is expected
