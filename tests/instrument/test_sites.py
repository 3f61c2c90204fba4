"""The same site on every version: whichever runs this, the sites are those written here."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from types import FrameType

import pytest

from threadsim.instrument import sites
from threadsim.model.site import Site


@pytest.fixture(autouse=True)
def fresh_names() -> Iterator[None]:
    sites.forget()
    yield
    sites.forget()


class Probe:
    """Notes the text of the site at which it is used, whatever is done with it."""

    def __init__(self) -> None:
        object.__setattr__(self, "seen", [])

    def __enter__(self) -> Probe:
        self.seen.append(_used_at(sys._getframe(1)))
        return self

    def __exit__(self, *_: object) -> bool:
        self.seen.append(_used_at(sys._getframe(1)))
        return True

    def __call__(self, *_: object, **__: object) -> Probe:
        self.seen.append(_used_at(sys._getframe(1)))
        return self

    def __getattr__(self, name: str) -> Probe:
        if not name.startswith("_"):
            self.seen.append(_used_at(sys._getframe(1)))
        return self

    def __setattr__(self, name: str, value: object) -> None:
        self.seen.append(_used_at(sys._getframe(1)))

    def __getitem__(self, key: object) -> Probe:
        self.seen.append(_used_at(sys._getframe(1)))
        return self

    def __setitem__(self, key: object, value: object) -> None:
        self.seen.append(_used_at(sys._getframe(1)))

    def __iadd__(self, other: object) -> Probe:
        return self


def _used_at(frame: FrameType) -> Site:
    return sites.site_at(frame.f_code, frame.f_lasti)


def texts(source: str, tmp_path: Path) -> list[str]:
    """What is underlined, use by use, when `source` runs with a probe ``p``, and in which function."""
    path = tmp_path / "snippet.py"
    path.write_text(source, encoding="utf-8")
    probe = Probe()
    exec(compile(source, str(path), "exec", dont_inherit=True), {"p": probe, "__name__": "snippet"})
    return [_underlined(source, site) for site in probe.seen]


def _underlined(source: str, site: Site) -> str:
    lines = source.encode().splitlines(keepends=True)[site.line - 1 : site.end_line]
    lines[-1] = lines[-1][: site.end_column]
    lines[0] = lines[0][site.column :]
    text = " ".join(b"".join(lines).decode().split())
    return text if site.function == "<module>" else f"{text} @ {site.function}"


SNIPPETS = {
    "call": ("p()\n", ["p()"]),
    "method": ("p.acquire()\n", ["p.acquire", "p.acquire()"]),
    "keywords": (
        "p.acquire(blocking=True,\n  timeout=1)\n",
        ["p.acquire", "p.acquire(blocking=True, timeout=1)"],
    ),
    "chain over lines": (
        "(p\n  .lock\n  .acquire(\n   1,\n  ))\n",
        ["lock", "acquire", "acquire( 1, )"],
    ),
    "non-ASCII before it": ("x = 'äöü', p()\n", ["p()"]),
    "with": ("with p: pass\n", ["p", "p"]),
    "with that swallows": ("with p:\n    1 / 0\n", ["p", "p"]),
    "with items": ("with p, p as q, p():\n    pass\n", ["p", "p", "p()", "p()", "p()", "p", "p"]),
    "with items that swallow": (
        "with p(1), p(2):\n    1 / 0\n",
        ["p(1)", "p(1)", "p(2)", "p(2)", "p(2)", "p(1)"],
    ),
    "with of a condition": (
        "with (p if p else 0), p.x:\n    pass\n",
        ["p if p else 0", "p.x", "p.x", "p.x", "p if p else 0"],
    ),
    "nested with": (
        "with p(1):\n    with p(2), p(3):\n        pass\n",
        ["p(1)", "p(1)", "p(2)", "p(2)", "p(3)", "p(3)", "p(3)", "p(2)", "p(1)"],
    ),
    "return out of two": (
        "def f():\n    for i in range(3):\n        with p(1), p(2):\n"
        "            if i: return\n            continue\nf()\n",
        [f"{t} @ f" for t in ["p(1)", "p(1)", "p(2)", "p(2)", "p(2)", "p(1)"] * 2],
    ),
    "with in try": (
        "try:\n    with p:\n        try:\n            raise ValueError\n"
        "        finally:\n            p()\nexcept OSError: pass\n",
        ["p", "p()", "p"],
    ),
    "attributes": ("p.x = p.y\np.z += 1\n", ["p.y", "p.x", "p.z", "p.z"]),
    "subscripts": ("p[0]['a']\np[1] = 2\n", ["p[0]", "p[0]['a']", "p[1]"]),
    "comprehension": ("def f():\n    return [p(i) for i in (1,)]\nf()\n", ["p(i) @ f"]),
    "lambda in a comprehension": ("[(lambda: p())() for i in (1,)]\n", ["p() @ <lambda>"]),
    "generator": ("def f():\n    return list(p(i) for i in (1,))\nf()\n", ["p(i) @ f.<genexpr>"]),
    "method of a local class": (
        "def make():\n    class A:\n        def go(self): p()\n    return A()\nmake().go()\n",
        ["p() @ make.A.go"],
    ),
    "class body": ("class A:\n    x = p()\n", ["p() @ A"]),
    "decorator": ("@p\ndef f(): pass\n", ["p"]),
    "unpacked arguments": ("p(*[1], **{})\n", ["p(*[1], **{})"]),
    "nested calls": ("p(p(1), p.a(2))\n", ["p(1)", "p.a", "p.a(2)", "p(p(1), p.a(2))"]),
}


@pytest.mark.parametrize(("source", "expected"), SNIPPETS.values(), ids=SNIPPETS.keys())
def test_a_site_covers_the_expression_that_does_it(source: str, expected: list[str], tmp_path: Path) -> None:
    assert texts(source, tmp_path) == expected


@pytest.fixture
def working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_files_below_the_working_folder_are_relative_to_it(working_folder: Path) -> None:
    assert sites.file_name(str(working_folder / "a" / "b.py")) == "a/b.py"
    assert sites.file_name("a/../c.py") == "c.py"
    assert sites.file_name(str(working_folder.parent / "other.py")) == str(working_folder.parent / "other.py")


def test_file_names_follow_the_working_folder_after_forget(
    working_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(working_folder / "a" / "b.py")
    assert sites.file_name(path) == "a/b.py"
    (working_folder / "a").mkdir()
    monkeypatch.chdir(working_folder / "a")
    sites.forget()
    assert sites.file_name(path) == "b.py"


def test_libraries_are_named_without_their_place_on_this_machine(working_folder: Path) -> None:
    assert sites.file_name(threading.__file__) == "<stdlib>/threading.py"
    assert sites.file_name(pytest.__file__) == "<packages>/pytest/__init__.py"
    assert sites.file_name(str(working_folder / "lib" / "site-packages" / "x.py")) == "<packages>/x.py"


def test_what_is_no_file_keeps_its_name() -> None:
    assert sites.file_name("<string>") == "<string>"


class Spy:
    """A lock for a `Condition`, or a target, that looks at who calls it."""

    def __init__(self) -> None:
        self.sites: list[Site | None] = []
        self.internal: list[bool] = []

    def acquire(self, *_: object) -> bool:
        # The frame of this method is not threadsim's, as it would be in earnest: begin above it.
        self.sites.append(sites.caller_site(1))
        self.internal.append(sites.called_by_threading(1))
        return True

    release = acquire
    __enter__ = acquire

    def __exit__(self, *_: object) -> None:
        self.acquire()


def test_functions_that_only_hand_on_a_call_are_not_its_site() -> None:
    spy = Spy()
    condition = threading.Condition(spy)  # type: ignore[arg-type]
    with condition:
        line = sys._getframe().f_lineno - 1
    entered = spy.sites[0]
    assert entered is not None
    assert (entered.file, entered.line, entered.column, entered.function) == (
        sites.file_name(__file__),
        line,
        9,
        "test_functions_that_only_hand_on_a_call_are_not_its_site",
    )
    assert spy.internal[0] is False


def test_what_threading_does_inside_its_primitives_is_its_own() -> None:
    spy = Spy()
    event = threading.Event()
    event._cond = threading.Condition(spy)  # type: ignore[attr-defined, arg-type]
    event.clear()
    assert spy.internal[0] is True
    assert spy.sites[0] is not None
    assert spy.sites[0].function == "test_what_threading_does_inside_its_primitives_is_its_own"


def test_what_queue_does_inside_is_its_own() -> None:
    spy = Spy()
    jobs: Queue[int] = Queue()
    jobs.mutex = spy  # type: ignore[assignment]
    jobs.qsize()
    assert spy.internal[0] is True


def test_a_threads_target_is_not_called_by_threading_and_no_line_asked_for_it() -> None:
    def look(depth: int) -> tuple[Site | None, bool]:
        return sites.caller_site(depth), sites.called_by_threading(depth)

    seen: list[tuple[Site | None, bool]] = []
    thread = threading.Thread(target=lambda: seen.append(look(2)))
    thread.start()
    thread.join()
    assert seen == [(None, False)]


def test_code_without_a_source_file_has_sites_too() -> None:
    probe = Probe()
    exec("with p: pass", {"p": probe})
    assert [(site.file, site.line, site.function) for site in probe.seen] == [("<string>", 1, "<module>")] * 2
