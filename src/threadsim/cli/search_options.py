"""The options of a search, read off its settings."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import attrs
import click

from threadsim.cli.options import AfterScript, file, taken
from threadsim.explore.searches import SEARCH_NAMES
from threadsim.explore.settings import Settings, SettingsError
from threadsim.render import FORMATS

F = TypeVar("F", bound=Callable[..., Any])

_TYPES: dict[str, Any] = {
    "strategy": click.Choice(list(SEARCH_NAMES)),
    "seconds": click.FLOAT,
    "include": click.STRING,
    "races": None,
}
_SHORT = {"schedules": "-n", "seed": "-s", "jobs": "-j", "include": "-i"}
_METAVARS = {
    "schedules": "N",
    "seconds": "T",
    "jobs": "J",
    "include": "PKG",
    "max_steps": "N",
    "depth": "D",
    "preemptions": "N",
    "delays": "N",
}
_KEEP_GOING = "keep_going"  # says the opposite of the setting `stop_on_first`


@attrs.frozen
class Telling:
    """How a search is told.

    Attributes:
        output: Where the failing trace goes, None for the usual place.
        formats: How it is drawn.
        quiet: Whether there is neither progress nor an explanation.
        as_json: Whether it is told as JSON.
    """

    output: str | None = None
    formats: tuple[str, ...] = ()
    quiet: bool = False
    as_json: bool = False

    def __attrs_post_init__(self) -> None:
        if self.as_json and "text" in self.formats:
            raise click.UsageError(
                "--json has standard output for itself: leave out --format text", click.get_current_context()
            )


@attrs.frozen
class SearchWords:
    """What the options before the script said, by name."""

    said: dict[str, Any]

    def taken_from(self, words: Sequence[str]) -> tuple[Settings, Telling, tuple[str, ...]]:
        """Add those right after the script.

        Returns:
            The settings, how to tell what came of it, and the program's own arguments.

        Raises:
            click.UsageError: One of them has no value, or one that makes no sense.
        """
        more, arguments = taken(words, _AFTER_SCRIPT)
        for name in ("include", "formats"):
            more[name] = (*self.said.get(name, ()), *([more[name]] if name in more else []))
        said = {**self.said, **more}
        told = {name: said.pop(name) for name in _TELLING if name in said}
        return _settings(said), Telling(**told), arguments


def _settings(said: dict[str, Any]) -> Settings:
    if said.pop(_KEEP_GOING, False):
        said["stop_on_first"] = False
    try:
        return Settings(**said)
    except SettingsError as error:
        raise click.UsageError(str(error), click.get_current_context()) from None


def search_options(command: F) -> F:
    """Give a command an option for each setting; these and those of `Telling` are its argument ``search``."""

    @functools.wraps(command)
    def with_search(**values: Any) -> Any:
        said = {name: values.pop(name) for name in (*_NAMES, *_TELLING)}
        given = {
            name: value for name, value in said.items() if value is not False and value not in (None, ())
        }
        return command(search=SearchWords(given), **values)

    for field in reversed(attrs.fields(Settings)):
        with_search = _option(field)(with_search)
    return with_search  # type: ignore[return-value]


def _is_silence(value: Any) -> bool:
    return value is None or value is False or value == ()


def _option(field: Any) -> Any:
    """The option of a setting."""
    words, kind = field.metadata["help"], _type(field.name)
    if field.name == "stop_on_first":
        return click.option(f"--{_word(_KEEP_GOING)}", is_flag=True, help="Go on after the first failure.")
    names = [f"--{_word(field.name)}", *([_SHORT[field.name]] if field.name in _SHORT else [])]
    if kind is None:
        return click.option(*names, is_flag=True, help=words)
    if field.default not in (None, ()):
        words = f"{words}  [default: {field.default}]"
    metavar = _METAVARS.get(field.name)
    return click.option(*names, type=kind, multiple=field.default == (), metavar=metavar, help=words)


def _type(name: str) -> Any:
    return _TYPES.get(name, click.INT)


def _word(name: str) -> str:
    return name.replace("_", "-")


_NAMES = [_KEEP_GOING if field.name == "stop_on_first" else field.name for field in attrs.fields(Settings)]
_TELLING = [field.name for field in attrs.fields(Telling)]
_AFTER_SCRIPT: AfterScript = {
    "--json": ("as_json", None),
    **dict.fromkeys(("--quiet", "-q"), ("quiet", None)),
    **dict.fromkeys(("--output", "-o"), ("output", file)),
    **dict.fromkeys(("--format", "-f"), ("formats", click.Choice(list(FORMATS)))),
    **{f"--{_word(name)}": (name, None if name == _KEEP_GOING else _type(name)) for name in _NAMES},
    **{short: (name, _type(name)) for name, short in _SHORT.items()},
}
