"""Everything that a change must pass: the tests on each Python that this machine has, lint and types.

Plain ``nox`` runs all of it; ``nox -s tests-3.12 -- tests/simulate`` runs a part.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import nox

SUPPORTED = ("3.11", "3.12", "3.13", "3.14")


def interpreters() -> dict[str, Path]:
    """The newest patch release of each supported version that this machine has."""
    newest: dict[str, tuple[tuple[int, ...], Path]] = {}
    for version in SUPPORTED:
        for path in _candidates(version):
            release = _release(path)
            if release[:2] == _numbers(version) and release > newest.get(version, ((), path))[0]:
                newest[version] = release, path
    return {version: path for version, (_, path) in newest.items()}


def _candidates(version: str) -> Iterator[Path]:
    """Where an interpreter might be: on PATH, and in pyenv's folder whether or not it is on PATH."""
    for folder in os.get_exec_path():
        path = Path(folder, f"python{version}")
        if path.is_file():
            yield path
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from sorted(pyenv.glob(f"versions/{version}.*/bin/python{version}"))


def _release(path: Path) -> tuple[int, ...]:
    """What an interpreter says it is; empty if it does not run, as a shim of pyenv's that leads nowhere."""
    command = [str(path), "-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])"]
    try:
        ran = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return _numbers(ran.stdout.strip()) if ran.returncode == 0 else ()


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(int(number) for number in release.split("."))


def _put_first_on_path(paths: Iterable[Path]) -> None:
    """Make nox find these: it takes the first python3.12 on PATH, be it a shim that fails.

    A folder of one version goes before one of several, in which another version's older release may be.
    """
    folders = sorted({path.parent for path in paths}, key=lambda folder: len(list(folder.glob("python3.??"))))
    os.environ["PATH"] = os.pathsep.join([*map(str, folders), os.environ["PATH"]])


FOUND = interpreters()
_put_first_on_path(FOUND.values())


@nox.session(python=list(FOUND))
def tests(session: nox.Session) -> None:
    """Run the tests; what follows ``--`` goes to pytest."""
    session.install("-e", ".[test]")
    session.run("pytest", "-n", "auto", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and formatting."""
    session.install("-e", ".[dev]")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session
def types(session: nox.Session) -> None:
    """Check types, strictly."""
    session.install("-e", ".[dev]")
    session.run("mypy")
