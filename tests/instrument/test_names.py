"""The names that the source gives, on whichever version runs this."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType

import pytest

from threadsim.instrument import sites
from threadsim.instrument.names import SourceName, name_of_new, name_of_receiver

Names = list[SourceName | None]


def run(source: str, tmp_path: Path) -> tuple[Names, dict[str, object]]:
    """The names of what ``New()`` makes and of what ``.use()``, ``with`` … are done to, in order."""
    path = tmp_path / "program.py"
    path.write_text(source, encoding="utf-8")
    sites.forget()
    names: Names = []

    def caller() -> FrameType:
        return sys._getframe(2)

    class Used:
        def use(self, *_: object) -> None:
            names.append(name_of_receiver(caller()))

        def __enter__(self) -> Used:
            names.append(name_of_receiver(caller()))
            return self

        def __exit__(self, *_: object) -> None:
            names.append(name_of_receiver(caller()))

        def __getitem__(self, key: object) -> Used:
            names.append(name_of_receiver(caller()))
            return self

        def __contains__(self, key: object) -> bool:
            names.append(name_of_receiver(caller()))
            return True

        def __len__(self) -> int:
            names.append(name_of_receiver(caller()))
            return 1

        def append(self, item: object) -> None:
            pass

    def new(*_: object, **__: object) -> Used:
        names.append(name_of_new(sys._getframe(1)))
        return Used()

    def use() -> Used:
        return Used()

    scope: dict[str, object] = {"New": new, "Used": use, "__name__": "program"}
    exec(compile(source, str(path), "exec", dont_inherit=True), scope)
    return names, scope


def texts(names: Names) -> list[str | None]:
    return [name and name.text for name in names]


NEW = {
    "variable": ("lock = New()\n", ["lock"]),
    "annotated": ("lock: object = New()\n", ["lock"]),
    "several targets": ("a = b = New()\n", ["a"]),
    "walrus": ("print(lock := New(), end='', file=__import__('io').StringIO())\n", ["lock"]),
    "unpacked": ("a, b = New(), New()\n", ["a", "b"]),
    "unpacked from a list": ("[a, b] = [New(), New()]\n", ["a", "b"]),
    "starred": ("a, *b = New(), New()\n", [None, None]),
    "attribute of self": (
        "class Account:\n def __init__(self):\n  self._lock = New()\nAccount()\n",
        ["Account._lock"],
    ),
    "attribute of self of a nested class": (
        "class Bank:\n class Account:\n  def __init__(me):\n   me._lock = New()\nBank.Account()\n",
        ["Bank.Account._lock"],
    ),
    "attribute of self from an inner function": (
        "class A:\n def go(self):\n  def inner():\n   self.x = New()\n  inner()\nA().go()\n",
        ["A.x"],
    ),
    "deeper attribute": (
        "class A:\n def go(self):\n  self.b = A()\n  self.b.x = New()\nA().go()\n",
        ["A.b.x"],
    ),
    "attribute of another": ("import types\no = types.SimpleNamespace()\no.lock = New()\n", ["o.lock"]),
    "class attribute": ("class A:\n lock = New()\n", ["A.lock"]),
    "classmethod": ("class A:\n @classmethod\n def go(cls):\n  cls.lock = New()\nA.go()\n", ["A.lock"]),
    "list": ("locks = [New(), New()]\n", ["locks[0]", "locks[1]"]),
    "dict": ("LOCKS = {'a': New(), 2: New()}\n", ["LOCKS['a']", "LOCKS[2]"]),
    "comprehension": ("locks = [New() for _ in range(2)]\n", ["locks[]", "locks[]"]),
    "dict comprehension": ("locks = {k: New() for k in 'a'}\n", ["locks[]"]),
    "generator in a tuple": ("locks = tuple(New() for _ in range(1))\n", ["locks[]"]),
    "comprehension in a class": (
        "class A:\n def __init__(self):\n  self.locks = [New() for _ in range(1)]\nA()\n",
        ["A.locks[]"],
    ),
    "element": ("d = {}\nd['a'] = New()\nk = 1\nd[k] = New()\n", ["d['a']", "d[]"]),
    "appended": ("locks = []\nlocks.append(New())\n", ["locks[]"]),
    "keyword argument": ("x = dict(lock=New())\n", ["lock"]),
    "positional argument": ("def f(x): return x\nlock = f(New())\n", [None]),
    "inner of two": ("x = New(New())\n", [None, "x"]),
    "alternatives": ("lock = None or New()\nother = New() if 1 else None\n", ["lock", "other"]),
    "with": ("with New() as lock: pass\n", ["lock", None, None]),
    "returned": ("def f(): return New()\nlock = f()\n", [None]),
    "statement": ("New()\n", [None]),
    "over several lines": ("lock = (\n  New(\n    1,\n  )\n)\n", ["lock"]),
    "private": ("class A:\n def __init__(self): self.__x = New()\nA()\n", ["A.__x"]),
    "local": ("def f():\n lock = New()\nf()\n", ["lock"]),
}


@pytest.mark.parametrize(("source", "expected"), NEW.values(), ids=NEW.keys())
def test_a_new_object_has_the_name_of_what_keeps_it(
    source: str, expected: list[str | None], tmp_path: Path
) -> None:
    names, _ = run(source, tmp_path)
    assert texts(names) == expected


RECEIVERS = {
    "variable": ("lock = Used()\nlock.use()\n", ["lock"]),
    "with": ("lock = Used()\nwith lock: pass\n", ["lock", "lock"]),
    "attribute of self": (
        "class Account:\n def __init__(self):\n  self._lock = Used()\n  self._lock.use()\n"
        "  with self._lock: pass\nAccount()\n",
        ["Account._lock"] * 3,
    ),
    "over several lines": (
        "class A:\n def __init__(self):\n  self.x = Used()\n  (self\n   .x\n   .use(\n    1))\nA()\n",
        ["A.x"],
    ),
    "element": ("d = {'a': Used()}\nd['a'].use()\n", ["d['a']"]),
    "container": ("counts = Used()\ncounts['a']\n", ["counts"]),
    "in": ("counts = Used()\n1 in counts\n", ["counts"]),
    "length": ("counts = Used()\nlen(counts)\n", ["counts"]),
    "made on the spot": ("Used().use()\n", [None]),
}


@pytest.mark.parametrize(("source", "expected"), RECEIVERS.values(), ids=RECEIVERS.keys())
def test_a_receiver_is_named_as_it_is_written(
    source: str, expected: list[str | None], tmp_path: Path
) -> None:
    names, _ = run(source, tmp_path)
    assert texts(names) == expected


def test_the_owner_is_the_instance_even_in_a_comprehension(tmp_path: Path) -> None:
    names, scope = run(
        "class A:\n def __init__(self):\n  self.x = New()\n  self.y = [New() for _ in 'a']\na = A()\n",
        tmp_path,
    )
    assert [name and name.owner for name in names] == [scope["a"], scope["a"]]


@pytest.mark.parametrize("text", ["not python at all", "\0", ""])
def test_a_source_that_does_not_fit_gives_no_name(text: str, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(text)
    seen: Names = []
    scope = {"New": lambda: seen.append(name_of_new(sys._getframe(1)))}
    exec(compile("lock = New()", str(path), "exec"), scope)
    assert seen == [None]
