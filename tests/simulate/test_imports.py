"""Imports within an execution of what is not the program's own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import threadsim


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for packages that are out of scope, and the folder of the program as the working folder."""
    packages, program = tmp_path / "packages", tmp_path / "program"
    packages.mkdir()
    program.mkdir()
    monkeypatch.syspath_prepend(packages)
    monkeypatch.chdir(program)
    before = set(sys.modules)
    yield packages
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_package_that_imports_from_itself_is_imported(installed: Path) -> None:
    (installed / "itself").mkdir()
    (installed / "itself" / "__init__.py").write_text("from . import part\n")
    (installed / "itself" / "part.py").write_text("from . import __name__ as name\n")
    Path("program.py").write_text("import itself\nprint(itself.part.name)\n")

    assert threadsim.simulate("program.py").output == "itself\n"


def test_modules_that_import_each_other_are_imported_in_a_thread(installed: Path) -> None:
    (installed / "one_of_two.py").write_text("import other_of_two\n")
    (installed / "other_of_two.py").write_text(
        "import one_of_two\nimport threading\nlock = threading.Lock()\n"
    )
    Path("program.py").write_text(
        "import threading\n"
        "def work():\n"
        "    import one_of_two\n"
        "    with one_of_two.other_of_two.lock: print('locked')\n"
        "threads = [threading.Thread(target=work) for _ in range(2)]\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join()\n"
    )

    assert threadsim.simulate("program.py", seed=3).output == "locked\nlocked\n"
