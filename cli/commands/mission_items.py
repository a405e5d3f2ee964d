"""What is decided about single items of a mission: verdicts, redirecting, another chance, how they stand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tinytown.cli.call import reached
from tinytown.cli.identity import Speaker, speaker
from tinytown.cli.options import command, json_option
from tinytown.cli.output import clean, echo_json, shortened
from tinytown.cli.texts import file_option, given_text
from tinytown.config import environment
from tinytown.errors import AmbiguousReference, WorkItemNotFound

if TYPE_CHECKING:
    from tinytown.cli.call import AnyTown
    from tinytown.domain.ids import AgentId
    from tinytown.domain.work_item import WorkItem

__all__ = ["approve", "redirect", "reject", "retry", "update"]


@command("approve")
@click.argument("mission")
@click.argument("item", required=False)
@click.option("--remark", metavar="TEXT", default="", help="What to keep with it.")
@json_option
@click.pass_context
def approve(ctx: click.Context, mission: str, item: str | None, *, remark: str, as_json: bool) -> None:
    """Approve an item as it is now.

    ITEM may be left out when only one waits for a verdict. An agent cannot
    approve what is its own.

    \b
    Examples:
      tt mission approve 3f2a
      tt mission approve 3f2a 91c0 --remark "tried it by hand"
      tt mission approve 3f2a acme/shop#12
    """
    with reached(ctx, light=True) as town:
        who = speaker(town, environment())
        approved = town.missions.approve(mission, item, by=who.name, agent=_judge(who), remark=remark)
    _print(approved, as_json=as_json)


@command("reject")
@click.argument("mission")
@click.argument("words", metavar="[ITEM] REASON", nargs=-1)
@file_option("the reason")
@json_option
@click.pass_context
def reject(ctx: click.Context, mission: str, words: tuple[str, ...], *, file: Path | None, as_json: bool) -> None:
    """Have an item changed; REASON says what is wrong with it.

    ITEM may be left out when only one waits for a verdict. REASON may be - to
    read it from stdin.

    \b
    Examples:
      tt mission reject 3f2a "the error path has no test"
      tt mission reject 3f2a 91c0 "the error path has no test"
      tt mission reject 3f2a 91c0 --file review.md
    """
    if len(words) > 2 - (file is not None):
        raise click.UsageError("that is too much: put REASON in quotation marks")
    item = words[0] if len(words) + (file is not None) == 2 else None
    said = words[-1] if words and file is None else None
    with reached(ctx, light=True) as town:
        if item is None and said is not None and _is_item(town, mission, said):
            raise click.UsageError(f"say what is wrong with it: tt mission reject {mission} {said} REASON")
        reason = given_text(said, file, name="REASON")
        who = speaker(town, environment())
        rejected = town.missions.reject(mission, item, reason, by=who.name, agent=_judge(who))
    _print(rejected, as_json=as_json)


@command("redirect")
@click.argument("mission")
@click.argument("words", metavar="[ITEM] AGENT", nargs=-1)
@click.option("-r", "--reason", metavar="TEXT", default="", help="Why; both agents are told.")
@json_option
@click.pass_context
def redirect(ctx: click.Context, mission: str, words: tuple[str, ...], *, reason: str, as_json: bool) -> None:
    """Give an item to another agent.

    ITEM may be left out when only one is not finished.

    \b
    Examples:
      tt mission redirect 3f2a 91c0 grace
      tt mission redirect 3f2a grace --reason "ada is away"
    """
    if not 1 <= len(words) <= 2:
        raise click.UsageError("say to whom: MISSION [ITEM] AGENT")
    item = words[0] if len(words) == 2 else None
    with reached(ctx, light=True) as town:
        by = speaker(town, environment()).name
        given = town.missions.redirect(mission, item, words[-1], reason, by=by)
        to = town.agents.find(words[-1]).name
    when = "" if given.meant_for is None else " as soon as it has time"
    echo_json(given) if as_json else click.echo(f"{to} gets {given.short_id}{when}: {shortened(given.label)}")


@command("retry")
@click.argument("mission")
@click.argument("item", required=False)
@json_option
@click.pass_context
def retry(ctx: click.Context, mission: str, item: str | None, *, as_json: bool) -> None:
    """Give an item another chance, or all that failed or wait for help.

    \b
    Examples:
      tt mission retry 3f2a
      tt mission retry 3f2a 91c0
    """
    with reached(ctx, light=True) as town:
        again = town.missions.retry(mission, item, by=speaker(town, environment()).name)
    if as_json:
        echo_json(again)
        return
    for one in again:
        _print(one, as_json=False)
    if not again:
        click.echo("nothing failed or waits for help", err=True)


@command("update")
@click.argument("mission")
@click.argument("item")
@click.option("-s", "--status", type=click.Choice(["ready", "blocked", "done"]), help="How it stands; ready is again, or all the same.")
@click.option("--artifact", "artifacts", metavar="REF", multiple=True, help="What it made, such as a pull request. May be repeated.")
@json_option
@click.pass_context
def update(ctx: click.Context, mission: str, item: str, *, status: str | None, artifacts: tuple[str, ...], as_json: bool) -> None:
    """Say how an item stands, or what it has made.

    \b
    Examples:
      tt mission update 3f2a 91c0 --status done
      tt mission update 3f2a 91c0 --artifact acme/shop#40
    """
    from tinytown.domain.work_item import WorkStatus

    if status is None and not artifacts:
        raise click.UsageError("give --status, --artifact or both")
    to = None if status is None else WorkStatus(status)
    with reached(ctx, light=True) as town:
        by = speaker(town, environment()).name
        updated = town.missions.update_item(mission, item, status=to, artifacts=artifacts, by=by)
    _print(updated, as_json=as_json)


def _judge(who: Speaker) -> AgentId | None:
    """The agent that judges; it must not judge its own work."""
    return None if who.agent is None else who.agent.id


def _is_item(town: AnyTown, mission: str, word: str) -> bool:
    """Is this an item, rather than a reason?"""
    try:
        town.missions.item(mission, word)
    except AmbiguousReference:
        return True
    except WorkItemNotFound:
        return False
    return True


def _print(item: WorkItem, *, as_json: bool) -> None:
    if as_json:
        echo_json(item)
        return
    waits = f", waiting for {clean(item.waiting_for)}" if item.waiting_on is not None else ""
    click.echo(f"Item {item.short_id} is {item.status.value}{waits}: {shortened(item.label)}")
