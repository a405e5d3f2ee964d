"""How mailboxes look, one or all; and taking mail out of them."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

import click
import msgspec

from tinytown.cli.output import age, counted, echo_json, echo_table, shortened, visible
from tinytown.clock import from_ms
from tinytown.domain.ids import SUPERVISOR_ID, AgentId, is_uuid
from tinytown.domain.message import Kind, Message, Receipt, ReceiptState
from tinytown.errors import TownError
from tinytown.services.mailboxes import gist

if TYPE_CHECKING:
    from tinytown.cli.call import AnyTown

__all__ = ["Mailbox", "drain_mailbox", "print_count", "show_all", "show_mailbox", "show_receipt", "take_message"]

_SAMPLE = 100
_EACH_OF_ALL = 5
_GROUPS = {
    Kind.TASK: "task", Kind.TASK_ASSIGN: "task", Kind.QUERY: "query", Kind.STATUS_REQUEST: "query", Kind.CONFIRMATION: "confirmation",
    Kind.SHUTDOWN: "other", Kind.CUSTOM: "other",
}  # fmt: skip


class Mailbox(msgspec.Struct, frozen=True, kw_only=True):
    """A mailbox as it is shown: how much lies where, and the next messages, urgent ones first."""

    agent: AgentId
    name: str
    inbox: int
    urgent: int
    in_turn: int
    dead: int
    messages: tuple[Message, ...]

    @property
    def waiting(self) -> int:
        """How many messages wait to be read."""
        return self.inbox + self.urgent


def show_mailbox(town: AnyTown, whose: AgentId, limit: int, *, urgent_only: bool, as_json: bool) -> None:
    """Print one mailbox."""
    name = town.desk.names({whose}).get(whose, whose)
    box = _read(town, whose, name, max(limit, _SAMPLE), urgent_only=urgent_only)
    if as_json:
        echo_json(msgspec.structs.replace(box, messages=box.messages[:limit]))
        return
    _print_box(town, box, limit, urgent_only=urgent_only)


def show_all(town: AnyTown, limit: int, *, as_json: bool) -> None:
    """Print every mailbox with something in it, the supervisor's last."""
    owners = {agent.id: agent.name for agent in town.agents.all()} | town.desk.names({SUPERVISOR_ID})
    filled = [owner for owner, lengths in zip(owners, town.messages.lengths(list(owners)), strict=True) if any(lengths)]
    boxes = [_read(town, owner, owners[owner], max(min(limit, _EACH_OF_ALL), 1)) for owner in filled]
    if as_json:
        echo_json(boxes)
        return
    for box in boxes:
        _print_box(town, box, min(limit, _EACH_OF_ALL))
        click.echo()
    waiting = sum(box.waiting for box in boxes)
    click.echo(f"{counted(waiting, 'message')} in {counted(len(boxes), 'mailbox', 'mailboxes')}" if boxes else "nothing waits anywhere")


def show_receipt(town: AnyTown, reference: str, *, as_json: bool) -> None:
    """Print what became of one message."""
    if not is_uuid(reference.strip().lower()):
        raise click.UsageError("--message needs the whole id, as `tt send` prints it")
    receipt = town.messages.receipt(reference)
    name = town.desk.names({receipt.agent}).get(receipt.agent, receipt.agent[:8])
    if as_json:
        echo_json({"id": reference, "to": name, "receipt": receipt})
        return
    when = age(from_ms(receipt.at), town.desk.now()) if receipt.at else None
    click.echo(f"{_in_words(receipt, name)}{f', {when} ago' if when else ''}")


def take_message(town: AnyTown, whose: AgentId, reference: str, *, as_json: bool) -> None:
    """Take one message out and print it whole."""
    taken = town.messages.take(whose, reference)
    echo_json(taken) if as_json else _print_message(taken)


