"""What rewritten code calls before it touches shared state.

The hot path. A hook returns at once while nobody else could see the access, or if it is called in another OS
thread than the execution's (see `threadsim.simulate.stage`); then it finds out what is touched, comes to a
scheduling point, and notes the access with the value, if that is small.
"""

from __future__ import annotations

from _thread import get_ident
from collections import deque
from gc import get_referents
from types import BuiltinMethodType
from typing import Any

from threadsim.instrument.access import Access, Hooks
from threadsim.instrument.containers import WRITING_METHODS
from threadsim.model.event import Kind
from threadsim.simulate import stage
from threadsim.simulate.accesses import DELETE, READ, WRITE, come_to, note
from threadsim.simulate.attribute_hooks import (
    delete_attribute,
    delete_named,
    read_attribute,
    read_named,
    write_attribute,
    write_named,
)
from threadsim.simulate.kernel import Kernel
from threadsim.simulate.notes import ABSENT
from threadsim.strategy.steps import Mode

_KEYS = frozenset({int, str, bytes, type(None)})
"""Types whose values tell one item of a container from another; others stand for the whole of it."""

_ORDERED_BY_INDEX = frozenset({"list", "deque", "bytearray"})

_CONTAINERS = (list, dict, set, deque, bytearray)


# Globals and closure cells.


def read_global(access: Access) -> None:
    """Before a global is read."""
    kernel = stage.watching
    if kernel is None or (stage.mixed and get_ident() != stage.thread):
        return
    entry = kernel.registry.namespace(access.namespace)
    if come_to(kernel, READ, access, entry):
        note(kernel, READ, access, entry, None, access.namespace.globals.get(access.name, ABSENT))


def write_global(value: Any, access: Access) -> None:
    """Before a global is rebound."""
    kernel = stage.watching
    if kernel is None or (stage.mixed and get_ident() != stage.thread):
        return
    entry = kernel.registry.namespace(access.namespace)
    if come_to(kernel, WRITE, access, entry):
        note(kernel, WRITE, access, entry, None, value)


def delete_global(access: Access) -> None:
    """Before ``del name`` of a global."""
    kernel = stage.watching
    if kernel is None or (stage.mixed and get_ident() != stage.thread):
        return
    entry = kernel.registry.namespace(access.namespace)
    if come_to(kernel, DELETE, access, entry):
        note(kernel, DELETE, access, entry, None, ABSENT)


def read_cell(cell: Any, access: Access) -> None:
    """Before a variable of an enclosing function is read."""
    kernel = stage.watching
    if kernel is None or (stage.mixed and get_ident() != stage.thread):
        return
    entry = kernel.registry.cell(cell, access.name)
    if come_to(kernel, READ, access, entry):
        try:
            value = cell.cell_contents
        except ValueError:
            value = ABSENT
        note(kernel, READ, access, entry, None, value)


def write_cell(value: Any, cell: Any, access: Access) -> None:
    """Before a variable of an enclosing function is rebound."""
    kernel = stage.watching
    if kernel is None or (stage.mixed and get_ident() != stage.thread):
        return
    entry = kernel.registry.cell(cell, access.name)
    if come_to(kernel, WRITE, access, entry):
        note(kernel, WRITE, access, entry, None, value)


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
    if come_to(kernel, kind, access, entry, key if is_item else None):
        is_new = not by_index and not dict.__contains__(container, key)
        if is_new and kind is READ and hasattr(type(container), "__missing__"):
            kind = WRITE  # a defaultdict makes it
        if kind is DELETE or (kind is WRITE and is_new):
            kernel.touch(entry, Mode.WRITE)  # the others change places, or their order does
        if kind is READ and is_item:
            value = _peek(container, key)
        note(kernel, kind, access, entry, repr(key) if is_item else None, value)


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
    if come_to(kernel, kind, access, entry):
        note(kernel, kind, access, entry, None, ABSENT)


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
    for obj in get_referents(iterator):
        if _kind_of(obj) is not None:
            return obj
    return None


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
