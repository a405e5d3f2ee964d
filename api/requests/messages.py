"""What is said of messages."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from tinytown.api.paging import PageQuery
from tinytown.domain.message import Kind, Priority

__all__ = [
    "BroadcastRequest",
    "DeadLettersQuery",
    "DrainRequest",
    "InboxQuery",
    "RequeueLetterRequest",
    "SendKind",
    "SendRequest",
    "TakeQuery",
]

Text = Annotated[str, msgspec.Meta(min_length=1, examples=["please rebase on main first"])]


class SendKind(StrEnum):
    """What kind of message is sent."""

    TASK = "task"
    """It asks for something, without a task record."""
    QUERY = "query"
    """It is a question."""
    INFO = "info"
    """It is for information, and wakes nobody."""
    ACK = "ack"
    """It is a confirmation (`received`, `approved`, `thanks`, `rejected: why` …), and wakes nobody."""

    @property
    def kind(self) -> Kind:
        """The type of message that it makes."""
        return {"info": Kind.INFORMATIONAL, "ack": Kind.CONFIRMATION}.get(self.value) or Kind(self.value)


class SendRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message."""

    to: Annotated[str, msgspec.Meta(examples=["ada"])]
    """An agent, or `supervisor`: the people of the town."""
    message: Text
    kind: SendKind = SendKind.TASK
    sender: str | None = msgspec.field(default=None, name="from")
    """Which agent says so; else the supervisor."""
    urgent: bool = False
    """Before all other mail."""
    priority: Priority = Priority.NORMAL


class BroadcastRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words for everybody who listens at the moment."""

    message: Text
    sender: str | None = msgspec.field(default=None, name="from")


class DrainRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much mail is taken out."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 10
    urgent: bool = False
    """Only urgent mail."""
    whole: bool = False
    """Also each message as it lay in the mailbox."""


class TakeQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a message is told that is taken out."""

    whole: Annotated[bool, msgspec.Meta(description="Also as it lay in the mailbox.")] = False


class InboxQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which mail is shown, and how."""

    whole: Annotated[bool, msgspec.Meta(description="Also each message as it lies in the mailbox.")] = False


class DeadLettersQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which dead letters are listed."""

    agent: str | None = None
    """Only those of this agent."""


class RequeueLetterRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who tries a dead letter again."""

    to: str | None = None
    """Another agent, or `auto` for whoever fits; else the same one."""
