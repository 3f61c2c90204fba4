"""The floors of the building hold: what may import what, and what every file keeps to."""

from __future__ import annotations

import ast
import graphlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

import threadsim

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "threadsim"

FACES = ("cli", "pytest_plugin")
ROOMS = ("explore", "simulate", "record", "instrument", "strategy", "analyse", "render", "model")
FLOORS = {
    "__main__": 0,
    **dict.fromkeys(FACES, 1),
    **{room: floor for floor, room in enumerate(ROOMS, start=2)},
}
"""Where each stands, counted from the top."""

LONGEST_FILE = 450
"""In lines. A file that outgrows it has more than one reason to change."""

MACHINE_FOLDERS = tuple(f"/{folder}/" for folder in ("root", "work", "tmp/v"))
"""Folders of the machine on which something was once made; nothing that is kept may name them."""


class Import(NamedTuple):
    """One import of a module of ours by another, both by dotted name."""

    importer: str
    imported: str
    line: int
    in_function: bool
    for_types_only: bool

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.imported}"


class Package:
    """The modules of a package in the file system, and what they import of each other."""

    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        self.files = {self._dotted(path, folder): path for path in sorted(folder.rglob("*.py"))}
        self.trees = {name: ast.parse(path.read_bytes(), path) for name, path in self.files.items()}
        self.imports = [each for name, tree in self.trees.items() for each in self._imports(name, tree)]

    @staticmethod
    def _dotted(path: Path, folder: Path) -> str:
        parts = path.relative_to(folder.parent).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def room(self, module: str) -> str:
        """What stands on a floor, as ``model`` of threadsim.model.event; empty for the front door itself."""
        return [*module.split("."), ""][1]

    def _imports(self, importer: str, tree: ast.Module) -> Iterator[Import]:
        for node, in_function, for_types_only in _walk(tree):
            for imported in self._imported(importer, node):
                yield Import(importer, imported, node.lineno, in_function, for_types_only)

    def _imported(self, importer: str, node: ast.stmt) -> Iterator[str]:
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            origin = self._origin(importer, node)
            names = [
                name if (name := f"{origin}.{alias.name}") in self.files else origin for alias in node.names
            ]
        else:
            return
        yield from (name for name in dict.fromkeys(names) if name.split(".")[0] == self.name)

    def _origin(self, importer: str, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        is_package = self.files[importer].name == "__init__.py"
        parts = importer.split(".")
        base = parts[: len(parts) - node.level + is_package]
        return ".".join([*base, *([node.module] if node.module else [])])


def _walk(
    node: ast.AST, in_function: bool = False, for_types_only: bool = False
) -> Iterator[tuple[ast.stmt, bool, bool]]:
    """Every statement, whether it stands in a function, and whether under TYPE_CHECKING."""
    if isinstance(node, ast.stmt):
        yield node, in_function, for_types_only
    in_function |= isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
        for statement in node.body:
            yield from _walk(statement, in_function, True)
        children: list[ast.stmt] = node.orelse
    else:
        children = list(ast.iter_child_nodes(node))  # type: ignore[arg-type]
    for child in children:
        yield from _walk(child, in_function, for_types_only)


def upward_imports(package: Package) -> list[str]:
    """Imports that go up a floor, or sideways to another room, or to the front door from behind it."""
    return [str(each) for each in package.imports if not _goes_down(package, each)]


def _goes_down(package: Package, each: Import) -> bool:
    importer, imported = package.room(each.importer), package.room(each.imported)
    if importer == imported or (not importer and imported in ROOMS):
        return True  # within a room; the front door may show any of them
    return FLOORS[importer] < FLOORS.get(imported, -1) if importer else False


def hidden_imports(package: Package) -> list[str]:
    """Imports of ours inside a function, where they would hide a cycle."""
    return [str(each) for each in package.imports if each.in_function and not each.for_types_only]


def import_cycle(package: Package) -> list[str]:
    """Modules that import each other in a circle, when they run; empty if there are none."""
    graph: dict[str, set[str]] = {name: set() for name in package.files}
    for each in package.imports:
        if not each.for_types_only and each.importer != each.imported:
            graph[each.importer].add(each.imported)
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


@pytest.fixture(scope="module")
def package() -> Package:
    return Package(SOURCE)


def test_every_room_has_a_floor(package: Package) -> None:
    assert {package.room(name) for name in package.files} - {""} <= FLOORS.keys()


def test_imports_go_down_only(package: Package) -> None:
    assert upward_imports(package) == []


def test_no_import_hides_in_a_function(package: Package) -> None:
    assert hidden_imports(package) == []


def test_no_modules_import_each_other(package: Package) -> None:
    assert import_cycle(package) == []


def test_every_module_says_what_it_holds(package: Package) -> None:
    assert [name for name, tree in package.trees.items() if not ast.get_docstring(tree)] == []


def test_no_file_is_long(package: Package) -> None:
    lengths = {
        name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in package.files.items()
    }

    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_front_door_shows_what_it_lists_and_no_more() -> None:
    shown = {
        name
        for name, value in vars(threadsim).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }

    assert shown == set(threadsim.__all__)
    assert sorted(threadsim.__all__) == list(threadsim.__all__)


def test_no_kept_file_names_a_folder_of_some_machine() -> None:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("which files are kept is known to git only")
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    kept = [ROOT / name for name in listed.stdout.split("\0") if name]
    texts = {path: path.read_bytes() for path in kept if path.is_file()}

    naming = [
        f"{path.relative_to(ROOT)} names {folder}"
        for path, text in texts.items()
        for folder in MACHINE_FOLDERS
        if folder.encode() in text
    ]

    assert texts
    assert naming == []


# The checks themselves, on packages that break a rule.


def package_of(folder: Path, sources: dict[str, str]) -> Package:
    """A package named threadsim with these files."""
    for name, text in sources.items():
        path = folder / "threadsim" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Package(folder / "threadsim")


@pytest.mark.parametrize(
    ("importer", "statement"),
    [
        pytest.param("model/event.py", "import threadsim.render.text", id="up"),
        pytest.param("model/event.py", "from threadsim.render import text", id="up, a module by name"),
        pytest.param("model/event.py", "from ..render.text import draw", id="up, relative"),
        pytest.param("render/text.py", "from threadsim import load", id="to the front door"),
        pytest.param("render/text.py", "from threadsim import cli", id="to a face"),
        pytest.param("cli.py", "import threadsim.pytest_plugin", id="from face to face"),
        pytest.param("__init__.py", "import threadsim.cli", id="from the front door to a face"),
        pytest.param("cli.py", "import threadsim.__main__", id="to the way in"),
        pytest.param("model/event.py", "if TYPE_CHECKING:\n    import threadsim.cli", id="up, for types"),
        pytest.param("model/event.py", "def f():\n    import threadsim.cli", id="up, in a function"),
    ],
)
def test_import_that_does_not_go_down_is_found(tmp_path: Path, importer: str, statement: str) -> None:
    names = ("__init__.py", "__main__.py", "cli.py", "pytest_plugin.py", "render/text.py", "model/event.py")
    package = package_of(tmp_path, {**dict.fromkeys(names, ""), importer: statement})

    assert len(upward_imports(package)) == 1


@pytest.mark.parametrize(
    ("importer", "statement"),
    [
        pytest.param("render/text.py", "from threadsim.model import event", id="down"),
        pytest.param("render/text.py", "from threadsim.render import graph", id="within a room"),
        pytest.param("cli.py", "import threadsim.model.event", id="from a face to the bottom"),
        pytest.param("__init__.py", "from threadsim.render import text", id="the front door"),
        pytest.param("__main__.py", "from threadsim.cli import main", id="the way in"),
        pytest.param("model/event.py", "import threading, threadsimilar", id="not ours"),
    ],
)
def test_import_that_goes_down_is_fine(tmp_path: Path, importer: str, statement: str) -> None:
    names = ("__init__.py", "cli.py", "render/text.py", "render/graph.py", "model/event.py")
    package = package_of(tmp_path, {**dict.fromkeys(names, ""), importer: statement})

    assert upward_imports(package) == []


def test_import_in_a_function_is_found_unless_for_types(tmp_path: Path) -> None:
    hidden = "class A:\n    def f(self):\n        from threadsim.model import event\n"
    for_types = "def f():\n    if typing.TYPE_CHECKING:\n        import threadsim.model.event\n"
    package = package_of(tmp_path, {"model/event.py": "", "model/a.py": hidden, "model/b.py": for_types})

    assert hidden_imports(package) == ["threadsim.model.a:3 imports threadsim.model.event"]


def test_cycle_is_found_unless_for_types(tmp_path: Path) -> None:
    to_b, to_a = "import threadsim.model.b", "from threadsim.model.a import x"
    for_types = f"if TYPE_CHECKING:\n    {to_a}\n"

    assert import_cycle(package_of(tmp_path / "1", {"model/a.py": to_b, "model/b.py": to_a}))
    assert not import_cycle(package_of(tmp_path / "2", {"model/a.py": to_b, "model/b.py": for_types}))
