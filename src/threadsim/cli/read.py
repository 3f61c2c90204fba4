"""The commands that read a trace: ``show``, ``check``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from threadsim.analyse.properties import check_property
from threadsim.cli.options import file, json_option
from threadsim.cli.output import say, to_stdout, to_terminal, write_file
from threadsim.cli.report import FAILED, failure, failure_of, print_json
from threadsim.model.codec import load
from threadsim.model.errors import OrderingError
from threadsim.model.trace import Outcome, Trace
from threadsim.render import FORMATS, Window, render
from threadsim.render.text import timeline

_BINARY = frozenset({"png", "pdf"})
_SUFFIXES = {"": "text", ".txt": "text", **{f".{form}": form for form in FORMATS}}

_trace_argument = click.argument("trace_file", metavar="TRACE", type=file)


@click.command(short_help="Show a TRACE as text, or as a diagram.")
@click.option(
    "--format", "-f", "form", type=click.Choice(list(FORMATS)), help="Default: by the name of FILE, or text."
)
@click.option("--output", "-o", metavar="FILE", type=file, help="Default: standard output.")
@click.option("--from", "first", type=click.IntRange(0), metavar="N", help="The first event, by number.")
@click.option("--to", "last", type=click.IntRange(0), metavar="N", help="The last one.")
@click.option(
    "--thread", "threads", multiple=True, metavar="NAME", help="Only these threads; may be repeated."
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print the outcome as a JSON object; draw only into FILE."
)
@_trace_argument
def show(
    form: str | None,
    output: str | None,
    first: int | None,
    last: int | None,
    threads: Sequence[str],
    as_json: bool,
    trace_file: str,
) -> int:
    """Show a TRACE: as text, or as a diagram."""
    form = form or _format_of(output)
    saved = load(trace_file)
    window = Window(first, last, tuple(threads))
    if output is not None:
        write_file(output, render(saved, form, window=window))
    elif not as_json:
        _show(saved, form, window)
    if as_json:
        print_json(saved.outcome, failure=failure_of(saved, trace_file), trace=trace_file)
    return 0


def _format_of(output: str | None) -> str:
    suffix = "" if output is None or output.startswith("/dev/") else Path(output).suffix
    if suffix not in _SUFFIXES:
        raise click.UsageError(
            f"there is no format {suffix[1:]!r}; choose one with --format: {', '.join(FORMATS)}",
            click.get_current_context(),
        )
    return _SUFFIXES[suffix]


def _show(saved: Trace, form: str, window: Window) -> None:
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    if is_terminal and form == "text":
        to_terminal(timeline(saved, window))
    elif is_terminal and form in _BINARY:
        raise click.UsageError(f"{form} is not for a terminal: give -o FILE", click.get_current_context())
    else:
        to_stdout(render(saved, form, window=window))


@click.command(short_help="Check ordering properties on a TRACE.")
@json_option
@_trace_argument
@click.argument("properties", metavar="PROPERTY...", nargs=-1, required=True)
def check(as_json: bool, trace_file: str, properties: Sequence[str]) -> int:
    """Check ordering properties on a TRACE: 'start Thread-1 before acquire lock by Thread-1'.

    A property is events joined by "before" (this trace's order) or by "happens-before" (the order that
    synchronisation enforces in every schedule). An event is KIND [OBJECT] [by THREAD].
    """
    saved = load(trace_file)
    for text in properties:
        try:
            check_property(saved, text)
        except OrderingError as error:
            if as_json:
                violated = failure("property", str(error), trace_file, saved.header.seed)
                print_json(Outcome.FAILED, failure=violated, trace=trace_file)
            else:
                say(str(error))
            return FAILED
    if as_json:
        print_json(Outcome.PASSED, trace=trace_file)
    return 0
