"""What rewritten code calls before it touches shared state.

The hot path. A hook returns at once while nobody else could see the access, or if it is called in another OS
thread than the execution's (see `threadsim.simulate.stage`); then it finds out what is touched, comes to a
scheduling point, and notes the access with the value, if that is small.
"""

from __future__ import annotations

import _thread
import _threading_local
from _thread import get_ident
from collections import deque
from gc import get_referents
from types import BuiltinMethodType, MemberDescriptorType, ModuleType
from typing import Any, Final

from threadsim.instrument.access import Access, Hooks
from threadsim.instrument.containers import WRITING_METHODS
from threadsim.model.event import Kind
from threadsim.simulate import stage
from threadsim.simulate.kernel import Kernel
from threadsim.simulate.notes import ABSENT
from threadsim.simulate.registry import Entry
from threadsim.strategy.steps import Mode

READ: Final = Kind.READ
WRITE: Final = Kind.WRITE
DELETE: Final = Kind.DELETE

_SMALL = frozenset({int, float, bool, str, bytes, type(None)})
"""Types whose values are shown in a trace."""

_KEYS = frozenset({int, str, bytes, type(None)})
"""Types whose values tell one item of a container from another; others stand for the whole of it."""

_ORDERED_BY_INDEX = frozenset({"list", "deque", "bytearray"})

_LOCAL = (_thread._local, _threading_local.local)

_CONTAINERS = (list, dict, set, deque, bytearray)


def _access(kernel: Kernel, kind: Kind, access: Access, entry: Entry, key: Any = None) -> bool:
    """Come to a scheduling point before an access; False in the midst of an operation, which is one step."""
    current = kernel.current
    if current.inside:
        kernel.touch(entry.location(access.name), Mode.READ if kind is READ else Mode.WRITE)
        return False
    current.kind = kind
    current.where = access
    current.entry = entry
    current.target = None
    current.key = key
    kernel.point()
    return True


def _note(kernel: Kernel, kind: Kind, access: Access, entry: Entry, field: str | None, value: Any) -> None:
    kernel.notes.append(
        (
            kernel.current.number,
            kind,
            access,
            entry,
            None,
            field,
            value if type(value) in _SMALL else ABSENT,
            None,
            None,
            kernel.clock.now,
            kernel.steps,
        )
    )


# Attributes.


class _Plan:
    """What reading an attribute of instances of a class touches: decided once a class and name."""

    __slots__ = ("in_dict", "in_slot", "owner")

    def __init__(self, *, in_dict: bool, in_slot: bool, owner: type | None) -> None:
        self.in_dict = in_dict  # the instance's dictionary may hold it
        self.in_slot = in_slot  # the instance holds it, outside of a dictionary
        self.owner = owner  # the class that holds the value for all its instances


_NOTHING = _Plan(in_dict=False, in_slot=False, owner=None)
_plans: dict[type, dict[str, _Plan]] = {}


_changed_classes: set[tuple[type, str]] = set()
"""Classes and their attributes that have been rebound in this execution."""


def forget_plans() -> None:
    """Classes may have changed between executions."""
    _plans.clear()
    _changed_classes.clear()


def _plan(cls: type, name: str) -> _Plan:
    plans = _plans.setdefault(cls, {})
    found = plans.get(name)
    if found is None:
        found = plans[name] = _make_plan(cls, name)
    return found


def _make_plan(cls: type, name: str) -> _Plan:
    if cls is super or issubclass(cls, _LOCAL):  # of the latter, each thread has its own
        return _NOTHING
    for base in cls.__mro__:
        if name in base.__dict__:
            value = base.__dict__[name]
            if isinstance(value, MemberDescriptorType):
                return _Plan(in_dict=False, in_slot=True, owner=None)
            if hasattr(type(value), "__set__"):
                return _NOTHING  # a property and its like: what it touches is its own code's business
            is_method = hasattr(type(value), "__get__")
            return _Plan(in_dict=True, in_slot=False, owner=None if is_method else base)
    return _Plan(in_dict=True, in_slot=True, owner=None)


