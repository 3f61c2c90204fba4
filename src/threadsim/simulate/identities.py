"""Which object of one execution is which of another: keys that are the same in all of them.

A search compares what a thread is about to do with what it did in other executions, where every object had
another address. So an object is known

- by the thread that made it, and as which of its objects, for what is made by a call that we see (a lock, a
  queue), as far as the order in which one thread does things is the same in each execution that gets there;
- by the way to it from the program's variables, for what was there before the first thread was started:
  until then all executions are alike;
- otherwise by the thread that touched it first. That is sound only as long as nobody else touches it, as
  most of what threads make for themselves. Once two threads have, its kind is `ambiguous`, and one key stands
  for all objects of that kind: coarser than need be, but never wrong.
"""

from __future__ import annotations

import _thread
import _threading_local
import sys
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from threading import Thread
from types import (
    BuiltinFunctionType,
    CellType,
    FrameType,
    FunctionType,
    MethodType,
    ModuleType,
    SimpleNamespace,
)
from typing import Any, NamedTuple
from weakref import ref

from threadsim.instrument.passage import ModuleView

Views = Mapping[str, ModuleView]
"""What is known of the program's modules, by file."""


class TouchedFirst(NamedTuple):
    """The key of an object that is known as the n-th that a thread was the first to touch."""

    thread: int
    ordinal: int
    kind: str


_CONTAINERS = frozenset({list, dict, set, tuple, bytearray, FunctionType, MethodType, CellType})
_CHANGED_IN_PLACE = (list, dict, set, bytearray)
_LOCALS = (_thread._local, _threading_local.local)
_NOT_THE_PROGRAMS = ("builtins", "threadsim", "_thread", "_io")
_FARTHEST = 5
"""How many steps from a variable an object is looked for."""

_MOST = 2_000
"""How many objects are looked at."""


class Naming:
    """How objects are known in the executions of one program: what was learnt from one for the next.

    Attributes:
        surveys: Whether to look for objects before the first thread is started.
        ambiguous: Kinds of objects that no thread's own count tells apart.
    """

    def __init__(self) -> None:
        self.surveys = True
        self.ambiguous: set[str] = set()


class Identities:
    """The keys of one execution.

    Args:
        naming: What was learnt from those before.
        whose: Tells the number of the thread that runs.
        compared: Whether they are to be compared with those of other executions; if not, all this is spared.
    """

    def __init__(self, naming: Naming, whose: Callable[[], int], *, compared: bool) -> None:
        self.naming = naming
        self.surveys = compared and naming.surveys
        self.whose = whose
        self._are_needed = False
        self._counts: dict[tuple[int, str], int] = {}
        self._surveyed: dict[int, tuple[int, object]] = {}  # by id: the number; the object, or a reference
        self._found = 0

    def key(self, obj: object, kind: str, *, made: bool) -> Hashable:
        """The key of an object that is seen for the first time, perhaps because it is being made."""
        if kind == "class":
            return "class", getattr(obj, "__module__", ""), getattr(obj, "__qualname__", "")
        if kind == "namespace":
            return "namespace", obj.get("__name__") if isinstance(obj, dict) else None
        number, kept = self._surveyed.get(id(obj), (0, None))
        if kept is obj or (type(kept) is ref and kept() is obj):  # else it has died, and left its address
            self._are_needed = True
            return "surveyed", number
        thread = self.whose()
        if made:
            return "made", thread, self._next(thread, "made")
        described = f"{kind} {type(obj).__name__}"
        if described in self.naming.ambiguous:
            return "any", described
        return TouchedFirst(thread, self._next(thread, described), described)

    def _next(self, thread: int, what: str) -> int:
        """Each sort of a thread's objects has its own numbers: what others touch first shifts none."""
        count = self._counts[thread, what] = self._counts.get((thread, what), 0) + 1
        return count

    def confused(self, kind: str) -> None:
        """Two threads have touched an object of this kind, which was known as one thread's n-th.

        A survey may tell such objects apart in the executions to come, if this one had none.
        """
        if self.surveys:
            self.naming.ambiguous.add(kind)
        self.naming.surveys = True

    def let_go(self) -> None:
        """Keep nothing of the program's alive; and look for objects no more, if no thread touched any."""
        self._surveyed.clear()
        self.whose = _nobodys  # the kernel is not to refer to itself by way of this
        if self.surveys and not self._are_needed:
            self.naming.surveys = False

    def survey(self, frame: FrameType | None, thread: object, views: Views) -> None:
        """Number what the program's variables lead to, before its first thread is started.

        Args:
            frame: That starts it.
            thread: The ``threading.Thread``, whose arguments are variables, too.
            views: What is known of the program's modules, by file.
        """
        if self._found:
            return
        level: Iterable[object] = _roots(frame, thread, views)
        seen: set[int] = set()
        for _ in range(_FARTHEST):
            found = []
            for obj in level:
                if type(obj) not in _STATELESS and id(obj) not in seen and _may_be_shared(obj):
                    seen.add(id(obj))
                    found.append(obj)
                    self._number(obj)
            level = [further for obj in found for further in _behind(obj, views)]
            if not level or len(self._surveyed) > _MOST:
                return

    def _number(self, obj: object) -> None:
        """What cannot be referred to weakly is kept alive, unless no thread will ever be seen to touch it."""
        if not _may_be_touched(type(obj)):
            return
        try:
            self._surveyed[id(obj)] = self._found, ref(obj)
        except TypeError:
            self._surveyed[id(obj)] = self._found, obj
        self._found += 1


