"""Programs run plain and rewritten, and what the rewritten ones tell their hooks.

``PYTHONPATH=src:tests python -m support.rewriting`` writes the files of expected accesses anew; they must
come out the same on every version.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import io
import traceback
from collections.abc import Callable
from pathlib import Path
from types import CodeType
from typing import Any

from threadsim.instrument.access import Access, Hooks
from threadsim.instrument.passage import ModuleView
from threadsim.instrument.rewrite import rewrite

CORPUS = Path(__file__).parent.parent / "instrument" / "corpus"

HOOK_NAMES = tuple(inspect.signature(Hooks).parameters)


def hooks_calling(note: Callable[..., None]) -> Hooks:
    """Hooks that call ``note(name of the hook, *what it was given)``."""

    def make(name: str) -> Callable[..., None]:
        def hook(*arguments: Any) -> None:
            note(name, *arguments)

        return hook

    return Hooks(**{name: make(name) for name in HOOK_NAMES})


INERT = hooks_calling(lambda *_: None)


def rewritten(text: str, file: str, hooks: Hooks) -> CodeType:
    """The rewritten code of a module."""
    code = compile(text, file, "exec", dont_inherit=True)
    return rewrite(code, ModuleView.of(file, code, ast.parse(text)), hooks)


def output_of(code: CodeType) -> str:
    """What a module prints, its uncaught exception included."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        attempt(exec, code, {"__name__": "__main__", "__file__": code.co_filename})
    return output.getvalue()


def attempt(function: Callable[..., Any], *arguments: Any) -> None:
    """Print what a call gives, or the exception that it raises and where exactly each of its frames was."""
    try:
        print("->", function(*arguments))
    except BaseException as error:
        _print_error(error)


def _print_error(error: BaseException | None) -> None:
    while error is not None:
        print(type(error).__name__, error, getattr(error, "__notes__", ""))
        for frame in traceback.TracebackException.from_exception(error).stack:
            if frame.filename != __file__:
                place = frame.lineno, frame.colno, frame.end_lineno, frame.end_colno
                print("  in", frame.name, "at", *place)
        error = error.__cause__ or error.__context__


class Accesses:
    """Notes what hooks are told, a line an access."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.hooks = hooks_calling(self._note)

    def _note(self, hook: str, *arguments: Any) -> None:
        *objects, access = arguments
        assert isinstance(access, Access)
        site = access.site
        place = f"{site.line}:{site.column}-{site.end_line}:{site.end_column}"
        types = " ".join(_type(obj) for obj in objects)
        self.lines.append(f"{place} {site.function} {hook} {access.kind} {access.name or '-'} ({types})")


def _type(obj: object) -> str:
    """The type of an object; of a method, that of the object it belongs to."""
    owner = getattr(obj, "__self__", None) if inspect.isbuiltin(obj) else None
    if owner is None or inspect.ismodule(owner):
        return type(obj).__name__
    return f"{type(owner).__name__}()"


def accesses_of(path: Path) -> list[str]:
    """What the hooks are told while a program runs."""
    accesses = Accesses()
    output_of(rewritten(path.read_text(encoding="utf-8"), str(path), accesses.hooks))
    return accesses.lines


def expected_file(program: Path) -> Path:
    """Where the accesses of a program are written down."""
    return program.with_suffix(".accesses")


def main() -> None:
    """Write what is expected anew."""
    for program in sorted(CORPUS.glob("*.py")):
        expected_file(program).write_text("\n".join(accesses_of(program)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
