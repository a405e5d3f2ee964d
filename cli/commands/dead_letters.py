"""`tt dlq`: messages that were given up."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from tinytown.cli.call import opened
from tinytown.cli.options import group, json_option
from tinytown.cli.output import clean, echo_json, echo_table

if TYPE_CHECKING:
    from tinytown.domain.message import Message
    from tinytown.domain.task import Task
    from tinytown.services.messages import DeadMail
    from tinytown.town import Town

__all__ = ["dlq"]


@group("dlq")
def dlq() -> None:
    """Look into dead letters, requeue or drop them.

    A message whose turns fail too often is given up: it becomes a dead letter,
    its task fails, and the supervisor is told.

    \b
    Examples:
      tt dlq list
      tt dlq show 3f2a91c0
      tt dlq requeue 3f2a91c0 --to bob
      tt dlq drop --all --yes
    """


@dlq.command("list")
@click.option("--agent", metavar="AGENT", help="Of this agent only.")
@json_option
@click.pass_context
def list_dead(ctx: click.Context, *, agent: str | None, as_json: bool) -> None:
    """List dead letters, oldest first for each agent.

    \b
    Examples:
      tt dlq list
      tt dlq list --agent ada --json
    """
    with opened(ctx, light=True) as town:
        letters = town.messages.dead(agent)
        if as_json:
            echo_json([_as_data(letter) for letter in letters])
        elif not letters:
            click.echo("No dead letters.")
        else:
            rows = [
                [letter.name[:12], letter.agent.name, letter.reason, _attempts(letter), clean(_says(town, letter))] for letter in letters
            ]
            echo_table(rows, ["ID", "AGENT", "REASON", "ATTEMPTS", "SAYS"])


@dlq.command("show")
@click.argument("letter")
@json_option
@click.pass_context
def show(ctx: click.Context, letter: str, *, as_json: bool) -> None:
    """Show one dead letter whole, with what its task says of its end.

    \b
    Example:
      tt dlq show 3f2a91c0
    """
    with opened(ctx, light=True) as town:
        found = town.messages.find_dead(letter)
        task = _task_of(town, found)
        if as_json:
            echo_json(_as_data(found) | {"task": task})
            return
        click.echo(f"{click.style(found.name, bold=True)}  {found.agent.name}  {click.style(found.reason, fg='red')}")
        if found.receipt is not None:
            click.echo(f"given up after {_attempts(found)} attempts")
        if found.message is None:
            click.echo("This is no message; it can only be dropped:")
            click.echo(clean(found.raw.decode("utf-8", "replace")))
        if task is not None:
            click.echo(f"task {task.id} ({task.state}):\n{_safe(task.description)}")
            if task.result is not None:
                click.echo(f"its end:\n{_safe(task.result)}")
        elif found.message is not None:
            click.echo(_safe(found.message.body))


@dlq.command("requeue")
@click.argument("letter", required=False)
@click.option("--to", metavar="AGENT", help="Let another agent try; `auto` for whoever fits.")
@click.option("--all", "everything", is_flag=True, help="All dead letters that are messages.")
@json_option
@click.pass_context
def requeue(ctx: click.Context, letter: str | None, *, to: str | None, everything: bool, as_json: bool) -> None:
    """Try a dead letter again.

    What has failed stays failed: a task is tried again as a new task, which
    names the old one as its parent.

    \b
    Examples:
      tt dlq requeue 3f2a91c0
      tt dlq requeue --all --to auto
    """
    from tinytown.errors import DeadLetterNotFound

    _one_or_all(letter, everything=everything)
    with opened(ctx) as town:
        letters = town.messages.dead() if letter is None else [town.messages.find_dead(letter)]
        gone = (DeadLetterNotFound,) if everything else ()  # one of many that is gone was somebody else's
        made = []
        for found in letters:
            with suppress(*gone):
                if letter is not None or found.message is not None:
                    made.append((found, town.messages.requeue_dead(found, to)))
    if as_json:
        echo_json([{"letter": found.name, **_outcome(again)} for found, again in made])
        return
    for found, again in made:
        click.echo(f"{found.name[:8]} goes on as {'task' if 'task' in _outcome(again) else 'message'} {again.id}.")
    stay = sum(found.message is None for found in letters)
    if stay:
        click.echo(f"{stay} of {len(letters)} are no messages, and stay: `tt dlq drop` throws them away", err=True)
    elif not letters:
        click.echo("No dead letters.")


@dlq.command("drop")
@click.argument("letter", required=False)
@click.option("--all", "everything", is_flag=True, help="All dead letters.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask; --all does otherwise.")
@json_option
@click.pass_context
def drop(ctx: click.Context, letter: str | None, *, everything: bool, yes: bool, as_json: bool) -> None:
    """Throw dead letters away.

    \b
    Examples:
      tt dlq drop 3f2a91c0
      tt dlq drop --all --yes
    """
    from tinytown.cli.asking import confirm
    from tinytown.errors import DeadLetterNotFound

    _one_or_all(letter, everything=everything)
    with opened(ctx) as town:
        letters = town.messages.dead() if letter is None else [town.messages.find_dead(letter)]
        if letter is None and letters:
            confirm(f"Throw away {len(letters)} dead letters", yes=yes)
        gone = []
        for found in letters:
            try:
                town.messages.drop_dead(found)
            except DeadLetterNotFound:
                if letter is not None:
                    raise
                continue  # somebody else was quicker
            gone.append(found.name)
    if as_json:
        echo_json({"dropped": gone})
    else:
        click.echo(f"Dropped: {len(gone)}.")


def _one_or_all(letter: str | None, *, everything: bool) -> None:
    if (letter is None) != everything:
        raise click.UsageError("name a dead letter, or give --all" if letter is None else "give either a dead letter or --all")


def _says(town: Town, letter: DeadMail) -> str:
    """What the letter is about, in one line."""
    task = _task_of(town, letter)
    if task is not None:
        return task.title
    return letter.raw[:200].decode("utf-8", "replace") if letter.message is None else letter.message.summarised()


def _task_of(town: Town, letter: DeadMail) -> Task | None:
    from tinytown.errors import TaskNotFound

    task = None if letter.message is None else letter.message.task_id
    if not isinstance(task, str):
        return None
    try:
        return town.tasks.find(task)
    except TaskNotFound:
        return None


def _attempts(letter: DeadMail) -> str:
    return "-" if letter.receipt is None else str(letter.receipt.attempt)


def _outcome(again: Task | Message) -> dict[str, str]:
    from tinytown.domain.task import Task

    return {"task" if isinstance(again, Task) else "message": again.id}


def _safe(text: str) -> str:
    from tinytown.cli.lines import without_escapes

    return "\n".join(without_escapes(line) for line in text.splitlines())


def _as_data(letter: DeadMail) -> dict[str, Any]:
    return {
        "id": letter.name,
        "agent": letter.agent.name,
        "reason": letter.reason,
        "message": letter.message,
        "receipt": letter.receipt,
        "raw": letter.raw.decode("utf-8", "replace") if letter.message is None else None,
    }
