"""The command line: ``threadsim trace``, ``simulate``, ``replay``, ``show``, ``check``.

Thin: each command reads its words, calls a room below, and says what came of it. The program's own output goes
to standard output, what threadsim has to say to standard error, so that either can be piped. Exit status:
0 passed, 1 the program failed, 2 bad usage or bad input, 3 diverged, 130 Ctrl-C.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console

from threadsim import analyse as _analyse  # noqa: F401 - answers a trace's questions about order
from threadsim.analyse.properties import check_property
from threadsim.model.codec import load, save
from threadsim.model.disk import write_whole
from threadsim.model.errors import Divergence, OrderingError, ThreadsimError
from threadsim.model.trace import Outcome, Trace
from threadsim.record.run_script import trace_script
from threadsim.render import FORMATS, Window, render
from threadsim.render.text import timeline
from threadsim.simulate.api import changed_sources, replay_along
from threadsim.simulate.execution import Execution
from threadsim.simulate.program import Program, Script
from threadsim.simulate.simulator import MAX_STEPS, Simulator
from threadsim.strategy.table import STRATEGIES, make_strategy

FAILED, BAD_INPUT, DIVERGED, CTRL_C = 1, 2, 3, 130
TRACES = "traces"
_BINARY = frozenset({"png", "pdf"})

F = TypeVar("F", bound=Callable[..., Any])


def main() -> None:
    """The console script: the same for each run, so with hashes that are."""
    _fix_hash_seed()
    try:
        cli(prog_name="threadsim", standalone_mode=True)
    except ThreadsimError as error:
        _complain(error)
        sys.exit(BAD_INPUT)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # whoever read the output has had enough
        sys.exit(0)


def _fix_hash_seed() -> None:
    """Begin again with PYTHONHASHSEED=0, unless it is set: sets of strings then iterate the same in each process.

    Not for ``trace``, under which a program must not tell that it is traced.
    """
    if "PYTHONHASHSEED" in os.environ or sys.argv[1:2] == ["trace"]:
        return
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    command = [sys.executable, *sys.orig_argv[1:]]
    if os.name == "posix":
        sys.stdout.flush()
        os.execve(sys.executable, command, environment)
    sys.exit(subprocess.call(command, env=environment))


def _complain(error: ThreadsimError) -> None:
    print(f"threadsim: {error}", file=sys.stderr)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="threadsim")
def cli() -> None:
    """Trace, simulate, replay and draw programs that use Python's threading."""


_PROGRAM_WORDS = {"allow_interspersed_args": False}
"""Our options come before the script; from the first word that is none on, all is the program's."""


def _common(*, quiet: bool = True) -> Callable[[F], F]:
    """The options that several commands have."""

    def decorate(command: F) -> F:
        command = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of words.")(command)
        if quiet:
            command = click.option("--quiet", "-q", is_flag=True, help="Do not show the program's output.")(command)
        return command

    return decorate


_format = click.option(
    "--format", "-f", "formats", multiple=True, type=click.Choice(list(FORMATS)), help="Draw it, too; may be repeated."
)
_output = click.option("--output", "-o", type=click.Path(), help=f"Where to save the trace; default: below {TRACES}/.")
_include = click.option("--include", "-i", multiple=True, metavar="PKG", help="Watch an installed package, too.")
_script = click.argument("script", type=click.Path())
_words = click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[ARGS]...")


@cli.command(context_settings=_PROGRAM_WORDS)
@_output
@_format
@click.option("--quiet", "-q", is_flag=True, help="Do not say where the trace is.")
@_script
@_words
def trace(output: str | None, formats: Sequence[str], quiet: bool, script: str, words: Sequence[str]) -> None:
    """Run SCRIPT for real, as python would, and record what its threads do."""
    path = output or _default_path(script)
    status = trace_script(script, words, path)
    if not quiet:
        recorded = load(path)
        _say(f"threadsim: {_count(len(recorded.events), 'event')} of {_count(len(recorded.threads), 'thread')} in {path}")
    _draw(formats, path)
    sys.exit(status)


