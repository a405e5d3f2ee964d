"""What all commands have in common: `--town` and `--verbose` anywhere, `--json` where data is printed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from tinytown.cli.call import call_of

__all__ = ["TownCommand", "TownGroup", "command", "group", "json_option"]

F = TypeVar("F", bound=Callable[..., Any])


def _remember_town(ctx: click.Context, _param: click.Parameter, path: Path | None) -> None:
    if path is not None:
        call_of(ctx).town = path


def _remember_verbose(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted:
        call_of(ctx).verbose = True


def _global_options() -> list[click.Parameter]:
    return [
        click.Option(
            ["-t", "--town"],
            metavar="PATH",
            type=click.Path(path_type=Path),
            expose_value=False,
            callback=_remember_town,
            help="The town's directory; else TINYTOWN_TOWN, else this directory or the nearest above it with a town.",
        ),
        click.Option(
            ["-v", "--verbose"],
            is_flag=True,
            is_eager=True,  # so that a bad option after it is shown in full
            expose_value=False,
            callback=_remember_verbose,
            help="Say more; show tracebacks.",
        ),
    ]


class TownCommand(click.Command):
    """A command that takes the global options after its name, too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("context_settings", {}).setdefault("help_option_names", ["-h", "--help"])
        super().__init__(*args, **kwargs)
        self.params.extend(_global_options())


class TownGroup(TownCommand, click.Group):
    """A group of commands, such as `tt task`."""

    command_class = TownCommand
    group_class = type


def command(name: str, **attributes: Any) -> Callable[[Callable[..., Any]], TownCommand]:
    """Make a function a command of `tt`."""
    return click.command(name, cls=TownCommand, **attributes)


def group(name: str, **attributes: Any) -> Callable[[Callable[..., Any]], TownGroup]:
    """Make a function a group of commands of `tt`."""
    return click.group(name, cls=TownGroup, **attributes)


def json_option(function: F) -> F:
    """Add `--json`; the function gets it as `as_json`.

    Errors of a call with `--json` are printed as JSON, too.
    """
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")(function)
