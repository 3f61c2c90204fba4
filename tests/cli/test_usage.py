"""Help, and words that are none of ours: bad usage is one line and exit status 2."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.cli import run
from threadsim.cli.command import cli

COMMANDS = sorted(cli.commands)


def test_commands_are_those_of_the_contract() -> None:
    assert COMMANDS == ["check", "explore", "replay", "show", "simulate", "trace"]


def test_help_lists_every_command_with_a_whole_sentence() -> None:
    ran = run("--help")

    assert (ran.status, ran.err) == (0, "")
    for command in COMMANDS:
        assert re.search(rf"^  {command} +\S.*\.$", ran.out, re.MULTILINE), ran.out


def test_without_a_command_help_goes_to_standard_error() -> None:
    ran = run()

    assert (ran.status, ran.out) == (2, "")
    assert ran.err == run("--help").out


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_explains_each_option(command: str) -> None:
    ran = run(command, "-h")

    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith(f"Usage: threadsim {command} [OPTIONS] ")
    for parameter in cli.commands[command].params:
        assert parameter.opts[0] in ran.out or parameter.human_readable_name in ran.out
    assert all(getattr(parameter, "help", "") != "" for parameter in cli.commands[command].params)


def test_version_is_a_number_or_says_that_there_is_none() -> None:
    ran = run("--version")

    assert ran.status == 0
    assert re.fullmatch(r"threadsim (\d+\.\d+\.\d+\S*|\(not installed\))\n", ran.out)


SCRIPT = "examples/empty_thread.py"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["fly"], "no such command 'fly' (see threadsim --help)"),
        (["--fly"], "no such option '?--fly'? (see threadsim --help)"),
        (["simulate"], "missing argument 'SCRIPT' (see threadsim simulate --help)"),
        (["simulate", "--fly", SCRIPT], "no such option.* --help)"),
        (
            ["simulate", "--seed", "x", SCRIPT],
            "invalid value for '--seed' / '-s': 'x' is not a valid integer (.*)",
        ),
        (["simulate", SCRIPT, "--seed", "x"], "invalid value for '--seed': 'x' is not a valid integer (.*)"),
        (["simulate", SCRIPT, "--seed=1.5"], "invalid value for '--seed': '1.5' is not a valid integer (.*)"),
        (["simulate", SCRIPT, "--seed"], "--seed needs a value (see threadsim simulate --help)"),
        (
            ["simulate", "--strategy", "x", SCRIPT],
            "invalid value for '--strategy': 'x' is not one of .* (.*)",
        ),
        (
            ["simulate", SCRIPT, "--strategy", "x"],
            "invalid value for '--strategy': 'x' is not one of 'random', .*",
        ),
        (
            ["simulate", "--max-steps", "0", SCRIPT],
            "invalid value for '--max-steps': 0 is not in the range .*",
        ),
        (["simulate", "--include", "no_such_package", SCRIPT], "there is no package 'no_such_package' .*"),
        (["simulate", ""], "invalid value for 'SCRIPT': the name of a file is empty (.*)"),
        (
            ["simulate", "--output", "", SCRIPT],
            "invalid value for '--output' / '-o': the name of a file is empty .*",
        ),
        (["simulate", "--json", "-f", "text", SCRIPT], "--json has standard output for itself: .*"),
        (["trace", "--json", "-f", "text", SCRIPT], "--json has standard output for itself: .*"),
        (["trace", "--seed", "1", SCRIPT], "no such option.*"),
        (["replay", SCRIPT], "examples/empty_thread.py is a script, not a trace: give --seed N, too (.*)"),
        (["show"], "missing argument 'TRACE' (see threadsim show --help)"),
        (["show", "a", "b"], "got unexpected extra argument (b) (see threadsim show --help)"),
        (
            ["show", "t.jsonl", "-f", "html"],
            "invalid value .*: 'html' is not one of 'text', 'dot', 'svg', 'png', .*",
        ),
        (
            ["show", "t.jsonl", "-o", "t.html"],
            "there is no format 'html'; choose one with --format: text, dot, .*",
        ),
        (["show", "t.jsonl", "--from", "-1"], "invalid value for '--from': -1 is not in the range .*"),
        (["check", "t.jsonl"], "missing argument 'PROPERTY...' (see threadsim check --help)"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_usage_is_refused_in_a_line(words: list[str], complaint: str, folder: Path) -> None:
    before = sorted(folder.rglob("*"))

    said = run(*words).complaint()

    pattern = complaint.replace("(", r"\(").replace(")", r"\)")
    assert re.fullmatch(pattern, said), said
    assert sorted(folder.rglob("*")) == before
