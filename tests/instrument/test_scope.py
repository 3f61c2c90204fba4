"""Whose code is rewritten."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import threadsim
from threadsim.instrument.scope import Scope
from threadsim.model.errors import ProgramError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "my program"
    folder.mkdir()
    return folder


def link(path: Path, target: Path) -> Path:
    try:
        path.symlink_to(target, target_is_directory=True)
    except OSError:
        pytest.skip("links cannot be made here")
    return path


@pytest.mark.parametrize("name", ["a.py", "pack/b.py", "sub folder/ünïcode.py", "pack/../c.py"])
def test_what_lies_below_a_root_is_in_scope(root: Path, name: str) -> None:
    assert f"{root}/{name}" in Scope([str(root)])


@pytest.mark.parametrize(
    "name",
    [
        "../other.py",
        "../my program 2/a.py",
        ".venv/lib/python3.11/site-packages/package/a.py",
        "venv/Lib/site-packages/a.py",
        "usr/lib/python3/dist-packages/a.py",
    ],
)
def test_what_does_not_or_is_installed_there_is_not(root: Path, name: str) -> None:
    assert f"{root}/{name}" not in Scope([str(root)])


@pytest.mark.parametrize("name", ["<string>", "<frozen importlib._bootstrap>", "<stdin>", ""])
def test_what_is_no_file_is_not(root: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root.parent)
    assert name not in Scope([str(root)])


def test_the_standard_library_is_not_even_below_a_root() -> None:
    assert json.__file__ not in Scope([os.path.abspath(os.sep)])


def test_threadsim_is_not_even_below_a_root() -> None:
    package = os.path.dirname(threadsim.__file__)
    assert threadsim.__file__ not in Scope([package, os.path.abspath(os.sep)], include=["threadsim"])


def test_a_root_may_be_a_link(root: Path) -> None:
    linked = link(root.parent / "link", root)
    assert f"{root}/a.py" in Scope([str(linked)])
    assert f"{linked}/a.py" in Scope([str(root)])


def test_a_folder_below_a_root_may_be_a_link_to_elsewhere(root: Path) -> None:
    elsewhere = root.parent / "elsewhere"
    elsewhere.mkdir()
    linked = link(root / "shared", elsewhere)
    assert f"{linked}/a.py" in Scope([str(root)])
    assert f"{elsewhere}/a.py" not in Scope([str(root)])


def test_relative_paths_are_below_the_working_folder(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    assert "a.py" in Scope([str(root)])
    assert "a.py" in Scope(["."])


def test_a_module_is_included_by_name(root: Path) -> None:
    import queue

    scope = Scope([str(root)], include=["queue"])
    assert queue.__file__ in scope
    assert queue.__file__ + "x" not in scope
    assert json.__file__ not in scope


def test_a_package_is_included_with_all_its_modules(root: Path) -> None:
    import json.decoder

    scope = Scope([str(root)], include=["json"])
    assert json.__file__ in scope
    assert json.decoder.__file__ in scope


def test_all_parts_of_a_namespace_package_are_included(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for part in ("one", "two"):
        (root.parent / part / "spread_out").mkdir(parents=True)
        monkeypatch.syspath_prepend(root.parent / part)
    scope = Scope([str(root)], include=["spread_out"])
    assert f"{root.parent}/one/spread_out/a.py" in scope
    assert f"{root.parent}/two/spread_out/a.py" in scope


@pytest.mark.parametrize("name", ["no_such_package", "json.no_such_module", "", ".relative"])
def test_what_does_not_exist_cannot_be_included(root: Path, name: str) -> None:
    with pytest.raises(ProgramError, match="there is no package"):
        Scope([str(root)], include=[name])


def test_what_is_not_python_cannot_be_included(root: Path) -> None:
    with pytest.raises(ProgramError, match="'sys' cannot be included: it is not written in Python"):
        Scope([str(root)], include=["sys"])
