"""What is said to a whole mission: notes, pausing, stopping, ending, deleting."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tinytown.cli.call import reached
from tinytown.cli.commands.mission_sheets import as_data, standing
from tinytown.cli.identity import speaker
from tinytown.cli.options import command, json_option
from tinytown.cli.output import echo_json
from tinytown.cli.start import warn_if_nothing_runs
from tinytown.cli.texts import file_option, given_text
from tinytown.config import environment

if TYPE_CHECKING:
    from tinytown.cli.call import AnyTown
    from tinytown.services.missions import Moved

__all__ = ["complete", "delete", "fail", "note", "pause", "resume", "stop"]


@command("note")
@click.argument("mission")
@click.argument("text", required=False)
@file_option("the note")
@json_option
@click.pass_context
def note(ctx: click.Context, mission: str, text: str | None, *, file: Path | None, as_json: bool) -> None:
    """Say something to a mission.

    `resume`, `pause` and `redirect ITEM to AGENT` are done; anything else is
    passed on to the agents that are at work for it.

    \b
    Examples:
      tt mission note 3f2a resume
      tt mission note 3f2a "redirect 91c0 to grace"
      tt mission note 3f2a "the API keeps its old names"
      tt mission note 3f2a --file decision.md
    """
    body = given_text(text, file, name="the note")
    with reached(ctx, light=True) as town:
        said = town.missions.note(mission, body, sender=_by(town))
        echo_json(said) if as_json else click.echo(f"Mission {said.mission_id[:8]} has the note, and heeds it with its next tick")
        warn_if_nothing_runs(town)


@command("pause")
@click.argument("mission")
@click.option("-r", "--reason", metavar="TEXT", default="", help="Why; it is shown wherever the mission is.")
@json_option
@click.pass_context
def pause(ctx: click.Context, mission: str, *, reason: str, as_json: bool) -> None:
    """Begin nothing new; what agents are at goes on.

    \b
    Examples:
      tt mission pause 3f2a --reason "release freeze"
    """
    with reached(ctx, light=True) as town:
        _print_moved(town.missions.pause(mission, reason, by=_by(town)), as_json=as_json)


@command("resume")
@click.argument("mission")
@json_option
@click.pass_context
def resume(ctx: click.Context, mission: str, *, as_json: bool) -> None:
    """Go on; what has failed or stalls is tried again.

    Harmless when the mission runs. It makes up no result of a check: see
    `tt mission override-watch` for that.

    \b
    Examples:
      tt mission resume 3f2a
    """
    with reached(ctx, light=True) as town:
        _print_moved(town.missions.resume(mission, by=_by(town)), as_json=as_json)
        warn_if_nothing_runs(town)


@command("stop")
@click.argument("mission")
@click.option("--force", is_flag=True, help="For good: the mission has failed, and cannot be resumed.")
@json_option
@click.pass_context
def stop(ctx: click.Context, mission: str, *, force: bool, as_json: bool) -> None:
    """Take back what agents have of a mission.

    `tt mission resume` begins again with what is not done.

    \b
    Examples:
      tt mission stop 3f2a
      tt mission stop 3f2a --force
    """
    with reached(ctx, light=True) as town:
        _print_moved(town.missions.stop(mission, force=force, by=_by(town)), as_json=as_json)


@command("complete")
@click.argument("mission")
@json_option
@click.pass_context
def complete(ctx: click.Context, mission: str, *, as_json: bool) -> None:
    """Say that a mission is completed; the rest is cancelled.

    \b
    Examples:
      tt mission complete 3f2a
    """
    with reached(ctx, light=True) as town:
        _print_moved(town.missions.complete(mission, by=_by(town)), as_json=as_json)


@command("fail")
@click.argument("mission")
@click.argument("reason", required=False)
@json_option
@click.pass_context
def fail(ctx: click.Context, mission: str, reason: str | None, *, as_json: bool) -> None:
    """Give a mission up.

    REASON may be - to read it from stdin.

    \b
    Examples:
      tt mission fail 3f2a
      tt mission fail 3f2a "the customer wants something else"
    """
    said = None if reason is None else given_text(reason, None, name="the reason").strip()
    with reached(ctx, light=True) as town:
        by = _by(town)
        why = f"given up by {by}" if said is None or said == "" else said
        _print_moved(town.missions.fail(mission, why, by=by), as_json=as_json)


@command("delete")
@click.argument("mission")
@click.option("--force", is_flag=True, help="Whatever its state; what agents have of it is taken back.")
@json_option
@click.pass_context
def delete(ctx: click.Context, mission: str, *, force: bool, as_json: bool) -> None:
    """Forget a mission that has ended.

    \b
    Examples:
      tt mission delete 3f2a
      tt mission delete 3f2a --force
    """
    with reached(ctx, light=True) as town:
        gone = town.missions.delete(mission, force=force, by=_by(town))
    echo_json(as_data(gone)) if as_json else click.echo(f"Mission {gone.short_id} is deleted")


def _by(town: AnyTown) -> str:
    return speaker(town, environment()).name


def _print_moved(moved: Moved, *, as_json: bool) -> None:
    if as_json:
        echo_json({"before": moved.before, "mission": as_data(moved.mission)})
        return
    now = standing(moved.mission)
    was = f" (it was {moved.before.value})" if moved.before is not moved.mission.state else ""
    click.echo(f"Mission {moved.mission.short_id} is {now}{was}")
