"""What a mission watches of pull requests: showing it, putting it off, and waiting for it no more."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from tinytown.cli.call import reached
from tinytown.cli.commands.mission_watches_sheet import watch_lines
from tinytown.cli.identity import speaker
from tinytown.cli.options import command, json_option
from tinytown.cli.output import duration, echo_json
from tinytown.cli.spans import Span
from tinytown.cli.texts import given_text
from tinytown.config import environment

if TYPE_CHECKING:
    from tinytown.domain.watch import Watch

__all__ = ["override_watch", "snooze", "watches"]


@command("watches")
@click.argument("mission")
@json_option
@click.pass_context
def watches(ctx: click.Context, mission: str, *, as_json: bool) -> None:
    """List what a mission watches of its pull requests.

    \b
    Examples:
      tt mission watches 3f2a
      tt mission watches 3f2a --json
    """
    with reached(ctx, light=True) as town:
        view, now = town.missions.view(mission), town.desk.now()
    if as_json:
        echo_json(view.watches)
        return
    for line in watch_lines(view, now, whole=True):
        click.echo(line)
    if not view.watches:
        click.echo("nothing is watched: no item has a pull request yet", err=True)


@command("snooze")
@click.argument("mission")
@click.argument("watch")
@click.argument("span", metavar="SECONDS", type=Span(seconds=True))
@json_option
@click.pass_context
def snooze(ctx: click.Context, mission: str, watch: str, span: timedelta, *, as_json: bool) -> None:
    """Look at something only after a while.

    SECONDS may have a unit: 45m, 12h, 2d.

    \b
    Examples:
      tt mission snooze 3f2a 7be1 600
      tt mission snooze 3f2a 7be1 2h
    """
    with reached(ctx, light=True) as town:
        later = town.missions.snooze(mission, watch, span, by=speaker(town, environment()).name)
    echo_json(later) if as_json else click.echo(f"{_named(later)} is looked at again in {duration(span)}")


@command("override-watch")
@click.argument("mission")
@click.argument("watch")
@click.argument("reason")
@json_option
@click.pass_context
def override_watch(ctx: click.Context, mission: str, watch: str, reason: str, *, as_json: bool) -> None:
    """Let nothing wait for a watch any more.

    Who said so, and REASON, is kept with it. REASON may be - to read it from
    stdin.

    \b
    Examples:
      tt mission override-watch 3f2a 7be1 "the CI provider is down, tried by hand"
    """
    why = given_text(reason, None, name="REASON")
    with reached(ctx, light=True) as town:
        over = town.missions.override_watch(mission, watch, why, by=speaker(town, environment()).name)
    echo_json(over) if as_json else click.echo(f"Nothing waits for {_named(over)} any more")


def _named(watch: Watch) -> str:
    return f"{watch.kind.value} of {watch.target_ref}"
