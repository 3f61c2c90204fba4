"""The command ``threadsim`` itself, and what becomes of its errors."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from threadsim import analyse as _analyse  # noqa: F401 - answers a trace's questions about order
from threadsim.cli.execute import replay, simulate, trace
from threadsim.cli.explore import explore
from threadsim.cli.output import discard_output, say
from threadsim.cli.read import check, show
from threadsim.cli.report import BAD_INPUT, CTRL_C
from threadsim.model.errors import ThreadsimError


def main(words: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        words: Those after ``threadsim``; the process's own unless given.

    Returns:
        The exit status.
    """
    try:
        status = cli.main(words, prog_name="threadsim", standalone_mode=False)
    except click.ClickException as error:
        return _refuse(_in_a_line(error))
    except ThreadsimError as error:
        return _refuse(str(error))
    except (KeyboardInterrupt, click.Abort):
        say("interrupted")
        return CTRL_C
    except OSError as error:
        discard_output(sys.stdout)
        return _refuse(str(error))
    return status or 0


def _refuse(message: str) -> int:
    say(message)
    return BAD_INPUT


def _in_a_line(error: click.ClickException) -> str:
    """``no such option '--sed' (see threadsim simulate --help)``."""
    message = error.format_message().rstrip(".")
    message = message[:1].lower() + message[1:]
    context = error.ctx if isinstance(error, click.UsageError) else None
    return message if context is None else f"{message} (see {context.command_path} --help)"


def _print_version(context: click.Context, option: click.Parameter, wanted: bool) -> None:
    if not wanted:
        return
    from importlib.metadata import PackageNotFoundError, version  # only here: it is slow to import

    try:
        number = version("threadsim")
    except PackageNotFoundError:
        number = "(not installed)"
    click.echo(f"threadsim {number}")
    context.exit()


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit status: 0 passed; 1 the program failed; 2 bad usage or input; 3 diverged; 130 Ctrl-C.",
    invoke_without_command=True,
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version.",
)
@click.pass_context
def cli(context: click.Context) -> None:
    """Trace, simulate, explore, replay and draw programs that use Python's threading."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        context.exit(BAD_INPUT)


for _command in (trace, simulate, explore, replay, show, check):
    cli.add_command(_command)
