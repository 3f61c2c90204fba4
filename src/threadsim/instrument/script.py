"""A script as `python script.py` would read it and set the scene for it."""

from __future__ import annotations

import builtins
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from threadsim.model.errors import ProgramError

_MAIN = "__main__"


def read_script(path: str) -> CodeType:
    """Compile a script, in whatever encoding it says that it is (PEP 263).

    Raises:
        ProgramError: There is no such file, it is a folder, it cannot be read, it is not Python, or it has
            a syntax error.
    """
    text = _read(path)
    if b"\0" in text:
        raise ProgramError(f"{path} is not a Python script: it contains null bytes")
    try:
        return compile(text, absolute(path), "exec", dont_inherit=True)
    except SyntaxError as error:
        raise ProgramError(_complaint(path, error)) from None
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        raise ProgramError(f"{path} cannot be compiled: {error or type(error).__name__}") from None


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise ProgramError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise ProgramError(f"{path} is a folder, not a script") from None
    except (OSError, ValueError) as error:
        if os.path.isdir(path):  # Windows calls this a refused permission
            raise ProgramError(f"{path} is a folder, not a script") from None
        raise ProgramError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _complaint(path: str, error: SyntaxError) -> str:
    place = f"{path}:{error.lineno}" if error.lineno else path
    text = (error.text or "").strip()
    return f"{place}: {error.msg}: {text}" if text else f"{place}: {error.msg}"


def absolute(path: str) -> str:
    """The path as Python itself makes it absolute: nothing is resolved or tidied."""
    return os.path.join(os.getcwd(), path)


def become_main(path: str, arguments: Sequence[str] = ()) -> ModuleType:
    """Do what `as_main` does, for good."""
    module = _main_module(path)
    sys.modules[_MAIN] = module
    sys.argv = [path, *arguments]
    sys.path.insert(0, os.path.dirname(os.path.realpath(path)))
    return module


@contextmanager
def as_main(path: str, arguments: Sequence[str] = ()) -> Iterator[ModuleType]:
    """Make a script the program: a fresh `__main__`, `sys.argv`, and its folder first in `sys.path`.

    Afterwards all that is as it was, and so is the working folder.

    Args:
        path: The script, as it was given on the command line.
        arguments: Its own arguments.

    Yields:
        The module in which to run it.
    """
    argv, search, main, folder = sys.argv, sys.path[:], sys.modules.get(_MAIN), os.getcwd()
    try:
        yield become_main(path, arguments)
    finally:
        os.chdir(folder)
        sys.argv = argv
        sys.path[:] = search
        if main is not None:
            sys.modules[_MAIN] = main
        else:
            del sys.modules[_MAIN]


def _main_module(path: str) -> ModuleType:
    module = ModuleType(_MAIN)
    module.__dict__.update(
        __file__=absolute(path),
        __cached__=None,
        __builtins__=builtins,
        __loader__=SourceFileLoader(_MAIN, absolute(path)),
    )
    if sys.version_info < (3, 14):
        module.__annotations__ = {}
    return module
