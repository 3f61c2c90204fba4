"""Where in the source something happens: the same site on every version of Python.

CPython knows the range of each instruction (PEP 657). What differs between versions and machines is evened
out here: the range of a ``with`` (see `with_items`) and of an ``assert`` that fails, the function that a
comprehension runs in (it is inlined since 3.12), and how a file is spelled.
"""

from __future__ import annotations

import _threading_local
import _weakrefset
import os
import queue
import re
import sys
import sysconfig
import threading
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

from threadsim.instrument import source
from threadsim.instrument.with_items import Place, item_range
from threadsim.model.site import Site

_PACKAGES = re.compile(r".*[/\\](?:site|dist)-packages[/\\]")
_COMPREHENSION = re.compile(r"(?:^|\.)<(?:listcomp|setcomp|dictcomp)>")
_LIBRARY = {
    os.path.join(folder, "")
    for folder in (
        os.path.dirname(os.__file__),
        sysconfig.get_path("stdlib"),
        sysconfig.get_path("platstdlib"),
    )
}

_files: dict[str, str] = {}
_sites: dict[int, dict[int, Site]] = {}
_places: dict[int, list[Place]] = {}
_alive: list[CodeType] = []  # so that no other code gets the id of one in the tables above


def forget() -> None:
    """Drop what is known of files: the working folder or their text has changed."""
    for table in (_files, _sites, _places, _alive):
        table.clear()
    source.forget()


def file_name(path: str) -> str:
    """A file's name as traces give it, the same on every machine.

    Args:
        path: A `co_filename`.

    Returns:
        ``<stdlib>/queue.py`` or ``<packages>/attr/_make.py`` for code that is not the program's own;
        otherwise relative to the working folder, with forward slashes, if it lies below it; otherwise
        absolute. ``<string>`` and the like are no files, and stay.
    """
    name = _files.get(path)
    if name is None:
        name = _files[path] = _file_name(path)
    return name


def _file_name(path: str) -> str:
    if path.startswith("<"):
        return path
    absolute = os.path.abspath(path)
    if match := _PACKAGES.match(absolute):
        return _posix("<packages>", absolute[match.end() :])
    for folder in _LIBRARY:
        if absolute.startswith(folder):
            return _posix("<stdlib>", absolute[len(folder) :])
    for spelled in (absolute, os.path.realpath(absolute)):
        for working in (os.getcwd(), os.path.realpath(os.getcwd())):
            if spelled.startswith(os.path.join(working, "")):
                return _posix(os.path.relpath(spelled, working))
    return _posix(absolute)


def _posix(*parts: str) -> str:
    return "/".join(parts).replace(os.sep, "/")


def function_name(code: CodeType) -> str:
    """The function that code belongs to: ``Account.deposit``, ``<module>``."""
    return _COMPREHENSION.sub("", code.co_qualname.replace("<locals>.", "")).lstrip(".") or "<module>"


def site_at(code: CodeType, lasti: int) -> Site:
    """The site of an instruction.

    Args:
        code: The code that runs.
        lasti: Offset of the instruction in bytes, as `FrameType.f_lasti` gives it.
    """
    try:
        return _sites[id(code)][lasti]
    except KeyError:
        return _add_site(code, lasti)


def _add_site(code: CodeType, lasti: int) -> Site:
    key = id(code)
    if key not in _places:
        _places[key] = list(code.co_positions())
        _sites[key] = {}
        _alive.append(code)
    site = _sites[key][lasti] = _site(code, _narrowed(code, item_range(code, lasti, _places[key])))
    return site


def _narrowed(code: CodeType, place: Place) -> Place:
    """The part that fails, of a statement that some versions give as a whole and others do not."""
    found = source.source_of(code.co_filename)
    part = found.part_that_fails(place) if found is not None else None
    return place if part is None else source.range_of(part)


def _site(code: CodeType, place: Place) -> Site:
    line, end_line, column, end_column = place
    first = line or code.co_firstlineno
    return Site(
        file=file_name(code.co_filename),
        line=first,
        column=column or 0,
        end_line=end_line or first,
        end_column=end_column or 0,
        function=function_name(code),
    )


# Whose call it is. The standard library's threading is Python code that calls itself; what it does on
# behalf of a user's call is not the user's, and what only hands a call on is not there at all.


def _file_of(function: Callable[..., Any]) -> str:
    return function.__code__.co_filename