@cli.command(context_settings=_PROGRAM_WORDS)
@click.option("--seed", "-s", type=int, default=0, show_default=True, help="Which interleaving.")
@click.option("--strategy", type=click.Choice(list(STRATEGIES)), default="random", show_default=True)
@_include
@click.option("--max-steps", type=click.IntRange(1), default=MAX_STEPS, show_default=True, help="Livelock after these.")
@_output
@_format
@_common()
@_script
@_words
def simulate(
    seed: int,
    strategy: str,
    include: Sequence[str],
    max_steps: int,
    output: str | None,
    formats: Sequence[str],
    quiet: bool,
    as_json: bool,
    script: str,
    words: Sequence[str],
) -> None:
    """Run SCRIPT once under the scheduler: one seed, one interleaving, always.

    --seed and --strategy may also stand right after SCRIPT. What follows is the program's own; a double dash
    says so where it could be taken for ours.
    """
    ours, arguments = _split(words, {"--seed": int, "-s": int, "--strategy": str})
    seed = ours.get("--seed", ours.get("-s", seed))
    strategy = ours.get("--strategy", strategy)
    program = Script(script, arguments)
    execution = _simulated(program, strategy, seed, include, max_steps, not (quiet or as_json))
    path = output or _default_path(script, seed)
    save(execution.trace, path)
    _report(execution, path, as_json, seed)
    _draw(formats, path)
    sys.exit(_status(execution.outcome))


def _simulated(
    program: Program, strategy: str, seed: int, include: Sequence[str], max_steps: int, shown: bool
) -> Execution:
    chooser = make_strategy(strategy, seed)
    with Simulator(program, include=include, max_steps=max_steps, shown=shown) as simulator:
        return simulator.execute(chooser, seed)


@cli.command(context_settings=_PROGRAM_WORDS)
@click.option("--seed", "-s", type=int, help="For a SCRIPT: which interleaving.")
@_format
@_common()
@click.argument("target", metavar="TRACE|SCRIPT", type=click.Path())
@_words
def replay(
    seed: int | None, formats: Sequence[str], quiet: bool, as_json: bool, target: str, words: Sequence[str]
) -> None:
    """Run a program again along a TRACE, exactly; or SCRIPT --seed N, as simulate does.

    A recorded trace of a real run is followed as far as the program allows.
    """
    if not target.endswith((".jsonl", ".jsonl.gz")):
        ours, arguments = _split(words, {"--seed": int, "-s": int})
        seed = ours.get("--seed", ours.get("-s", seed))
        if seed is None:
            raise click.UsageError(f"{target} is not a trace (*.jsonl, *.jsonl.gz); for a script, give --seed N")
        execution = _simulated(Script(target, arguments), "random", seed, (), MAX_STEPS, not (quiet or as_json))
        _report(execution, None, as_json, seed)
    else:
        if words:
            raise click.UsageError("a trace is replayed with the arguments that it was made with")
        execution = _replayed(target, as_json, not (quiet or as_json))
        _report(execution, target, as_json, None)
    _draw_trace(formats, execution.trace, Path(target).with_suffix(""))
    sys.exit(_status(execution.outcome))


def _replayed(path: str, as_json: bool, shown: bool) -> Execution:
    saved = load(path)
    changed = changed_sources(saved.header)
    if changed:
        _say(f"threadsim: changed since the trace was made: {', '.join(changed)}")
    try:
        return replay_along(Script(_program_of(saved, path), saved.header.arguments), saved, shown=shown)
    except Divergence as error:
        if as_json:
            _print_json(outcome=Outcome.DIVERGED, executions=1, failure=_failure("diverged", str(error), None, path))
        else:
            _say(f"threadsim: diverged from {path}: {error}")
        sys.exit(DIVERGED)


def _program_of(saved: Trace, path: str) -> str:
    program = saved.header.program
    if not program.endswith(".py") and not os.path.exists(program):
        raise ThreadsimError(f"{path} was made from the function {program}: replay it with threadsim.replay, in Python")
    return program


@cli.command()
@click.option("--format", "-f", "form", type=click.Choice(list(FORMATS)), help="Default: by the name of FILE, or text.")
@click.option("--output", "-o", metavar="FILE", type=click.Path(), help="Default: standard output.")
@click.option("--from", "first", type=click.IntRange(0), metavar="N", help="The first event, by number.")
@click.option("--to", "last", type=click.IntRange(0), metavar="N", help="The last one.")
@click.option("--thread", "threads", multiple=True, metavar="NAME", help="Only these threads; may be repeated.")
@click.argument("trace_file", metavar="TRACE", type=click.Path())
def show(
    form: str | None, output: str | None, first: int | None, last: int | None, threads: Sequence[str], trace_file: str
) -> None:
    """Show a TRACE: as text, or as a diagram."""
    saved = load(trace_file)
    window = Window(first, last, tuple(threads))
    form = form or _format_of(output)
    if output is not None:
        _write(output, render(saved, form, window=window))
    elif form == "text" and sys.stdout.isatty():
        Console().print(timeline(saved, window))
    elif form in _BINARY and sys.stdout.isatty():
        raise click.UsageError(f"{form} is not for a terminal: give -o FILE")
    else:
        _to_stdout(render(saved, form, window=window))


