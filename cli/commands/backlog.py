"""`tt backlog`: tasks that nobody is meant for yet."""

from __future__ import annotations

from pathlib import Path

import click

from tinytown.cli.call import reached
from tinytown.cli.commands.task_sheets import print_tasks
from tinytown.cli.identity import speaker
from tinytown.cli.notes import note, note_if_held
from tinytown.cli.options import group, json_option
from tinytown.cli.output import counted, echo_json, shortened
from tinytown.cli.progress import progress
from tinytown.cli.texts import file_option, given_text
from tinytown.config import environment

__all__ = ["backlog"]


@group("backlog")
def backlog() -> None:
    """Keep tasks until somebody takes them."""


@backlog.command("add")
@click.argument("text", required=False)
@file_option("the task")
@click.option("--tags", metavar="A,B", default="", help="Words to find it by; agents claim what suits their role.")
@json_option
@click.pass_context
def add(ctx: click.Context, text: str | None, *, file: Path | None, tags: str, as_json: bool) -> None:
    """Add a task.

    \b
    Examples:
      tt backlog add "write the changelog" --tags docs
      tt backlog add --file idea.md
    """
    description = given_text(text, file, name="the task")
    with reached(ctx, light=True) as town:
        added = town.backlog.add(description, tags=tags.split(","), by=speaker(town, environment()).id)
    echo_json(added) if as_json else click.echo(added.id)


@backlog.command("list")
@click.option("-n", "--limit", metavar="N", type=click.IntRange(min=1), default=50, show_default=True, help="Show at most so many.")
@json_option
@click.pass_context
def list_backlog(ctx: click.Context, *, limit: int, as_json: bool) -> None:
    """List the waiting tasks, the oldest first.

    \b
    Examples:
      tt backlog list
      tt backlog list --limit 500 --json
    """
    with reached(ctx, light=True) as town:
        waiting = town.backlog.list(limit)
        if as_json:
            echo_json(waiting)
            return
        print_tasks(town, waiting)
        total = town.backlog.length()
    if not waiting:
        click.echo("the backlog is empty", err=True)
    if total > len(waiting):
        note(f"{total - len(waiting)} more wait: `--limit {total}` shows them")


@backlog.command("claim")
@click.argument("task_id", metavar="TASK")
@click.argument("agent", required=False)
@json_option
@click.pass_context
def claim(ctx: click.Context, task_id: str, agent: str | None, *, as_json: bool) -> None:
    """Give a waiting task to an agent.

    Nothing moves unless both are there. Inside a turn, AGENT is the agent
    itself when left out, and the task arrives in its next turn.

    \b
    Examples:
      tt backlog claim 3f2a ada
    """
    with reached(ctx, light=True) as town:
        who = speaker(town, environment()).agent if agent is None else town.agents.find(agent)
        if who is None:
            raise click.UsageError("say which agent: only inside a turn it is known")
        claimed = town.backlog.claim(task_id, who.id)
    echo_json(claimed) if as_json else click.echo(f"Task {claimed.short_id} is in the mailbox of {who.name}: {shortened(claimed.title)}")
    note_if_held(who, "the task")


@backlog.command("assign-all")
@click.argument("agent")
@json_option
@click.pass_context
def assign_all(ctx: click.Context, agent: str, *, as_json: bool) -> None:
    """Give every waiting task to one agent.

    \b
    Examples:
      tt backlog assign-all ada
    """
    with reached(ctx, light=True) as town:
        who = town.agents.find(agent)
        with progress(f"giving the backlog to {who.name}"):
            given = town.backlog.assign_all(who.id)
    echo_json(given) if as_json else click.echo(f"{counted(len(given), 'task')} given to {who.name}")
    if given:
        note_if_held(who, "that")


@backlog.command("remove")
@click.argument("task_id", metavar="TASK")
@json_option
@click.pass_context
def remove(ctx: click.Context, task_id: str, *, as_json: bool) -> None:
    """Delete a waiting task.

    \b
    Examples:
      tt backlog remove 3f2a
    """
    with reached(ctx, light=True) as town:
        removed = town.backlog.remove(task_id)
    echo_json(removed) if as_json else click.echo(f"Task {removed.short_id} is deleted: {shortened(removed.title)}")
