"""Loading a command only when it is called, so that none pays for the others' imports."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

import click

from tinytown.cli.commands import COMMANDS, SECTIONS
from tinytown.cli.options import TownGroup
from tinytown.cli.output import wants_colour

__all__ = ["LazyGroup"]

SIGPIPE_EXIT = 141  # what a shell reports of a program that SIGPIPE ended


class LazyGroup(TownGroup):
    """The group at the top, whose commands are rows of a table until they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command of that name."""
        row = COMMANDS.get(cmd_name)
        if row is None:
            return None
        module, _, attribute = row.target.partition(":")
        loaded = getattr(import_module(module), attribute)
        assert isinstance(loaded, click.Command), f"{row.target} is not a command"
        return loaded

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; of an unknown one, say which are spelt alike."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            from difflib import get_close_matches

            alike = get_close_matches(name, COMMANDS, n=3, cutoff=0.6)
            hint = f"; did you mean {' or '.join(alike)}?" if alike else ""
            ctx.fail(f"no such command: {name!r}{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sections of the help, without importing a command."""
        for title, rows in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(row.name, row.help) for row in rows], col_max=12)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """The commands that start like this, without importing them all."""
        from click.shell_completion import CompletionItem

        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        return [CompletionItem(row.name, help=row.help) for row in COMMANDS.values() if row.name.startswith(incomplete)]

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a reader that went away (`tt list | head`) ends it quietly."""
        if sys.stdout.isatty():
            from tinytown.config import environment

            ctx.color = wants_colour(environment())
        try:
            answer = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or Python complains when it flushes at exit
            ctx.exit(SIGPIPE_EXIT)
        return answer
