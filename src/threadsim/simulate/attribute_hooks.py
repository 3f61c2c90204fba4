"""What rewritten code calls before it touches an attribute: whose that is, and the access."""

from __future__ import annotations

import _thread
import _threading_local
from _thread import get_ident
from types import MemberDescriptorType, ModuleType
from typing import Any

from threadsim.instrument.access import Access
from threadsim.simulate import stage
from threadsim.simulate.accesses import DELETE, READ, WRITE, come_to, note
from threadsim.simulate.kernel import Kernel
from threadsim.simulate.notes import ABSENT
from threadsim.simulate.registry import Entry
from threadsim.strategy.steps import Mode

_LOCAL = (_thread._local, _threading_local.local)


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
    if entry is not None and come_to(kernel, READ, access, entry):
        owner = _owner_of_default(obj, name)
        if owner is not None and name not in getattr(obj, "__dict__", ()):
            _touch_both(kernel, obj, owner, name)
        note(kernel, READ, access, entry, None, _value_of(holder, name, owner))


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
    if entry is not None and come_to(kernel, WRITE, access, entry):
        note(kernel, WRITE, access, entry, None, value)


def delete_attribute(obj: Any, access: Access) -> None:
    """Before ``del obj.name``."""
    kernel = stage.watching
    if kernel is None or (stage.mixed and get_ident() != stage.thread):
        return
    holder = _holder(obj, access.name, writes=True)
    if holder is None:
        return
    entry = _entry_of_holder(kernel, holder, access.name)
    if entry is not None and come_to(kernel, DELETE, access, entry):
        note(kernel, DELETE, access, entry, None, ABSENT)


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
