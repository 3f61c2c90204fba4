"""Imports during an execution: what is the program's own is rewritten, and afterwards all is as before."""

from __future__ import annotations

import importlib
import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

from support.rewriting import Accesses
from threadsim.instrument import instrumenter as instrumenter_module
from threadsim.instrument.importer import ScopedImporter
from threadsim.instrument.instrumenter import Instrumenter
from threadsim.instrument.scope import Scope

ACCESSES = Accesses()


class Program:
    """A folder with modules; entered, it is as during an execution."""

    def __init__(self, folder: Path, *, afresh: bool = True, include: tuple[str, ...] = ()) -> None:
        self.lifted: list[str] = []
        ACCESSES.lines.clear()
        instrumenter = Instrumenter(Scope([str(folder)], include), ACCESSES.hooks)
        self._importer = ScopedImporter(instrumenter, self._lift, afresh=afresh)

    @contextmanager
    def _lift(self, module: ModuleType) -> Iterator[None]:
        self.lifted.append(module.__name__)
        yield

    def __enter__(self) -> Program:
        self._importer.install()
        return self

    def __exit__(self, *_: object) -> None:
        self._importer.remove()


@pytest.fixture(autouse=True)
def hooks_of_this_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rewritten code is kept for the hooks that it was made for; these are others."""
    monkeypatch.setattr(instrumenter_module, "_rewritten", {})
    monkeypatch.setattr(instrumenter_module, "_made_here", set())
    monkeypatch.setattr(instrumenter_module, "_modules", {})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A program's folder, from which it imports; ``elsewhere`` beside it is out of scope."""
    own = tmp_path / "own"
    for path in (tmp_path / "elsewhere", own):
        path.mkdir()
        monkeypatch.syspath_prepend(path)
    before = dict(sys.modules)
    yield own
    for name in set(sys.modules) - set(before):
        del sys.modules[name]
    sys.modules.update(before)


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    importlib.invalidate_caches()


def test_modules_of_the_program_are_rewritten(folder: Path) -> None:
    write(folder, {"own_one.py": "items = []\nitems.append(1)\n"})
    with Program(folder) as program:
        assert importlib.import_module("own_one").items == [1]
    assert [line for line in ACCESSES.lines if "append" in line] == [
        "2:0-2:15 <module> call_method read append (list())"
    ]
    assert program.lifted == []


def test_modules_out_of_scope_are_left_alone_and_stay(folder: Path) -> None:
    write(folder.parent / "elsewhere", {"library_one.py": "items = []\nitems.append(1)\n"})
    with Program(folder) as program:
        library = importlib.import_module("library_one")
    assert ACCESSES.lines == []
    assert program.lifted == ["library_one"]
    assert sys.modules["library_one"] is library
    assert type(library.__loader__) is type(library.__spec__.loader) is type(pytest.__loader__)


@pytest.mark.parametrize("afresh", [True, False])
def test_afterwards_modules_and_finders_are_the_same(folder: Path, afresh: bool) -> None:
    write(folder, {"own_one.py": "import own_two.part\n", "own_two/__init__.py": "", "own_two/part.py": ""})
    importlib.import_module("own_two")
    modules, finders = dict(sys.modules), list(sys.meta_path)
    with Program(folder, afresh=afresh):
        importlib.import_module("own_one")
    assert sys.modules == modules
    assert list(map(id, sys.modules.values())) == list(map(id, modules.values()))
    assert sys.meta_path == finders


def test_each_execution_imports_afresh(folder: Path) -> None:
    write(folder, {"own_one.py": "class C: pass\n"})
    before = importlib.import_module("own_one")
    seen = [before]
    for _ in range(2):
        with Program(folder):
            seen.append(importlib.import_module("own_one"))
            assert importlib.import_module("own_one") is seen[-1]
    assert len({id(module.C) for module in seen}) == 3
    assert importlib.import_module("own_one") is before


def test_modules_that_are_there_stay_where_nothing_is_imported_afresh(folder: Path) -> None:
    write(folder, {"own_one.py": ""})
    before = importlib.import_module("own_one")
    with Program(folder, afresh=False):
        assert importlib.import_module("own_one") is before


def test_a_file_that_has_changed_is_read_again(folder: Path) -> None:
    for value in (1, 22):
        write(folder, {"own_one.py": f"value = {value}\n"})
        with Program(folder):
            assert importlib.import_module("own_one").value == value


def test_packages_import_relatively(folder: Path) -> None:
    write(
        folder,
        {
            "own_package/__init__.py": "from . import one\nfrom .sub.two import value\n",
            "own_package/one.py": "from .sub import two\n",
            "own_package/sub/__init__.py": "from .. import __name__ as parent\n",
            "own_package/sub/two.py": "value = __name__, __package__\n",
        },
    )
    with Program(folder):
        package = importlib.import_module("own_package")
        assert package.value == ("own_package.sub.two", "own_package.sub")
        assert package.one.two is sys.modules["own_package.sub.two"]
        assert importlib.import_module(".one", "own_package") is package.one


