"""What is run: again and again, from scratch each time."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Protocol

from threadsim.instrument.instrumenter import Instrumenter, file_of
from threadsim.instrument.script import as_main, read_script
from threadsim.instrument.sites import file_name
from threadsim.model.errors import ProgramError

OF_SCRIPT = "::"
"""Stands between a file and a function in it."""


class Program(Protocol):
    """Something that can be executed."""

    @property
    def name(self) -> str:
        """As a trace's header gives it."""

    @property
    def arguments(self) -> tuple[str, ...]:
        """A script's own arguments."""

    @property
    def file(self) -> str | None:
        """Its source file, None if it has none."""

    @property
    def roots(self) -> tuple[str, ...]:
        """The folders of its own code."""

    @property
    def imports_afresh(self) -> bool:
        """Whether its modules are imported again for each execution; otherwise they are there already."""

    @property
    def prints_traceback(self) -> bool:
        """Whether an exception that it does not catch is shown, as the interpreter does for a script."""

    def scene(self, instrumenter: Instrumenter) -> AbstractContextManager[Callable[[], Any]]:
        """Set the scene for one execution; gives what the main thread does."""


class Script:
    """A Python file, run as ``python FILE ARGUMENTS`` would run it.

    Raises:
        ProgramError: It cannot be run; the message says why.
    """

    imports_afresh = True
    prints_traceback = True

    def __init__(self, path: str, arguments: Sequence[str] = ()) -> None:
        read_script(path)
        self._path = path
        self.arguments = tuple(arguments)
        self.name = file_name(path)
        self.file: str | None = os.path.abspath(path)
        self.roots = (os.path.dirname(os.path.abspath(path)),)

    @contextmanager
    def scene(self, instrumenter: Instrumenter) -> Iterator[Callable[[], Any]]:
        """A fresh ``__main__``."""
        with as_main(self._path, self.arguments) as module:
            code = instrumenter.module(str(module.__file__), module.__dict__)
            yield lambda: exec(code, module.__dict__)


class ScriptFunction(Script):
    """A function without arguments at the top level of a Python file, which is imported before, each time.

    Raises:
        ProgramError: The file cannot be run, or has no such function.
    """

    prints_traceback = False

    def __init__(self, path: str, function: str, arguments: Sequence[str] = ()) -> None:
        super().__init__(path, arguments)
        if function not in read_script(path).co_names:
            raise ProgramError(f"{path} has no function {function!r} at its top level")
        self._function = function
        self.name += f"{OF_SCRIPT}{function}"

    @contextmanager
    def scene(self, instrumenter: Instrumenter) -> Iterator[Callable[[], Any]]:
        """A fresh module under the file's own name, so that what is for ``__main__`` only is not done."""
        with as_main(self._path, self.arguments) as module:
            name = module.__name__ = Path(self._path).stem
            is_new = sys.modules.setdefault(name, module) is module
            code = instrumenter.module(str(module.__file__), module.__dict__)
            try:
                yield lambda: self._call(code, module)
            finally:
                if is_new:
                    sys.modules.pop(name, None)

    def _call(self, code: CodeType, module: ModuleType) -> Any:
        exec(code, module.__dict__)
        return module.__dict__[self._function]()


def script(path: str, arguments: Sequence[str] = ()) -> Script:
    """The program of a word on the command line: ``file.py``, or ``file.py::function``.

    Raises:
        ProgramError: It cannot be run.
    """
    file, found, function = path.rpartition(OF_SCRIPT)
    return ScriptFunction(file, function, arguments) if found else Script(path, arguments)


class Function:
    """A callable without arguments. Its modules stay as they are; its functions are rewritten for a while.

    Raises:
        ProgramError: It is no callable.
    """

    imports_afresh = False
    prints_traceback = False
    arguments = ()

    def __init__(self, function: Callable[[], Any]) -> None:
        if not callable(function):
            raise ProgramError(_no_program(function))
        self._function = function
        name = getattr(function, "__qualname__", None) or type(function).__qualname__
        self.name = f"{getattr(function, '__module__', None) or '?'}.{name}"
        self.file = file_of(function)
        self.roots = _roots_of(self.file)

    def scene(self, instrumenter: Instrumenter) -> AbstractContextManager[Callable[[], Any]]:
        """Nothing to set."""
        return nullcontext(self._function)


def _no_program(value: object) -> str:
    kind = type(value).__name__
    return (
        f"a program is a function without arguments or the path of a script, not {kind}; "
        "pass the function itself, as simulate(main), not its result, as simulate(main())"
    )


def _roots_of(file: str | None) -> tuple[str, ...]:
    """The folder of a function's file, and the working folder if that is above it."""
    working = os.path.realpath(os.getcwd())
    if file is None or file.startswith("<"):
        return (working,)
    folder = os.path.realpath(os.path.dirname(os.path.abspath(file)))
    return (folder, working) if folder.startswith(os.path.join(working, "")) else (folder,)


def as_program(program: Callable[[], Any] | str | os.PathLike[str], arguments: Sequence[str] = ()) -> Program:
    """A program from a callable or a path.

    Raises:
        ProgramError: It is neither, or cannot be run.
    """
    if isinstance(program, str | os.PathLike):
        return script(os.fspath(program), arguments)
    if arguments:
        raise ProgramError("only a script takes arguments; for a function, use functools.partial")
    return Function(program)
