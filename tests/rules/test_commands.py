"""Every command explains itself, with an example, and stands in docs/cli.md."""

from __future__ import annotations

import click
import pytest

from tests.rules.project import ROOT
from tests.rules.reference import leaves, page
from tinytown.cli.commands import COMMANDS, Row

SAY_NOTHING_TO_PROGRAMS = {"tt townhall rest", "tt up", "tt down", "tt worker", "tt clock", "tt scaler", "tt demo", "tt completion"}
"""Commands that run something, or print what is no data."""

LONGEST_HELP = 80  # characters, or the list of commands wraps

each_row = pytest.mark.parametrize("row", COMMANDS.values(), ids=COMMANDS)


@each_row
def test_the_table_says_what_the_command_says_of_itself(row: Row) -> None:
    _, context = next(leaves(row.name))

    assert context.command.name == row.name
    assert context.command.get_short_help_str(LONGEST_HELP) == row.help


@each_row
def test_a_command_has_help_with_an_example(row: Row) -> None:
    for name, context in leaves(row.name):
        text = context.command.help or ""
        assert text, f"`{name}` has no help"
        if isinstance(context.command, click.Group):
            continue
        assert f"  {name}" in text or "$(" + name in text, f"the help of `{name}` has no example"


@each_row
def test_every_option_says_what_it_is_for(row: Row) -> None:
    for name, context in leaves(row.name):
        silent = [option.opts for option in context.command.params if isinstance(option, click.Option) and not option.help]
        assert silent == [], name


@each_row
def test_the_global_options_are_taken_after_the_name(row: Row) -> None:
    for name, context in leaves(row.name):
        options = {word for option in context.command.params for word in option.opts}
        assert {"--town", "-t", "--verbose", "-v"} <= options, name


@each_row
def test_what_prints_data_prints_json_on_request(row: Row) -> None:
    for name, context in leaves(row.name):
        options = {word for option in context.command.params for word in option.opts}
        assert "--json" in options or isinstance(context.command, click.Group) or name in SAY_NOTHING_TO_PROGRAMS, name


@each_row
def test_an_option_has_one_name_everywhere(row: Row) -> None:
    """`--rounds` here and `--max-rounds` there confuse people."""
    banned = {"--rounds": "--max-rounds", "--format": "--json", "--path": "--town"}
    for name, context in leaves(row.name):
        options = {word for option in context.command.params for word in option.opts}
        assert not options & set(banned), name


def test_the_reference_is_current() -> None:
    written = ROOT / "docs" / "cli.md"

    assert written.exists(), "run `make docs`"
    assert written.read_text(encoding="utf-8") == page(), "run `make docs`"
