"""Messages on the wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

import msgspec

from tinytown.clock import from_ms
from tinytown.domain.ids import AgentId, TaskId
from tinytown.domain.message import Kind, Message, Priority, Receipt, ReceiptState
from tinytown.services.dead_letters import DeadMail
from tinytown.services.mailboxes import gist
from tinytown.town import Town

__all__ = [
    "BroadcastView", "DeadLetterPage", "DeadLetterView", "DrainedView", "DroppedView", "InboxView", "MessageView", "ReceiptView",
    "RequeuedView", "SentView", "dead_letter_views", "message_views", "receipt_view",
]  # fmt: skip

SUMMARY = 200
"""Characters of a summary."""

Id = Annotated[str, msgspec.Meta(examples=["7c1e9f52-0d3b-4a6e-9c88-5b2f4d6a8e13"])]


class MessageView(msgspec.Struct, frozen=True, kw_only=True):
    """A message."""

    id: Id
    sender: str = msgspec.field(name="from")
    """The id of whoever sent it."""
    from_name: str | None
    """Null for an agent that is gone."""
    type: Annotated[str, msgspec.Meta(examples=["task", "query", "info", "task_assign", "custom:deploy"])]
    summary: str
    """What it says, in one line of at most 200 characters; for one about a task, which task that is."""
    text: str
    """All that it says."""
    urgent: bool
    priority: Priority
    created_at: datetime
    task_id: str | None
    correlation_id: str | None
    whole: Message | None
    """The message as it lies in the mailbox; null unless that was asked for."""


class InboxView(msgspec.Struct, frozen=True, kw_only=True):
    """The mail of an agent, left where it is: urgent messages first, then in the order in which they will be read."""

    agent: str
    """As it was named in the request."""
    agent_id: Id
    total: int
    """How many messages wait, without the urgent ones."""
    urgent: int
    taken: int
    """How many are in the hands of the running turn."""
    dead: int
    """How many were given up."""
    messages: tuple[MessageView, ...]
    next_cursor: str | None


class DrainedView(msgspec.Struct, frozen=True, kw_only=True):
    """Mail that was taken out for good."""

    agent: str
    messages: tuple[MessageView, ...]
    left: int
    """How many messages still wait."""


class SentView(msgspec.Struct, frozen=True, kw_only=True):
    """A message that lies in its mailbox."""

    message_id: Id
    to_agent: str
    """The id of the agent, or of the people of the town."""
    urgent: bool
    bell: Annotated[str, msgspec.Meta(examples=["rung", "waiting", "kept", "held:paused"])]
    """`rung`: a turn is asked for. `waiting`: one was coming anyway. `kept`: such mail wakes nobody.
    `held:<why>`: it waits until the agent goes on. `duplicate`: this very message was sent before."""


class ReceiptView(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a message."""

    message_id: Id
    state: ReceiptState
    agent_id: str
    """In whose mailbox it lies or lay."""
    agent_name: str | None
    attempt: int
    """How often turns have tried it."""
    epoch: int
    """The number of the turn that took it last; 0 for none."""
    at: datetime | None
    """Since when it is so."""
    reason: str
    """Why it is so, where there is a reason."""
    queue: Annotated[str, msgspec.Meta(examples=["inbox", "urgent"])]
    """In which of the two lists of the mailbox it lies or lay."""
    wakes: bool
    """Whether it asks for a turn."""


class BroadcastView(msgspec.Struct, frozen=True, kw_only=True):
    """Words that were said to everybody."""

    listeners: int
    """How many programs were listening."""


class DeadLetterView(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was given up."""

    id: Annotated[str, msgspec.Meta(examples=["7c1e9f52-0d3b-4a6e-9c88-5b2f4d6a8e13", "raw-1f0c22ab"])]
    """The id of the message; `raw-…` for a thing in the mailbox that was no message at all."""
    agent: str
    """The name of the agent whose it was."""
    reason: str
    attempts: int | None
    message: MessageView | None
    raw: str | None
    """The thing itself, if it was no message."""


class DeadLetterPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some dead letters."""

    dead_letters: tuple[DeadLetterView, ...]
    count: int
    total: int
    next_cursor: str | None


class RequeuedView(msgspec.Struct, frozen=True, kw_only=True):
    """A dead letter that is tried again: as the same message, or as a new task."""

    id: str
    message_id: str | None
    task_id: str | None
    """A task that failed stays failed: it is tried again as this one."""


class DroppedView(msgspec.Struct, frozen=True, kw_only=True):
    """A dead letter that was thrown away."""

    id: str
    dropped: bool = True


def message_views(town: Town, mail: Sequence[tuple[Message, bool]], *, whole: bool = False) -> tuple[MessageView, ...]:
    """Messages as they are shown, each with whether it is urgent; with `whole` also as they lie in the mailbox."""
    names = town.desk.names({message.sender for message, _ in mail})
    titles = town.tasks.titles(sorted({message.task_id for message, _ in mail if isinstance(message.task_id, str)}))
    return tuple(_message_view(message, names, titles, urgent=urgent, whole=whole) for message, urgent in mail)


def receipt_view(town: Town, message: str, receipt: Receipt) -> ReceiptView:
    """What became of a message, as it is shown."""
    return ReceiptView(
        message_id=message,
        state=receipt.state,
        agent_id=receipt.agent,
        agent_name=town.desk.names({receipt.agent}).get(receipt.agent),
        attempt=receipt.attempt,
        epoch=receipt.epoch,
        at=from_ms(receipt.at) if receipt.at else None,
        reason=receipt.reason,
        queue=receipt.queue,
        wakes=receipt.wakes,
    )


def dead_letter_views(town: Town, letters: Sequence[DeadMail]) -> tuple[DeadLetterView, ...]:
    """Dead letters as they are shown."""
    shown = iter(message_views(town, [(letter.message, False) for letter in letters if letter.message is not None]))
    return tuple(_dead_letter_view(letter, None if letter.message is None else next(shown)) for letter in letters)


def _dead_letter_view(letter: DeadMail, message: MessageView | None) -> DeadLetterView:
    return DeadLetterView(
        id=letter.name,
        agent=letter.agent.name,
        reason=letter.reason,
        attempts=None if letter.receipt is None else letter.receipt.attempt,
        message=message,
        raw=letter.raw.decode("utf-8", "replace") if message is None else None,
    )


def _message_view(
    message: Message, names: Mapping[AgentId, str], titles: Mapping[TaskId, str], *, urgent: bool, whole: bool
) -> MessageView:
    kind = {Kind.INFORMATIONAL: "info", Kind.CUSTOM: f"custom:{message.kind}"}.get(message.type, message.type.value)
    said = gist(message, titles)
    return MessageView(
        id=message.id,
        sender=message.sender,
        from_name=names.get(message.sender),
        type=kind,
        summary=said if len(said) <= SUMMARY else f"{said[: SUMMARY - 1]}…",
        text=message.body,
        urgent=urgent,
        priority=message.priority,
        created_at=message.created_at,
        task_id=message.task_id if isinstance(message.task_id, str) else None,
        correlation_id=message.correlation_id,
        whole=message if whole else None,
    )