def test_namespace_packages_are_imported_afresh_too(folder: Path) -> None:
    write(folder, {"own_space/part.py": "items = []\nitems.append(1)\n"})
    spaces = []
    for _ in range(2):
        with Program(folder):
            importlib.import_module("own_space.part")
            spaces.append(sys.modules["own_space"])
        assert "own_space" not in sys.modules
        assert len(ACCESSES.lines) == 1
    assert spaces[0] is not spaces[1]


def test_a_syntax_error_is_what_it_always_is(folder: Path) -> None:
    write(folder, {"own_one.py": "x = 1\ny = = 2\n"})
    with pytest.raises(SyntaxError) as plain:
        importlib.import_module("own_one")
    with Program(folder), pytest.raises(SyntaxError) as error:
        importlib.import_module("own_one")
    assert error.value.args == plain.value.args
    assert "own_one" not in sys.modules


def test_an_error_in_a_module_is_raised_where_it_is(folder: Path) -> None:
    write(folder, {"own_one.py": "def f():\n    return [].missing\nf()\n"})
    with Program(folder), pytest.raises(AttributeError) as error:
        importlib.import_module("own_one")
    assert error.traceback[-1].lineno == 1  # counted from 0
    assert str(error.traceback[-1].path) == str(folder / "own_one.py")
    assert "own_one" not in sys.modules


def test_a_missing_module_is_missing(folder: Path) -> None:
    with Program(folder), pytest.raises(ModuleNotFoundError, match="own_nothing"):
        importlib.import_module("own_nothing")


def test_no_rewritten_code_is_cached_on_the_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    write(folder, {"own_one.py": "items = []\nitems.append(1)\n"})
    with Program(folder):
        importlib.import_module("own_one")
    assert not (folder / "__pycache__").exists()
    importlib.import_module("own_one")
    assert len(ACCESSES.lines) == 1  # still those of the execution


def test_cached_code_of_a_run_without_threadsim_is_not_used(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    write(folder, {"own_one.py": "items = []\nitems.append(1)\n"})
    importlib.import_module("own_one")
    assert (folder / "__pycache__").exists()
    with Program(folder):
        importlib.import_module("own_one")
    assert len(ACCESSES.lines) == 1


def test_instances_are_pickled_by_the_name_of_their_class(folder: Path) -> None:
    write(folder, {"own_one.py": "class C:\n    def __init__(self): self.x = 1\n"})
    with Program(folder):
        module = importlib.import_module("own_one")
        assert pickle.loads(pickle.dumps(module.C())).x == 1
        assert pickle.loads(pickle.dumps(module.C)) is module.C


def test_a_reloaded_module_is_rewritten_again(folder: Path) -> None:
    write(folder, {"own_one.py": "try: runs += 1\nexcept NameError: runs = 1\nlist().append(1)\n"})
    with Program(folder):
        module = importlib.import_module("own_one")
        assert importlib.reload(module) is module
        assert module.runs == 2
        assert sum("append" in line for line in ACCESSES.lines) == 2


def test_the_source_of_a_module_is_found(folder: Path) -> None:
    import inspect

    write(folder, {"own_one.py": "def f():\n    return 1\n"})
    with Program(folder):
        module = importlib.import_module("own_one")
        assert inspect.getsource(module.f) == "def f():\n    return 1\n"
        assert Path(module.__file__) == Path(module.f.__code__.co_filename) == folder / "own_one.py"


def test_an_included_module_is_rewritten_for_the_program_alone(folder: Path) -> None:
    import queue

    with Program(folder, include=("queue",)):
        fresh = importlib.import_module("queue")
        fresh.Queue().put(1)
        assert fresh is not queue
    assert any("Queue.put" in line for line in ACCESSES.lines)
    assert sys.modules["queue"] is queue


def test_a_submodule_that_is_included_is_put_back_into_its_package(folder: Path) -> None:
    import json.decoder

    decoder = json.decoder
    with Program(folder, include=("json.decoder",)):
        fresh = importlib.import_module("json.decoder")
        assert fresh is not decoder
    assert sys.modules["json.decoder"] is decoder
    assert json.decoder is decoder


def test_a_module_first_imported_by_one_out_of_scope_is_rewritten_if_it_is_the_programs(folder: Path) -> None:
    write(folder.parent / "elsewhere", {"library_two.py": "def load(name): return __import__(name)\n"})
    write(folder, {"own_one.py": "list().append(1)\n"})
    with Program(folder):
        importlib.import_module("library_two").load("own_one")
    assert len(ACCESSES.lines) == 1


def test_a_program_may_take_the_finders_away(folder: Path) -> None:
    finders = list(sys.meta_path)
    with Program(folder):
        sys.meta_path[:] = finders
    assert sys.meta_path == finders