def _holder(obj: Any, name: str, *, writes: bool) -> Any:
    """Whose the attribute is: the instance, a class, a module; None if it is nobody's shared state."""
    cls = type(obj)
    if cls is ModuleType:
        return obj
    if isinstance(obj, type):
        return obj if writes else _class_holder(obj, name)
    plan = _plan(cls, name)
    if plan.in_slot:
        return obj
    if not plan.in_dict:
        return None
    if writes:
        return obj
    owner = plan.owner
    if owner is None:
        return obj if name in getattr(obj, "__dict__", ()) else None
    if (owner, name) in _changed_classes or not hasattr(obj, "__dict__"):
        return owner
    return obj  # which may have, or get, an attribute of its own that hides the class's


def _owner_of_default(obj: Any, name: str) -> type | None:
    """The class that has the attribute for instances that have none of their own."""
    cls = type(obj)
    return None if cls is ModuleType or isinstance(obj, type) else _plan(cls, name).owner


def _class_holder(cls: type, name: str) -> type | None:
    for base in cls.__mro__:
        if name in base.__dict__:
            value = base.__dict__[name]
            return None if hasattr(type(value), "__get__") else base
    return None


def _entry_of_holder(kernel: Kernel, holder: Any, name: str) -> Entry | None:
    if type(holder) is ModuleType:
        return kernel.registry.module(holder, name)
    return kernel.registry.owner(holder)


def _value_of(holder: Any, name: str, owner: type | None) -> Any:
    """The present value, if it can be had without running code of the program's."""
    try:
        default = ABSENT if owner is None else owner.__dict__.get(name, ABSENT)
        return holder.__dict__.get(name, default)
    except AttributeError:  # it has slots
        try:
            return object.__getattribute__(holder, name)
        except AttributeError:
            return ABSENT


def read_attribute(obj: Any, access: Access) -> None:
    """Before ``obj.name`` is read."""
    kernel = stage.watching
    if kernel is None or (stage.mixed and get_ident() != stage.thread):
        return
    name = access.name
    holder = _holder(obj, name, writes=False)
    if holder is None:
        return
    entry = _entry_of_holder(kernel, holder, name)
    if entry is not None and _access(kernel, READ, access, entry):
        owner = _owner_of_default(obj, name)
        if owner is not None and name not in getattr(obj, "__dict__", ()):
            _touch_both(kernel, obj, owner, name)
        _note(kernel, READ, access, entry, None, _value_of(holder, name, owner))


def _touch_both(kernel: Kernel, obj: Any, owner: type, name: str) -> None:
    """An attribute that is the class's unless the instance has one: what is read hangs on both."""
    for holder in (obj, owner):
        kernel.touch(kernel.registry.owner(holder).location(name), Mode.READ)


def write_attribute(value: Any, obj: Any, access: Access) -> None:
    """Before ``obj.name = value``."""
    kernel = stage.watching
    if kernel is None or (stage.mixed and get_ident() != stage.thread):
        return
    holder = _holder(obj, access.name, writes=True)
    if holder is None:
        return
    if isinstance(obj, type):
        _plans.clear()
        _changed_classes.add((obj, access.name))
    entry = _entry_of_holder(kernel, holder, access.name)
    if entry is not None and _access(kernel, WRITE, access, entry):
        _note(kernel, WRITE, access, entry, None, value)


def delete_attribute(obj: Any, access: Access) -> None:
    """Before ``del obj.name``."""
    kernel = stage.watching
    if kernel is None or (stage.mixed and get_ident() != stage.thread):
        return
    holder = _holder(obj, access.name, writes=True)
    if holder is None:
        return
    entry = _entry_of_holder(kernel, holder, access.name)
    if entry is not None and _access(kernel, DELETE, access, entry):
        _note(kernel, DELETE, access, entry, None, ABSENT)


# Attributes by a name that only the running program knows.

_named: dict[tuple[int, str], tuple[Access, Access]] = {}
"""By access of a call and name of an attribute: the former (kept alive), and the access of that attribute."""


def _access_named(access: Access, name: str) -> Access:
    key = id(access), name
    found = _named.get(key)
    if found is None:
        found = _named[key] = access, Access(access.kind, name, access.site, access.namespace)
    return found[1]


def _is_name(name: Any) -> bool:
    return type(name) is str and not (name.startswith("__") and name.endswith("__"))


def read_named(obj: Any, name: Any, access: Access) -> None:
    """Before ``getattr(obj, name)``, ``hasattr(obj, name)``."""
    if stage.watching is not None and _is_name(name):
        read_attribute(obj, _access_named(access, name))


