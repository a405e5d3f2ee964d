"""Commands that other programs are told to run: whether ours understand them."""

from __future__ import annotations

import click

from tinytown.cli.app import tt

__all__ = ["check_command"]


def check_command(words: list[str]) -> None:
    """Fail unless `tt` or `townhall` understands these words; nothing is run."""
    program, *rest = words
    command: click.Command | None = tt if program == "tt" else tt.get_command(click.Context(tt), program)
    assert command is not None, f"{program} is no command of ours"
    context = click.Context(command, info_name=program)
    while isinstance(command, click.Group):
        context = command.make_context(program, list(rest), parent=None)
        name, found, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        assert found is not None, name
        command = found
    command.make_context(command.name, list(rest), parent=context)