_OURS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")
_MACHINERY = {
    _file_of(threading.Thread.run),
    _file_of(queue.Queue.put),
    _file_of(_threading_local.local.__getattribute__),
    _file_of(_weakrefset.WeakSet.add),
    "<frozen importlib._bootstrap>",
    "<frozen importlib._bootstrap_external>",
}
_HANDING_ON = {
    id(function.__code__)
    for function in (
        vars(threading)["RLock"],  # a function, though type checkers think it a class
        threading.BoundedSemaphore.__init__,
        threading.Condition.__enter__,
        threading.Condition.__exit__,
        threading.Condition.wait_for,
        threading.Condition.notifyAll,
        threading.Semaphore.__exit__,
        threading.Event.isSet,
        threading._RLock.__exit__,
        queue.Queue.put_nowait,
        queue.Queue.get_nowait,
        queue._PySimpleQueue.put_nowait,  # type: ignore[attr-defined]
        queue._PySimpleQueue.get_nowait,  # type: ignore[attr-defined]
    )
}
_CALLING_BACK = {id(threading.Thread.run.__code__)}  # what it calls is the target: the user's
_passed_over: dict[str, bool] = {}  # by co_filename
program_files: set[str] = set()
"""The files, by co_filename, that are known to be neither ours nor threading's own: a short cut for those in
a hurry, to whom a call of `program_call` from one of them can only give the frame right above."""


def _is_passed_over(file: str) -> bool:
    passed = _passed_over[file] = file in _MACHINERY or file.startswith(_OURS)
    if not passed:
        program_files.add(file)
    return passed


def caller_frame(depth: int = 0) -> FrameType | None:
    """The frame of the user's code whose call led here.

    Args:
        depth: Where to begin: 0 is the function that calls this one.

    Returns:
        The nearest frame outside of threadsim, `threading`, `queue` and the import machinery; in a
        library, if a library's thread pool took the lock. None if no line of a program asked for it (a
        thread's bootstrap).
    """
    frame: FrameType | None = sys._getframe(depth + 1)
    while frame is not None:
        file = frame.f_code.co_filename
        try:
            passed = _passed_over[file]
        except KeyError:
            passed = _is_passed_over(file)
        if not passed:
            return frame
        frame = frame.f_back
    return None


def caller_site(depth: int = 0) -> Site | None:
    """The site of the user's call that led here, where `caller_frame` finds one."""
    frame = caller_frame(depth + 1)
    return None if frame is None else site_at(frame.f_code, frame.f_lasti)


def called_by_threading(depth: int = 0) -> bool:
    """Whether the standard library's threading made this call for purposes of its own.

    Functions that only hand a call on (`Condition.__enter__`, `Queue.put_nowait` …) count as their
    callers; the target of a thread is called by nobody but the user.

    Args:
        depth: Where to begin: 0 is the function that calls this one.
    """
    frame: FrameType | None = sys._getframe(depth + 1)
    while frame is not None:
        code = frame.f_code
        file = code.co_filename
        if file in _MACHINERY:
            if id(code) in _CALLING_BACK:
                return False
            if id(code) not in _HANDING_ON:
                return True
        elif file in program_files or not (_passed_over.get(file) or _is_passed_over(file)):
            return False
        frame = frame.f_back
    return False


def program_call(depth: int = 0) -> FrameType | None:
    """`caller_frame` and `called_by_threading` in one walk: the frame of a call that the program made.

    Args:
        depth: Where to begin: 0 is the function that calls this one.

    Returns:
        None for a call that threading made for purposes of its own. For the target of a thread, which no
        line of the program calls, the frame of `Thread.run`.
    """
    frame: FrameType | None = sys._getframe(depth + 1)
    while frame is not None:
        code = frame.f_code
        try:
            passed = _passed_over[code.co_filename]
        except KeyError:
            passed = _is_passed_over(code.co_filename)
        if not passed or id(code) in _CALLING_BACK:
            return frame
        if code.co_filename in _MACHINERY and id(code) not in _HANDING_ON:
            return None
        frame = frame.f_back
    return None


def site_of_call(frame: FrameType) -> Site | None:
    """The site of a call whose frame `program_call` gave; None for the call of a thread's target."""
    return None if frame.f_code.co_filename in _MACHINERY else site_at(frame.f_code, frame.f_lasti)


def is_ours(code: CodeType) -> bool:
    """Whether the code is threadsim's own."""
    return code.co_filename.startswith(_OURS)


def is_threadings(code: CodeType) -> bool:
    """Whether the code is that of `threading` or `queue`, or of something else that works for them."""
    return code.co_filename in _MACHINERY