def _format_of(output: str | None) -> str:
    suffix = "" if output is None else Path(output).suffix.removeprefix(".")
    return suffix if suffix in FORMATS else "text"


def _to_stdout(drawn: str | bytes) -> None:
    data = drawn if isinstance(drawn, bytes) else drawn.encode("utf-8", "backslashreplace")
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


@cli.command()
@_common(quiet=False)
@click.argument("trace_file", metavar="TRACE", type=click.Path())
@click.argument("properties", metavar="PROPERTY...", nargs=-1, required=True)
def check(as_json: bool, trace_file: str, properties: Sequence[str]) -> None:
    """Check ordering properties on a TRACE: 'start Thread-1 before acquire lock by Thread-1'.

    A property is events joined by "before" (this trace's order) or by "happens-before" (the order that
    synchronisation enforces in every schedule).
    """
    saved = load(trace_file)
    for text in properties:
        try:
            check_property(saved, text)
        except OrderingError as error:
            if as_json:
                _print_json(outcome=Outcome.FAILED, failure=_failure("property", str(error), None, trace_file))
            else:
                _complain(error)
            sys.exit(FAILED)
    if as_json:
        _print_json(outcome=Outcome.PASSED, trace=trace_file)


# What is said, where it goes.


def _split(words: Sequence[str], known: dict[str, Callable[[str], Any]]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Our options right after the script, and the program's own words."""
    ours: dict[str, Any] = {}
    rest = list(words)
    while rest and rest[0] != "--":
        name, equals, value = rest[0].partition("=")
        if name not in known:
            break
        del rest[0]
        if not equals:
            if not rest:
                raise click.UsageError(f"{name} needs a value")
            value = rest.pop(0)
        try:
            ours[name] = known[name](value)
        except ValueError:
            raise click.UsageError(f"{name} needs a whole number, not {value!r}") from None
    if rest and rest[0] == "--":
        del rest[0]
    return ours, tuple(rest)


def _default_path(script: str, seed: int | None = None) -> str:
    name = Path(script).stem or "trace"
    try:
        os.makedirs(TRACES, exist_ok=True)
    except OSError as error:
        raise ThreadsimError(f"cannot make the folder {TRACES}: {error.strerror}; give -o FILE") from None
    return os.path.join(TRACES, f"{name}.jsonl" if seed is None else f"{name}.seed-{seed}.jsonl")


def _report(execution: Execution, path: str | None, as_json: bool, seed: int | None) -> None:
    ending = execution.trace.ending
    message = "" if ending is None else ending.message
    outcome = execution.outcome
    if as_json:
        failure = None if outcome is Outcome.PASSED else _failure(outcome, message, seed, path)
        _print_json(outcome=outcome, executions=1, exhausted=False, failure=failure, trace=path)
        return
    how = f"seed {seed}: " if seed is not None else ""
    _say(f"threadsim: {how}{message if outcome is Outcome.DEADLOCK else ': '.join(filter(None, (outcome, message)))}")
    if execution.matched is not None:
        _say(f"threadsim: {execution.matched[0]} of {execution.matched[1]} recorded events happened in the recorded order")
    elif path is not None and seed is not None:
        _say(f"threadsim: again with: threadsim replay {path}")


def _failure(kind: str, message: str, seed: int | None, path: str | None) -> dict[str, Any]:
    return {"kind": kind, "message": message, "seed": seed, "schedule_number": None, "trace": path}


def _print_json(**values: Any) -> None:
    print(json.dumps(values, ensure_ascii=False, default=str))


def _status(outcome: Outcome) -> int:
    if outcome is Outcome.PASSED:
        return 0
    return CTRL_C if outcome is Outcome.INTERRUPTED else DIVERGED if outcome is Outcome.DIVERGED else FAILED


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _draw(formats: Sequence[str], path: str) -> None:
    """Draw a trace beside its file; text goes to standard output."""
    if formats:
        _draw_trace(formats, load(path), Path(path.removesuffix(".gz")).with_suffix(""))


def _draw_trace(formats: Sequence[str], drawn: Trace, stem: Path) -> None:
    for form in formats:
        if form == "text":
            _to_stdout(render(drawn, form))
        else:
            _write(f"{stem}.{form}", render(drawn, form))
            _say(f"threadsim: drawn in {stem}.{form}")


def _write(path: str, drawn: str | bytes) -> None:
    """Write a whole file or none."""
    try:
        write_whole(path, drawn if isinstance(drawn, bytes) else drawn.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise ThreadsimError(f"cannot write {path}: {error.strerror or error}") from None