def write_named(value: Any, obj: Any, name: Any, access: Access) -> None:
    """Before ``setattr(obj, name, value)``."""
    if stage.watching is not None and _is_name(name):
        write_attribute(value, obj, _access_named(access, name))


def delete_named(obj: Any, name: Any, access: Access) -> None:
    """Before ``delattr(obj, name)``."""
    if stage.watching is not None and _is_name(name):
        delete_attribute(obj, _access_named(access, name))


# Globals and closure cells.


def read_global(access: Access) -> None:
    """Before a global is read."""
    kernel = stage.watching
    if kernel is None or (stage.mixed and get_ident() != stage.thread):
        return
    entry = kernel.registry.namespace(access.namespace)
    if _access(kernel, READ, access, entry):
        _note(kernel, READ, access, entry, None, access.namespace.globals.get(access.name, ABSENT))


def write_global(value: Any, access: Access) -> None:
    """Before a global is rebound."""
    kernel = stage.watching
    if kernel is None or (stage.mixed and get_ident() != stage.thread):
        return
    entry = kernel.registry.namespace(access.namespace)
    if _access(kernel, WRITE, access, entry):
        _note(kernel, WRITE, access, entry, None, value)


def delete_global(access: Access) -> None:
    """Before ``del name`` of a global."""
    kernel = stage.watching
    if kernel is None or (stage.mixed and get_ident() != stage.thread):
        return
    entry = kernel.registry.namespace(access.namespace)
    if _access(kernel, DELETE, access, entry):
        _note(kernel, DELETE, access, entry, None, ABSENT)


def read_cell(cell: Any, access: Access) -> None:
    """Before a variable of an enclosing function is read."""
    kernel = stage.watching
    if kernel is None or (stage.mixed and get_ident() != stage.thread):
        return
    entry = kernel.registry.cell(cell, access.name)
    if _access(kernel, READ, access, entry):
        try:
            value = cell.cell_contents
        except ValueError:
            value = ABSENT
        _note(kernel, READ, access, entry, None, value)


def write_cell(value: Any, cell: Any, access: Access) -> None:
    """Before a variable of an enclosing function is rebound."""
    kernel = stage.watching
    if kernel is None or (stage.mixed and get_ident() != stage.thread):
        return
    entry = kernel.registry.cell(cell, access.name)
    if _access(kernel, WRITE, access, entry):
        _note(kernel, WRITE, access, entry, None, value)


# Containers.


def _kind_of(container: Any) -> str | None:
    """``list``, ``dict``, ``set``, ``deque`` or ``bytearray``; None for anything else."""
    cls = type(container)
    try:
        return _container_kinds[cls]
    except KeyError:
        kind = next((kind.__name__ for kind in _CONTAINERS if issubclass(cls, kind)), None)
        _container_kinds[cls] = kind
        return kind


_container_kinds: dict[type, str | None] = {}


def _item(kernel: Kernel, kind: Kind, container: Any, key: Any, access: Access, value: Any) -> None:
    container_kind = _kind_of(container)
    if container_kind is None:
        return
    entry = kernel.registry.container(container, container_kind, access)
    by_index = container_kind in _ORDERED_BY_INDEX
    is_item = type(key) in _KEYS and not (by_index and (type(key) is not int or key < 0))
    if _access(kernel, kind, access, entry, key if is_item else None):
        is_new = not by_index and not dict.__contains__(container, key)
        if is_new and kind is READ and hasattr(type(container), "__missing__"):
            kind = WRITE  # a defaultdict makes it
        if kind is DELETE or (kind is WRITE and is_new):
            kernel.touch(entry, Mode.WRITE)  # the others change places, or their order does
        if kind is READ and is_item:
            value = _peek(container, key)
        _note(kernel, kind, access, entry, repr(key) if is_item else None, value)


def _peek(container: Any, key: Any) -> Any:
    """The item, if the container is a plain one and has it."""
    cls = type(container)
    if cls is dict or cls is list:
        try:
            return container[key]
        except (KeyError, IndexError, TypeError):
            return ABSENT
    return ABSENT