def _nobodys() -> int:
    return 0


def _roots(frame: FrameType | None, thread: object, views: Views) -> Iterator[object]:
    yield thread
    seen: set[int] = set()
    while frame is not None:
        if frame.f_code.co_filename in views:
            namespace, variables = frame.f_globals, frame.f_locals
            if variables is not namespace:
                yield from variables.values()
            if id(namespace) not in seen:
                seen.add(id(namespace))
                yield from [value for name, value in namespace.items() if not name.startswith("__")]
        frame = frame.f_back


_STATELESS = frozenset(
    {int, str, float, bool, bytes, type, type(None), ModuleType, BuiltinFunctionType, frozenset, complex}
)
"""The most frequent types of objects that share nothing, known without a look."""


def _may_be_shared(obj: object) -> bool:
    """Whether it has state of its own that threads could share."""
    cls = type(obj)
    if cls in _CONTAINERS:
        return True
    if isinstance(obj, type | ModuleType):
        return False
    return cls.__module__.partition(".")[0] not in _NOT_THE_PROGRAMS


def _may_be_touched(cls: type) -> bool:
    """Whether rewritten code tells when a thread touches an instance; of ``weakref.ref`` it does not."""
    if cls.__weakrefoffset__ != 0 or cls is CellType or issubclass(cls, _CHANGED_IN_PLACE):
        return True
    return any("__slots__" in vars(base) for base in cls.__mro__)


def _behind(obj: object, views: Views) -> Iterable[object]:
    """What an object leads to, in an order that does not hang on addresses; runs no code of the program's."""
    return _BEHIND.get(type(obj), _behind_instance)(obj, views)


def _behind_function(function: Any, views: Views) -> Iterable[object]:
    defaults: tuple[object, ...] = function.__defaults__ or ()
    return defaults if function.__closure__ is None else (*_enclosed(function, views), *defaults)


def _behind_method(method: Any, views: Views) -> Iterable[object]:
    return method.__self__, method.__func__


def _behind_cell(cell: Any, views: Views) -> Iterable[object]:
    return _content(cell)


def _behind_sequence(sequence: Any, views: Views) -> Iterable[object]:
    return tuple(sequence)


def _behind_dict(mapping: Any, views: Views) -> Iterable[object]:
    return list(dict.values(mapping))


def _behind_unordered(container: Any, views: Views) -> Iterable[object]:
    return ()


def _behind_instance(obj: Any, views: Views) -> Iterable[object]:
    cls = type(obj)
    items = _behind_dict(obj, views) if issubclass(cls, dict) else ()
    attributes = _attributes(obj, cls)
    if not _is_own(cls, views):
        attributes = [each for each in attributes if type(each) not in _CONTAINERS]
    return [*items, *attributes]


_BEHIND: dict[type, Callable[[Any, Views], Iterable[object]]] = {
    FunctionType: _behind_function,
    MethodType: _behind_method,
    CellType: _behind_cell,
    list: _behind_sequence,
    tuple: _behind_sequence,
    dict: _behind_dict,
    set: _behind_unordered,
    bytearray: _behind_unordered,
}


def _is_own(cls: type, views: Views) -> bool:
    """Whether it is the program's business what an instance keeps in a list or a dict."""
    module = sys.modules.get(cls.__module__)
    return module is None or cls is SimpleNamespace or getattr(module, "__file__", None) in views


def _enclosed(function: FunctionType, views: Views) -> Iterator[object]:
    """The variables that a function has from around it; of those that are bound but once, what they hold."""
    code = function.__code__
    view = views.get(code.co_filename)
    shared = frozenset[str]() if view is None else view.shared.cells_of(code)
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        if name in shared:
            yield cell
        else:
            yield from _content(cell)


def _content(cell: CellType) -> tuple[object, ...]:
    try:
        return (cell.cell_contents,)
    except ValueError:
        return ()


def _attributes(obj: object, cls: type) -> list[object]:
    if issubclass(cls, _LOCALS):
        return []
    try:
        attributes: dict[str, object] = object.__getattribute__(obj, "__dict__")
    except AttributeError:
        return []
    if cls is Thread:  # the rest is the business of threading
        return [attributes.get(name) for name in ("_target", "_args", "_kwargs")]
    return list(attributes.values())
