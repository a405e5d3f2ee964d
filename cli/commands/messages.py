"""`tt send` and `tt inbox`: mail, and what became of it."""

from __future__ import annotations

from pathlib import Path

import click

from tinytown.cli.call import reached
from tinytown.cli.commands.mailboxes import drain_mailbox, print_count, show_all, show_mailbox, show_receipt, take_message
from tinytown.cli.identity import speaker
from tinytown.cli.notes import bell_in_words, note_if_held
from tinytown.cli.options import command, json_option
from tinytown.cli.output import echo_json
from tinytown.cli.texts import file_option, given_text
from tinytown.config import environment
from tinytown.domain.ids import SUPERVISOR_ID
from tinytown.domain.message import Kind

__all__ = ["inbox", "send"]


@command("send")
@click.argument("agent")
@click.argument("text", required=False)
@file_option("the message")
@click.option("-q", "--query", is_flag=True, help="It is a question.")
@click.option("-i", "--info", is_flag=True, help="It is for information; it wakes nobody.")
@click.option("-a", "--ack", is_flag=True, help="It is a confirmation: received, approved, thanks, 'rejected: why' …; it wakes nobody.")
@click.option("-u", "--urgent", is_flag=True, help="Put it before all other mail.")
@click.option("--from", "sender", metavar="AGENT", help="Who says so; else the agent whose turn this is, else the supervisor.")
@json_option
@click.pass_context
def send(
    ctx: click.Context,
    agent: str,
    text: str | None,
    *,
    file: Path | None,
    query: bool,
    info: bool,
    ack: bool,
    urgent: bool,
    sender: str | None,
    as_json: bool,
) -> None:
    """Send a message to an agent.

    Without an option it asks for something, and makes no task record: see
    `tt assign` for that. AGENT may be `supervisor`, the people of the town.

    \b
    Examples:
      tt send ada "please rebase on main first"
      tt send grace "which port does the test server use?" --query
      tt send ada "the API key has changed" --info --urgent
      tt send supervisor - < report.md
    """
    kind = _kind(query=query, info=info, ack=ack)
    words = "received" if ack and text is None and file is None else given_text(text, file, name="the message")
    with reached(ctx, light=True) as town:
        by = speaker(town, environment()).id if sender is None else town.agents.find_id(sender)
        to = town.agents.find_id(agent)
        message, bell = town.messages.send(to, words, kind=kind, sender=by, urgent=urgent)
        found = None if to == SUPERVISOR_ID else town.agents.get(to)
    name = "supervisor" if found is None else found.name
    if as_json:
        echo_json({"id": message.id, "to": to, "from": by, "type": kind, "bell": bell, "urgent": urgent})
    else:
        click.echo(f"{message.id} sent to {name}: {bell_in_words(bell, name)}")
    if found is not None:
        note_if_held(found, "the message")


def _kind(*, query: bool, info: bool, ack: bool) -> Kind:
    if query + info + ack > 1:
        raise click.UsageError("--query, --info and --ack exclude each other")
    return Kind.QUERY if query else Kind.INFORMATIONAL if info else Kind.CONFIRMATION if ack else Kind.TASK


@command("inbox")
@click.argument("agent", required=False)
@click.option("-a", "--all", "everyone", is_flag=True, help="Show every mailbox that has something in it.")
@click.option("-m", "--message", metavar="ID", help="Say what became of one message: queued, taken, settled or dead.")
@click.option("-u", "--urgent", is_flag=True, help="Show the urgent mail only.")
@click.option("--take", metavar="ID", help="Take one message out for good, and print it.")
@click.option("--drain", is_flag=True, help="Take all mail out for good, and print it.")
@click.option("-c", "--count", is_flag=True, help="Print only how many messages wait.")
@click.option("-n", "--limit", metavar="N", type=click.IntRange(min=1), default=10, show_default=True, help="Show at most so many.")
@json_option
@click.pass_context
def inbox(
    ctx: click.Context,
    agent: str | None,
    *,
    everyone: bool,
    message: str | None,
    urgent: bool,
    take: str | None,
    drain: bool,
    count: bool,
    limit: int,
    as_json: bool,
) -> None:
    """Show the mail of an agent, or what became of a message.

    Nothing is taken out unless --take or --drain say so. When AGENT is left out
    it is the agent whose turn this is, and outside of a turn the supervisor:
    the mailbox of the people of the town.

    \b
    Examples:
      tt inbox ada
      tt inbox --all
      tt inbox --message 7c1e9f52-…
      tt inbox supervisor --drain
    """
    _refuse_contradictions(agent, everyone=everyone, message=message, take=take, drain=drain, count=count)
    with reached(ctx, light=True) as town:
        if message is not None:
            show_receipt(town, message, as_json=as_json)
            return
        if everyone:
            show_all(town, limit, as_json=as_json)
            return
        whose = speaker(town, environment()).id if agent is None else town.agents.find_id(agent)
        if take is not None:
            take_message(town, whose, take, as_json=as_json)
        elif drain:
            drain_mailbox(town, whose, urgent=urgent, as_json=as_json)
        elif count:
            print_count(town, whose, urgent=urgent, as_json=as_json)
        else:
            show_mailbox(town, whose, limit, urgent_only=urgent, as_json=as_json)


def _refuse_contradictions(agent: str | None, *, everyone: bool, message: str | None, take: str | None, drain: bool, count: bool) -> None:
    ways = {"--all": everyone, "--message": message is not None, "--take": take is not None, "--drain": drain, "--count": count}
    chosen = [name for name, given in ways.items() if given]
    if len(chosen) > 1:
        raise click.UsageError(f"{' and '.join(chosen)} exclude each other")
    if agent is not None and (everyone or message is not None):
        raise click.UsageError(f"{chosen[0]} needs no AGENT")
