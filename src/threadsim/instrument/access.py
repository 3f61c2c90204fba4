"""What rewriting knows beforehand about one access in the source."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from threadsim.model.event import Kind
from threadsim.model.site import Site


@attrs.define(slots=True)
class Namespace:
    """The globals of one module, as they are in the present execution.

    Rewritten code is kept from one execution to the next while a module's dictionary is not, so the code
    refers to this holder, which whoever runs the module fills.
    """

    file: str
    globals: dict[str, Any] = attrs.field(factory=dict, repr=False)


@attrs.frozen(slots=True, eq=False)
class Access:
    """One place in the source that touches shared state: what is the same each time it is passed.

    Attributes:
        kind: ``read``, ``write`` or ``delete``.
        name: The attribute, global or cell; for a container's method the method; otherwise empty.
        site: Where it stands.
        namespace: The globals of the module that it stands in.
    """

    kind: Kind
    name: str
    site: Site
    namespace: Namespace


@attrs.frozen(slots=True)
class Hooks:
    """The functions that rewritten code calls just before it touches something.

    They are plain Python functions, called from bytecode without a C frame between, so that a switch of
    greenlets has almost no C stack to copy.

    Attributes:
        read_attribute: ``(object, access)``
        write_attribute: ``(value, object, access)``
        delete_attribute: ``(object, access)``
        read_named: ``(object, name, access)``: ``getattr``, ``hasattr``
        write_named: ``(value, object, name, access)``: ``setattr``
        delete_named: ``(object, name, access)``: ``delattr``
        read_global: ``(access)``
        write_global: ``(value, access)``
        delete_global: ``(access)``
        read_cell: ``(cell, access)``
        write_cell: ``(value, cell, access)``
        read_item: ``(container, key, access)``
        write_item: ``(value, container, key, access)``
        delete_item: ``(container, key, access)``
        read_container: ``(container, access)``: ``len``, ``in``, truth, iteration begun, a slice read
        write_container: ``(container, access)``: a slice written, ``+=`` in place
        call_method: ``(bound method, access)``: the callee of a call that may be a container's method
        advance: ``(iterator, access)``: before each step of a ``for``
    """

    read_attribute: Callable[[Any, Access], None]
    write_attribute: Callable[[Any, Any, Access], None]
    delete_attribute: Callable[[Any, Access], None]
    read_named: Callable[[Any, Any, Access], None]
    write_named: Callable[[Any, Any, Any, Access], None]
    delete_named: Callable[[Any, Any, Access], None]
    read_global: Callable[[Access], None]
    write_global: Callable[[Any, Access], None]
    delete_global: Callable[[Access], None]
    read_cell: Callable[[Any, Access], None]
    write_cell: Callable[[Any, Any, Access], None]
    read_item: Callable[[Any, Any, Access], None]
    write_item: Callable[[Any, Any, Any, Access], None]
    delete_item: Callable[[Any, Any, Access], None]
    read_container: Callable[[Any, Access], None]
    write_container: Callable[[Any, Access], None]
    call_method: Callable[[Any, Access], None]
    advance: Callable[[Any, Access], None]
