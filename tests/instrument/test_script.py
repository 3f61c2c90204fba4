from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from threadsim.instrument.script import as_main, read_script
from threadsim.model.errors import ProgramError

SCENE = """\
import sys
def look():
    keep = {k: v for k, v in globals().items() if k not in ('__loader__', 'look', 'sys')}
    print(sorted(keep.items(), key=repr), type(__loader__), __loader__.name, __loader__.path)
    print(sys.argv, sys.path[0], sys.modules['__main__'], look.__code__.co_filename)
look()
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    return tmp_path


@pytest.mark.parametrize("path", ["scene.py", "sub/../scene.py", "sub/link.py"])
def test_the_scene_is_pythons(path: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "scene.py").write_text(SCENE)
    (folder / "sub" / "link.py").symlink_to(folder / "scene.py")
    python = subprocess.run([sys.executable, path, "-x", "é"], capture_output=True, encoding="utf-8")
    with as_main(path, ["-x", "é"]) as module:
        exec(read_script(path), module.__dict__)
    assert capsys.readouterr().out == python.stdout != ""


def test_all_is_put_back_whatever_the_script_does(folder: Path) -> None:
    before = sys.argv, sys.path, list(sys.path), sys.modules["__main__"]

    def script() -> None:
        with as_main("x.py"):
            sys.path.append("elsewhere")
            sys.argv.append("more")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        script()
    assert (sys.argv, sys.path, list(sys.path), sys.modules["__main__"]) == before
    assert sys.path is before[1]


def test_the_encoding_line_is_heeded(folder: Path) -> None:
    (folder / "latin.py").write_bytes("# coding: latin-1\nx = 'é'\n".encode("latin-1"))
    scope: dict[str, object] = {}
    exec(read_script("latin.py"), scope)
    assert scope["x"] == "é"


def test_futures_of_ours_are_not_the_scripts(folder: Path) -> None:
    (folder / "plain.py").write_text("def f(x: 1 + 1): pass\n")
    scope: dict[str, object] = {}
    exec(read_script("plain.py"), scope)
    assert scope["f"].__annotations__ == {"x": 2}


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("missing.py", None, r"^missing.py: no such file$"),
        ("sub", None, r"^sub is a folder, not a script$"),
        ("null.py", b"x\0", r"^null.py is not a Python script: it contains null bytes$"),
        ("binary.py", b"\x7fELF\xff\xfe", r"^binary.py.*(codec|encoding|UTF-8|invalid non-printable)"),
        ("coding.py", b"# coding: nonsense\n", r"^coding.py.*nonsense"),
        ("broken.py", b"x = 1\ny = = 2\n", r"^broken.py:2: invalid syntax: y = = 2$"),
        ("indent.py", b"if 1:\nx\n", r"^indent.py:2: expected an indented block.*: x$"),
        ("deep.py", b"(" * 500 + b")" * 500, r"^deep.py"),
    ],
)
def test_what_cannot_run_is_said_in_one_line(
    name: str, content: bytes | None, complaint: str, folder: Path
) -> None:
    if content is not None:
        (folder / name).write_bytes(content)
    with pytest.raises(ProgramError, match=complaint) as raised:
        read_script(name)
    assert "\n" not in str(raised.value)
