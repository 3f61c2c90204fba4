"""The words of a command line: which are ours, and which are the program's."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import attrs
import click

from threadsim.render import FORMATS
from threadsim.simulate.simulator import MAX_STEPS
from threadsim.strategy.table import STRATEGIES

F = TypeVar("F", bound=Callable[..., Any])

OURS_FIRST = {"allow_interspersed_args": False}
"""For a command that runs a program: from the first word that is no option on, all is the program's."""


class File(click.Path):
    """The name of a file, which is not looked at here."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse the empty word, that an unset variable of a shell leaves behind."""
        if value == "":
            self.fail("the name of a file is empty", param, ctx)
        return super().convert(value, param, ctx)


file = File(readable=False)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of words.")
quiet_option = click.option("--quiet", "-q", is_flag=True, help="Do not show the program's output.")
formats_option = click.option(
    "--format",
    "-f",
    "formats",
    multiple=True,
    type=click.Choice(list(FORMATS)),
    help="Draw it, too; may be repeated.",
)
trace_option = click.option(
    "--output", "-o", metavar="FILE", type=file, help="Where to save the trace; default: below traces/."
)
script_argument = click.argument("script", type=file)
words_argument = click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[ARGS]...")


@attrs.frozen
class Settings:
    """Which execution of a program; None where nothing was said."""

    seed: int | None = None
    strategy: str | None = None
    include: tuple[str, ...] = ()
    max_steps: int | None = None

    @property
    def said(self) -> list[str]:
        """The names of the options that were given."""
        return [
            f"--{field.replace('_', '-')}"
            for field, value in attrs.asdict(self).items()
            if value not in (None, ())
        ]

    def taken_from(self, words: Sequence[str]) -> tuple[Settings, tuple[str, ...]]:
        """Add those right after the script: ``--seed`` and ``--strategy``, up to ``--`` or another word.

        Returns:
            The settings, and the program's own arguments.

        Raises:
            click.UsageError: One of them has no value, or one that it cannot have.
        """
        said, rest = taken(words, _AFTER_SCRIPT)
        return attrs.evolve(self, **said), rest


AfterScript = Mapping[str, tuple[str, Any]]
"""Options that may also stand right after the script: the field that they set, and the type of its value.

The type is None for a flag."""


def taken(words: Sequence[str], options: AfterScript) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Take such options from the front of what stands after the script, up to ``--`` or another word.

    Returns:
        What was said, by field, and the program's own arguments.

    Raises:
        click.UsageError: One of them has no value, or one that it cannot have.
    """
    said: dict[str, Any] = {}
    rest = list(words)
    while rest and rest[0].partition("=")[0] in options:
        name, equals, value = rest.pop(0).partition("=")
        field, kind = options[name]
        if kind is None:
            said[field] = True
            continue
        if not equals and not rest:
            raise click.UsageError(f"{name} needs a value", click.get_current_context())
        said[field] = _value(kind, value if equals else rest.pop(0), name)
    if rest[:1] == ["--"]:
        del rest[0]
    return said, tuple(rest)


_strategy = click.Choice(list(STRATEGIES))
_AFTER_SCRIPT: AfterScript = {
    "--seed": ("seed", click.INT),
    "-s": ("seed", click.INT),
    "--strategy": ("strategy", _strategy),
}


def _value(kind: Any, text: str, name: str) -> Any:
    context = click.get_current_context()
    try:
        return kind.convert(text, None, context)
    except click.BadParameter as error:
        raise click.UsageError(f"invalid value for '{name}': {error.message}", context) from None


def settings_options(command: F) -> F:
    """Give a command the options of `Settings`, and their values as its argument ``settings``."""

    @functools.wraps(command)
    def with_settings(seed: Any, strategy: Any, include: Any, max_steps: Any, **others: Any) -> Any:
        return command(settings=Settings(seed, strategy, tuple(include), max_steps), **others)

    options = [
        click.option("--seed", "-s", type=int, help="Which interleaving.  [default: 0]"),
        click.option("--strategy", type=_strategy, help="What picks the next thread.  [default: random]"),
        click.option(
            "--include", "-i", multiple=True, metavar="PKG", help="Watch an installed package, too."
        ),
        click.option(
            "--max-steps",
            type=click.IntRange(1),
            metavar="N",
            help=f"Livelock after these.  [default: {MAX_STEPS}]",
        ),
    ]
    for option in reversed(options):
        with_settings = option(with_settings)
    return with_settings  # type: ignore[return-value]