def read_item(container: Any, key: Any, access: Access) -> None:
    """Before ``container[key]`` is read."""
    kernel = stage.watching
    if kernel is not None and not (stage.mixed and get_ident() != stage.thread):
        _item(kernel, READ, container, key, access, ABSENT)


def write_item(value: Any, container: Any, key: Any, access: Access) -> None:
    """Before ``container[key] = value``."""
    kernel = stage.watching
    if kernel is not None and not (stage.mixed and get_ident() != stage.thread):
        _item(kernel, WRITE, container, key, access, value)


def delete_item(container: Any, key: Any, access: Access) -> None:
    """Before ``del container[key]``."""
    kernel = stage.watching
    if kernel is not None and not (stage.mixed and get_ident() != stage.thread):
        _item(kernel, DELETE, container, key, access, ABSENT)


def _whole(kernel: Kernel, kind: Kind, container: Any, access: Access) -> None:
    container_kind = _kind_of(container)
    if container_kind is None:
        return
    entry = kernel.registry.container(container, container_kind, access)
    if _access(kernel, kind, access, entry):
        _note(kernel, kind, access, entry, None, ABSENT)


_VIEWS: tuple[type, ...] = (type({}.keys()), type({}.values()), type({}.items()))


def read_container(container: Any, access: Access) -> None:
    """Before ``len``, ``in``, a test for truth, a slice, the begin of an iteration."""
    kernel = stage.watching
    if kernel is not None and not (stage.mixed and get_ident() != stage.thread):
        if type(container) in _VIEWS:
            container = _behind(container)
        elif type(container) in _LAZY:
            _read_behind(kernel, container, access)
            return
        _whole(kernel, READ, container, access)


def write_container(container: Any, access: Access) -> None:
    """Before a container is changed in place as a whole."""
    kernel = stage.watching
    if kernel is not None and not (stage.mixed and get_ident() != stage.thread):
        _whole(kernel, WRITE, container, access)


def call_method(method: Any, access: Access) -> None:
    """Before the call of a method that has the name of one of a container's."""
    kernel = stage.watching
    if (
        kernel is None
        or (stage.mixed and get_ident() != stage.thread)
        or type(method) is not BuiltinMethodType
    ):
        return
    _whole(kernel, WRITE if access.name in WRITING_METHODS else READ, method.__self__, access)


_ITERATORS: dict[type, bool] = dict.fromkeys(
    (
        type(iter([])),
        type(reversed([])),
        type(iter({}.keys())),
        type(iter({}.values())),
        type(iter({}.items())),
        type(iter(set())),
        type(iter(deque())),
        type(iter(bytearray())),
    ),
    True,
)


_WRAPPERS = frozenset({enumerate, filter, map, zip})
"""Iterators over other iterators."""

_LAZY = frozenset({*_ITERATORS, *_WRAPPERS})


def advance(iterator: Any, access: Access) -> None:
    """Before each step of a ``for``: an iterator over a container reads it, if it is not exhausted."""
    kernel = stage.watching
    if kernel is None or (stage.mixed and get_ident() != stage.thread) or type(iterator) not in _LAZY:
        return
    _read_behind(kernel, iterator, access)


def _read_behind(kernel: Kernel, iterator: Any, access: Access) -> None:
    """Read the containers that an iterator goes through, or those that the ones behind it do."""
    if type(iterator) in _ITERATORS:
        container = _behind(iterator)
        if container is not None:
            _whole(kernel, READ, container, access)
        return
    for obj in get_referents(iterator):
        for inner in obj if type(obj) is tuple else (obj,):
            if type(inner) in _LAZY:
                _read_behind(kernel, inner, access)


def _behind(iterator: Any) -> Any:
    """The container of an iterator or a view, None if it has let go of it."""
    return next((obj for obj in get_referents(iterator) if _kind_of(obj) is not None), None)


HOOKS = Hooks(
    read_attribute=read_attribute,
    write_attribute=write_attribute,
    delete_attribute=delete_attribute,
    read_named=read_named,
    write_named=write_named,
    delete_named=delete_named,
    read_global=read_global,
    write_global=write_global,
    delete_global=delete_global,
    read_cell=read_cell,
    write_cell=write_cell,
    read_item=read_item,
    write_item=write_item,
    delete_item=delete_item,
    read_container=read_container,
    write_container=write_container,
    call_method=call_method,
    advance=advance,
)
