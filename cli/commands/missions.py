"""`tt mission`: many tasks that work towards issues and documents."""

from __future__ import annotations

import click

from tinytown.cli.call import reached
from tinytown.cli.commands.events import show_events
from tinytown.cli.commands.mission_control import complete, delete, fail, note, pause, resume, stop
from tinytown.cli.commands.mission_dispatch import dispatch
from tinytown.cli.commands.mission_following import follow as follow_mission
from tinytown.cli.commands.mission_items import approve, redirect, reject, retry, update
from tinytown.cli.commands.mission_planning import plan, start
from tinytown.cli.commands.mission_sheets import as_data, print_lines, print_view
from tinytown.cli.commands.mission_watches import override_watch, snooze, watches
from tinytown.cli.options import group, json_option
from tinytown.cli.output import echo_json

__all__ = ["mission"]


@group("mission")
def mission() -> None:
    """Have issues and documents worked off, as a graph of tasks.

    MISSION, ITEM and WATCH are ids, or at least four characters of their
    beginning; ITEM may be its issue, too: acme/shop#12 or #12.

    \b
    Start here:
      tt mission plan 12 13 14         see what it would do
      tt mission start 12 13 14        begin; prints its id
      tt mission status 3f2a --follow  watch it
    """


@mission.command("list")
@click.option("-a", "--all", "everything", is_flag=True, help="Those that have ended, too.")
@json_option
@click.pass_context
def list_missions(ctx: click.Context, *, everything: bool, as_json: bool) -> None:
    """List the missions that have not ended, the newest first.

    \b
    Examples:
      tt mission list
      tt mission list --all --json
    """
    _list(ctx, everything=everything, as_json=as_json)


@mission.command("status")
@click.argument("mission_id", metavar="[MISSION]", required=False)
@click.option("--work", is_flag=True, help="Show all items, with everything about them.")
@click.option("--watch", is_flag=True, help="Show all watches of pull requests.")
@click.option("--dispatcher", is_flag=True, help="Show what drives it, and all notes.")
@click.option("-f", "--follow", is_flag=True, help="Follow it until it ends; exit 1 if it has failed.")
@json_option
@click.pass_context
def status(ctx: click.Context, mission_id: str | None, *, work: bool, watch: bool, dispatcher: bool, follow: bool, as_json: bool) -> None:
    """Show how a mission stands and what it waits for; without MISSION, all that have not ended.

    \b
    Examples:
      tt mission status
      tt mission status 3f2a --work --watch
      tt mission status 3f2a --follow
    """
    if mission_id is None:
        if work or watch or dispatcher or follow:
            raise click.UsageError("say which mission: `tt mission list` shows them")
        _list(ctx, everything=False, as_json=as_json)
        return
    if follow and (work or watch or dispatcher):
        raise click.UsageError("--follow goes with --json only")
    with reached(ctx, light=True) as town:
        view = town.missions.view(mission_id)
        if follow:
            follow_mission(ctx, town, view.mission.id, as_json=as_json)
        elif as_json:
            echo_json(as_data(view))
        else:
            print_view(town, view, work=work, watches=watch, dispatcher=dispatcher)


@mission.command("events")
@click.argument("mission_id", metavar="MISSION")
@click.option("-n", "--count", metavar="N", type=click.IntRange(min=0), default=20, show_default=True, help="How many to begin with.")
@click.option("-f", "--follow", is_flag=True, help="Go on with what happens from now on, until Ctrl-C.")
@json_option
@click.pass_context
def events(ctx: click.Context, mission_id: str, *, count: int, follow: bool, as_json: bool) -> None:
    """Show what happened in a mission, oldest first.

    With --follow --json each is a line of JSON of its own.

    \b
    Examples:
      tt mission events 3f2a
      tt mission events 3f2a -f -n 0
    """
    with reached(ctx, light=True) as town:
        stream = town.events.stream(mission=town.missions.find(mission_id).id)
        show_events(town, stream, count, follow=follow, as_json=as_json)


def _list(ctx: click.Context, *, everything: bool, as_json: bool) -> None:
    with reached(ctx, light=True) as town:
        found, now = town.missions.list(active_only=not everything), town.desk.now()
    if as_json:
        echo_json([as_data(line) for line in found])
        return
    print_lines(found, now)
    if not found:
        click.echo(
            "no missions" if everything else "no mission is under way; `tt mission list --all` shows those that have ended", err=True
        )


for _command in (
    plan, start, note, pause, resume, stop, approve, reject, redirect, retry, update, complete, fail, delete, dispatch, watches, snooze,
    override_watch,
):  # fmt: skip
    mission.add_command(_command)
