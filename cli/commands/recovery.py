"""`tt recover` and `tt reclaim`: work that nobody is at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tinytown.cli.call import opened
from tinytown.cli.notes import note
from tinytown.cli.options import command, json_option
from tinytown.cli.output import counted, echo_json, shortened
from tinytown.cli.progress import progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinytown.services.reclaiming import Reclaimed

__all__ = ["reclaim", "recover"]

_WENT = {
    "backlog": "to the backlog",
    "agent": "moved",
    "settled": "settled: the task has ended, or is another's",
}
"""Where it went, in words; else the word of the service."""


@command("recover")
@json_option
@click.pass_context
def recover(ctx: click.Context, *, as_json: bool) -> None:
    """Bring back what died.

    This is what the clock does every few seconds: turns whose worker died are
    ended and their mail is put back; where a wake-up was lost, it is given
    again. A turn that is alive is never touched, wherever it runs.

    \b
    Examples:
      tt recover
    """
    with opened(ctx, light=True) as town, progress("looking for what died"):
        swept = town.recovery.sweep()
        names = town.desk.names(set(swept.reaped))
    if as_json:
        echo_json({"reaped": [{"id": agent, "name": names.get(agent)} for agent in swept.reaped], "rung": swept.rung, "asked": swept.asked})
        return
    for agent in swept.reaped:
        click.echo(f"{names.get(agent, agent[:8])}: its turn was dead; the mail is back")
    if swept.rung:
        click.echo(f"{counted(swept.rung, 'agent')} woken again")
    if swept.asked:
        click.echo(f"{counted(swept.asked, 'task')} on the way again")
    if not swept.total:
        click.echo("nothing had died")


@command("reclaim")
@click.option("--from", "source", metavar="AGENT", help="Only the mail of this agent.")
@click.option("--to", metavar="AGENT", help="Move it to this agent.")
@click.option("--to-backlog", is_flag=True, help="Put the tasks into the backlog; other mail stays.")
@click.option("--orphan-tasks", is_flag=True, help="Open tasks whose agent is gone, stopped or in error, instead of mail.")
@click.option("--cancel", is_flag=True, help="With --orphan-tasks: cancel them.")
@click.option("--delete", is_flag=True, help="With --orphan-tasks: delete them.")
@json_option
@click.pass_context
def reclaim(
    ctx: click.Context,
    *,
    source: str | None,
    to: str | None,
    to_backlog: bool,
    orphan_tasks: bool,
    cancel: bool,
    delete: bool,
    as_json: bool,
) -> None:
    """Move the work of agents that are gone.

    Those are the agents that are stopped or in error. Without a destination
    nothing is touched, only listed.

    \b
    Examples:
      tt reclaim                             # what is there to move
      tt reclaim --to-backlog
      tt reclaim --from ada --to grace
      tt reclaim --orphan-tasks --to-backlog
      tt reclaim --orphan-tasks --cancel
    """
    _refuse_contradictions(source, to, to_backlog=to_backlog, orphan_tasks=orphan_tasks, cancel=cancel, delete=delete)
    with opened(ctx, light=True) as town, progress("looking for work that nobody is at"):
        if orphan_tasks:
            found = town.recovery.rescue_orphans(to_backlog=to_backlog, cancel=cancel, delete=delete, to=to)
        else:
            found = town.recovery.reclaim(to=to, to_backlog=to_backlog, of=source)
    if as_json:
        echo_json(found)
        return
    _print_found(found, "orphaned task" if orphan_tasks else "message")


def _refuse_contradictions(source: str | None, to: str | None, *, to_backlog: bool, orphan_tasks: bool, cancel: bool, delete: bool) -> None:
    ways = {"--to": to is not None, "--to-backlog": to_backlog, "--cancel": cancel, "--delete": delete}
    chosen = [name for name, given in ways.items() if given]
    if len(chosen) > 1:
        raise click.UsageError(f"{' and '.join(chosen)} exclude each other")
    if (cancel or delete) and not orphan_tasks:
        raise click.UsageError(f"{chosen[0]} goes with --orphan-tasks; mail is never thrown away here")
    if source is not None and orphan_tasks:
        raise click.UsageError("--from is about mail, --orphan-tasks about tasks: they exclude each other")


def _print_found(found: Sequence[Reclaimed], thing: str) -> None:
    for one in found:
        what = one.message.summarised() if one.message is not None else ""
        if one.task is not None:
            what = f"task {one.task.short_id} {one.task.title}"
        click.echo(f"{one.agent.name}: {shortened(what)} — {_WENT.get(one.went, one.went.value)}")
    listed = sum(one.went == "listed" for one in found)
    moved = len(found) - listed
    click.echo(f"{counted(moved, thing)} dealt with, {listed} left" if moved else f"{counted(listed, thing)}; nothing was touched")
    if listed and not moved:
        note("say where to: --to AGENT or --to-backlog")
