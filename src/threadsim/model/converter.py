"""A cattrs converter that coerces nothing, and says in words what is wrong.

cattrs by itself makes ``int("12")`` of a string where a number should be: fine for forms, wrong for a file
that only we write. Here a value that is not of its field's type is an error, and so is a field too many.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from reprlib import Repr
from typing import Any, Literal, cast, get_args, get_origin

import attrs
import cattrs
from cattrs.errors import (
    AttributeValidationNote,
    BaseValidationError,
    ForbiddenExtraKeysError,
    IterableValidationNote,
)
from cattrs.gen import make_dict_structure_fn

from threadsim.model.event import Kind
from threadsim.model.site import Site
from threadsim.model.trace import Outcome

_short = Repr()
_short.maxstring = _short.maxother = 60


class FieldError(ValueError):
    """A value that is not what its field should hold."""

    def __init__(self, wanted: str, got: object) -> None:
        super().__init__(f"should be {wanted}, got {_short.repr(got)}")


def complaint(error: BaseValidationError) -> str:
    """The first thing that an error of the converter complains of: ``field 'obj' should be …``."""
    path = ""
    inner: BaseException = error
    while isinstance(inner, BaseValidationError):
        inner = inner.exceptions[0]
        path += _step(inner)
    if isinstance(inner, ForbiddenExtraKeysError):
        return f"unknown field {min(inner.extra_fields)!r}"
    name = repr(path.removeprefix("."))
    if isinstance(inner, KeyError):
        return f"field {name} is missing"
    return f"field {name} {inner}"


def _step(error: BaseException) -> str:
    """What an error inside another adds to the path of the field it is about."""
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, AttributeValidationNote):
            return f".{note.name}"
        if isinstance(note, IterableValidationNote):
            return f"[{note.index}]"
    return ""


def make_converter() -> cattrs.Converter:
    """A converter for the attrs classes of this room: a Site is a JSON array, defaults are left out."""
    converter = cattrs.Converter(omit_if_default=True, forbid_extra_keys=True)
    converter.register_unstructure_hook(Site, attrs.astuple)
    for cls, hook in _PLAIN.items():
        converter.register_structure_hook(cls, hook)
    for words in (Kind, Outcome):  # by name, for the hook of str is one for its subclasses too
        converter.register_structure_hook(words, _one_of(words))
    converter.register_structure_hook_func(lambda cls: cls == dict[str, str], _texts)
    converter.register_structure_hook_factory(_is_a(Literal), _one_of)
    converter.register_structure_hook_factory(_is_a(tuple), lambda cls: _many(cls, converter))
    converter.register_structure_hook_factory(
        lambda cls: attrs.has(cls) and cls is not Site, lambda cls: _fields(cls, converter)
    )
    return converter


def _is_a(origin: object) -> Callable[[Any], bool]:
    """Whether a type is ``origin[...]``."""
    return lambda cls: cast(object, get_origin(cls)) is origin


Hook = Callable[[Any, Any], Any]


def _whole(value: object, _: object) -> int:
    if type(value) is not int:  # a bool is an int to isinstance
        raise FieldError("a whole number", value)
    return value


def _number(value: object, _: object) -> float:
    if type(value) is float and math.isfinite(value):  # 1e999 is infinity to json
        return value
    if type(value) is int:
        return value
    raise FieldError("a number", value)


def _text(value: object, _: object) -> str:
    if type(value) is not str:
        raise FieldError("a string", value)
    return value


def _truth(value: object, _: object) -> bool:
    if type(value) is not bool:
        raise FieldError("true or false", value)
    return value


def _texts(value: object, _: object) -> dict[str, str]:
    if type(value) is not dict or any(type(text) is not str for text in value.values()):
        raise FieldError("an object of strings", value)
    return value


_SITE_TYPES = [str, int, int, int, int, str]


def _site(value: object, _: object) -> Site:
    if type(value) is not list or [type(part) for part in value] != _SITE_TYPES:
        raise FieldError("[file, line, column, end line, end column, function]", value)
    return _same_site(*value)


@lru_cache(maxsize=4096)
def _same_site(*parts: Any) -> Site:
    """Events of one line share their site: a long trace has many events at few sites."""
    return Site(*parts)


_PLAIN: dict[Any, Hook] = {
    int: _whole,
    float: _number,
    str: _text,
    bool: _truth,
    Site: _site,
}


def _one_of(words: Any) -> Hook:
    """For an enumeration of words or a Literal."""
    known = {str(word): word for word in get_args(words) or words}
    wanted = f"one of {', '.join(known)}"

    def hook(value: object, _: object) -> Any:
        if type(value) is not str or value not in known:
            raise FieldError(wanted, value)
        return known[value]

    return hook


def _many(cls: Any, converter: cattrs.Converter) -> Hook:
    """For a tuple of any length."""
    items = cast(Any, list)[get_args(cls)[0]]
    each = converter.get_structure_hook(items)

    def hook(value: object, _: object) -> tuple[Any, ...]:
        if type(value) is not list:
            raise FieldError("an array", value)
        return tuple(each(value, items))

    return hook


def _fields(cls: Any, converter: cattrs.Converter) -> Hook:
    """For an attrs class."""
    inner = make_dict_structure_fn(cls, converter, _cattrs_forbid_extra_keys=True)

    def hook(value: object, _: object) -> Any:
        if type(value) is not dict:
            raise FieldError("an object", value)
        return inner(value, cls)

    return hook
