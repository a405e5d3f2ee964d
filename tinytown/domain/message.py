"""A message: what one participant tells another, and its form on the wire."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from tinytown.domain.ids import AgentId, MessageId, TaskId
from tinytown.errors import InvalidValue

__all__ = ["AckType", "Kind", "Message", "Priority", "Receipt", "ReceiptState", "ack_from_text"]

MAX_TEXT_BYTES = 8 * 1024 * 1024


class Kind(StrEnum):
    """The thirteen types of message."""

    TASK = "task"
    """Free text to be done, without a task record; member `description`."""
    QUERY = "query"
    """A question; member `question`."""
    INFORMATIONAL = "informational"
    """For information; member `summary`."""
    CONFIRMATION = "confirmation"
    """An acknowledgement; member `ack_type`."""
    TASK_ASSIGN = "task_assign"
    """A stored task is yours; member `task_id`."""
    TASK_DONE = "task_done"
    """A task that you asked for is done; members `task_id`, `result`."""
    TASK_FAILED = "task_failed"
    """A task that you asked for was given up; members `task_id`, `error`."""
    STATUS_REQUEST = "status_request"
    """How are you? The runtime answers."""
    STATUS_RESPONSE = "status_response"
    """The answer; members `state`, `current_task`."""
    PING = "ping"
    """Are you there? The runtime answers."""
    PONG = "pong"
    """The answer."""
    SHUTDOWN = "shutdown"
    """Finish and stop; the runtime obeys."""
    CUSTOM = "custom"
    """Anything else; members `kind`, `payload`."""


_ACTIONABLE = frozenset({Kind.TASK, Kind.QUERY, Kind.TASK_ASSIGN, Kind.STATUS_REQUEST, Kind.PING, Kind.SHUTDOWN, Kind.CUSTOM})


class Priority(StrEnum):
    """Where in the mailbox a message goes."""

    LOW = "low"
    """To the tail."""
    NORMAL = "normal"
    """To the tail."""
    HIGH = "high"
    """To the head."""
    URGENT = "urgent"
    """To the head."""

    @property
    def goes_first(self) -> bool:
        """Is it put before the ordinary mail?"""
        return self in {Priority.HIGH, Priority.URGENT}


class AckType(msgspec.Struct, frozen=True, kw_only=True):
    """What a confirmation confirms: received, acknowledged, thanks, approved or rejected."""

    type: str
    reason: str | msgspec.UnsetType = msgspec.UNSET


def ack_from_text(text: str) -> AckType:
    """The confirmation that a person's words mean."""
    said = text.strip().lower()
    if said.startswith("rejected:"):
        return AckType(type="rejected", reason=text.strip()[len("rejected:") :].strip())
    for word in ("received", "approved"):
        if said.startswith(word):
            return AckType(type=word)
    return AckType(type="thanks" if "thanks" in said or "thank you" in said else "acknowledged")


class Message(msgspec.Struct, frozen=True, kw_only=True, rename={"sender": "from", "recipient": "to"}):
    """One message as it lies in a mailbox; absent members are left out on the wire.

    `id` must stay the first member: scripts read it there.
    """

    id: MessageId
    sender: AgentId
    recipient: AgentId
    type: Kind
    description: str | msgspec.UnsetType = msgspec.UNSET
    question: str | msgspec.UnsetType = msgspec.UNSET
    summary: str | msgspec.UnsetType = msgspec.UNSET
    ack_type: AckType | msgspec.UnsetType = msgspec.UNSET
    task_id: TaskId | msgspec.UnsetType = msgspec.UNSET
    result: str | msgspec.UnsetType = msgspec.UNSET
    error: str | msgspec.UnsetType = msgspec.UNSET
    state: str | msgspec.UnsetType = msgspec.UNSET
    current_task: str | msgspec.UnsetType | None = msgspec.UNSET
    kind: str | msgspec.UnsetType = msgspec.UNSET
    payload: str | msgspec.UnsetType = msgspec.UNSET
    text: str | msgspec.UnsetType = msgspec.UNSET
    priority: Priority = Priority.NORMAL
    created_at: datetime
    correlation_id: MessageId | None = None

    def __post_init__(self) -> None:
        needed = _MEMBERS.get(self.type, ())
        missing = [name for name in needed if getattr(self, name) is msgspec.UNSET]
        if missing:
            raise InvalidValue("message", f"a message of type {self.type.value} needs {' and '.join(missing)}")

    @property
    def is_actionable(self) -> bool:
        """Does it ask the recipient to do something? Only such mail wakes an agent."""
        return self.type in _ACTIONABLE

    @property
    def body(self) -> str:
        """What the message says, whole, for people and prompts."""
        for value in (self.description, self.question, self.summary, self.payload, self.text):
            if isinstance(value, str):
                return value
        if isinstance(self.ack_type, AckType):
            reason = self.ack_type.reason
            return f"{self.ack_type.type}: {reason}" if isinstance(reason, str) else self.ack_type.type
        words = (self.task_id, self.result, self.error, self.state, self.current_task)
        return " ".join(word for word in words if isinstance(word, str))

    def summarised(self, width: int = 72) -> str:
        """One line for lists and logs: the type, and what it says, cut to `width` characters."""
        body = " ".join(self.body.split())
        cut = body if len(body) <= width else f"{body[: width - 1]}…"
        return f"{self.type.value}: {cut}" if cut else self.type.value


_MEMBERS: dict[Kind, tuple[str, ...]] = {
    Kind.TASK: ("description",),
    Kind.QUERY: ("question",),
    Kind.INFORMATIONAL: ("summary",),
    Kind.CONFIRMATION: ("ack_type",),
    Kind.TASK_ASSIGN: ("task_id",),
    Kind.TASK_DONE: ("task_id", "result"),
    Kind.TASK_FAILED: ("task_id", "error"),
    Kind.STATUS_RESPONSE: ("state",),
    Kind.CUSTOM: ("kind", "payload"),
}


class ReceiptState(StrEnum):
    """Where a message is in its life."""

    QUEUED = "queued"
    """In the mailbox."""
    TAKEN = "taken"
    """Handed to the turn whose number is `epoch`."""
    SETTLED = "settled"
    """Dealt with, or read."""
    DEAD = "dead"
    """Given up; `reason` says why."""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a message: its state, and since when (`at`, milliseconds)."""

    state: ReceiptState
    agent: AgentId
    queue: str = "inbox"
    wakes: bool = True
    attempt: int = 0
    epoch: int = 0
    at: int = 0
    reason: str = ""