def drain_mailbox(town: AnyTown, whose: AgentId, *, urgent: bool, as_json: bool) -> None:
    """Take everything out and print it whole: few at a time, so that no more are lost if the reader goes away."""
    taken: list[Message] = []
    try:
        for message in town.messages.drain(whose, urgent=urgent, cautiously=True):
            taken.append(message)
            if not as_json:
                _print_message(message)
    except TownError:
        if as_json and taken:
            echo_json(taken)
        raise
    if as_json:
        echo_json(taken)
    else:
        click.echo(f"{counted(len(taken), 'message')} taken out" if taken else "nothing waits", err=True)


def print_count(town: AnyTown, whose: AgentId, *, urgent: bool, as_json: bool) -> None:
    """Print how many messages wait."""
    inbox, first, taken, dead = town.messages.lengths([whose])[0]
    if as_json:
        echo_json({"inbox": inbox, "urgent": first, "in_turn": taken, "dead": dead})
        return
    click.echo(first if urgent else inbox + first)


def _read(town: AnyTown, whose: AgentId, name: str, count: int, *, urgent_only: bool = False) -> Mailbox:
    (inbox, urgent, taken, dead), messages = town.messages.glance(whose, count, urgent=urgent_only)
    return Mailbox(agent=whose, name=name, inbox=inbox, urgent=urgent, in_turn=taken, dead=dead, messages=tuple(messages))


def _print_box(town: AnyTown, box: Mailbox, limit: int, *, urgent_only: bool = False) -> None:
    shown = box.messages[:limit]
    parts = [f"{box.inbox} waiting", f"{box.urgent} urgent", f"{box.in_turn} in the hands of a turn", f"{box.dead} dead"]
    click.echo(f"{box.name}: {', '.join(parts)}")
    if box.messages and not urgent_only:
        groups = Counter(_GROUPS.get(message.type, "information") for message in box.messages)
        sampled = f" (of the first {len(box.messages)})" if box.waiting > len(box.messages) else ""
        click.echo(f"  {', '.join(f'{number} {group}' for group, number in groups.most_common())}{sampled}")
    if shown:
        names = town.desk.names({message.sender for message in shown})
        titles = town.tasks.titles([message.task_id for message in shown if isinstance(message.task_id, str)])
        now = town.desk.now()
        rows = [
            (
                message.id[:8],
                message.type.value,
                names.get(message.sender, message.sender[:8]),
                age(message.created_at, now),
                "urgent" if place < box.urgent else message.priority.value,
                shortened(gist(message, titles)),
            )
            for place, message in enumerate(shown)
        ]
        echo_table(rows, headers=("ID", "TYPE", "FROM", "AGE", "PRIORITY", "TEXT"))
    rest = (box.urgent if urgent_only else box.waiting) - len(shown)
    if rest > 0:
        click.echo(f"… and {rest} more: --limit {rest + len(shown)}")
    if box.dead:
        click.echo(f"dead letters: `tt dlq list --agent {box.name}`")


def _print_message(message: Message) -> None:
    sender = "supervisor" if message.sender == SUPERVISOR_ID else message.sender[:8]
    click.echo(f"{message.id} {message.type.value} from {sender}:\n{visible(message.body)}\n")
    sys.stdout.flush()


def _in_words(receipt: Receipt, name: str) -> str:
    match receipt.state:
        case ReceiptState.QUEUED:
            tried = f", tried {counted(receipt.attempt, 'time')} ({receipt.reason})" if receipt.attempt else ""
            return f"queued in the {'urgent mail' if receipt.queue == 'urgent' else 'inbox'} of {name}{tried}"
        case ReceiptState.TAKEN:
            return f"taken by turn {receipt.epoch} of {name}"
        case ReceiptState.SETTLED:
            return f"settled by {name}{f' ({receipt.reason})' if receipt.reason else ''}"
        case ReceiptState.DEAD:
            return f"dead: {name} gave it up ({receipt.reason}); `tt dlq list` shows it"
