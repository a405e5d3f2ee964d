"""The mail of a town elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from tinytown.domain.ids import SUPERVISOR_ID, AgentId, MessageId
from tinytown.domain.message import Kind, Message, Receipt, ReceiptState
from tinytown.domain.task import mended
from tinytown.errors import AgentNotFound, InvalidValue, MessageNotFound
from tinytown.remote.census import status_told
from tinytown.remote.client import segment
from tinytown.remote.desk import RemoteDesk
from tinytown.remote.paging import pages
from tinytown.remote.workers import ms_of

__all__ = ["RemoteMessages", "Sent"]

Lengths = tuple[int, int, int, int]

_KINDS = {Kind.TASK: "task", Kind.QUERY: "query", Kind.INFORMATIONAL: "info", Kind.CONFIRMATION: "ack"}
_ONE_BY_ONE = 4
_FEW, _MANY = 20, 100
"""So many messages are taken out with one request."""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A message that lies in its mailbox."""

    id: MessageId


class _Sent(msgspec.Struct, frozen=True, kw_only=True):
    message_id: MessageId
    bell: str


class _Mail(msgspec.Struct, frozen=True, kw_only=True):
    urgent: bool
    whole: Message


class _Inbox(msgspec.Struct, frozen=True, kw_only=True):
    total: int
    urgent: int
    taken: int
    dead: int
    messages: tuple[_Mail, ...]
    next_cursor: str | None


class _Drained(msgspec.Struct, frozen=True, kw_only=True):
    messages: tuple[_Mail, ...]


class _Receipt(msgspec.Struct, frozen=True, kw_only=True):
    state: ReceiptState
    agent_id: AgentId
    queue: str
    wakes: bool
    attempt: int
    epoch: int
    at: datetime | None
    reason: str


class RemoteMessages:
    """Sends, shows and takes out mail through townhall."""

    def __init__(self, desk: RemoteDesk) -> None:
        self._client = desk.client

    def send(
        self, to: str, text: str, *, kind: Kind = Kind.TASK, sender: AgentId = SUPERVISOR_ID, urgent: bool = False
    ) -> tuple[Sent, str]:
        """Send words to an agent, or to the `supervisor`; answers the message, and what the bell did.

        Raises:
            AgentNotFound: there is no such recipient or sender.
            InvalidValue: the text is empty or too long.
        """
        if not text.strip() and kind is not Kind.CONFIRMATION:
            raise InvalidValue("message", "the text is empty")
        body = {"to": to, "message": mended(text), "kind": _KINDS[kind], "urgent": urgent}
        sent = self._client.post("/v1/messages/send", _Sent, body if sender == SUPERVISOR_ID else {**body, "from": sender})
        return Sent(id=sent.message_id), sent.bell

    def drain(self, agent: str, *, urgent: bool = False, cautiously: bool = False) -> Iterator[Message]:
        """Take all messages for good, a bounded number at a time.

        Args:
            agent: whose.
            urgent: only the urgent ones, which come first anyway.
            cautiously: few at a time, so that no more are lost with whoever reads them; townhall allows so many requests and no more.
        """
        wanted = {"limit": _FEW if cautiously else _MANY, "urgent": urgent, "whole": True}
        while found := self._client.post(f"{_inbox_of(agent)}/drain", _Drained, wanted).messages:
            yield from (mail.whole for mail in found)

    def glance(self, agent: str, count: int, *, urgent: bool = False) -> tuple[Lengths, list[Message]]:
        """How many messages an agent has, and the next `count`, urgent ones first or urgent ones only, left where they are."""
        lengths, messages = None, list[Message]()
        for page in pages(self._client, _inbox_of(agent), _Inbox, {"whole": True}, max(1, count)):
            lengths = lengths or (page.total, page.urgent, page.taken, page.dead)
            fitting = [mail.whole for mail in page.messages if mail.urgent or not urgent]
            messages += fitting
            if len(messages) >= count or len(fitting) < len(page.messages):
                break
        return lengths or (0, 0, 0, 0), messages[: max(0, count)]

    def lengths(self, agents: list[AgentId]) -> list[Lengths]:
        """How many messages each agent has: inbox, urgent, taken, dead."""
        if len(agents) <= _ONE_BY_ONE:
            return [self.glance(agent, 0)[0] for agent in agents]
        census = status_told(self._client, None).census
        known = {one.agent.id: (one.inbox, one.urgent, one.taken, one.dead) for one in census.residents}
        return [census.supervisor if agent == SUPERVISOR_ID else known.get(agent, (0, 0, 0, 0)) for agent in agents]

    def receipt(self, message: str) -> Receipt:
        """What became of a message: queued, taken (by which turn), settled, or dead (why).

        Raises:
            MessageNotFound: never sent, or settled too long ago.
        """
        told = self._client.get(f"/v1/messages/{segment(message, MessageNotFound)}", _Receipt)
        return Receipt(
            state=told.state,
            agent=told.agent_id,
            queue=told.queue,
            wakes=told.wakes,
            attempt=told.attempt,
            epoch=told.epoch,
            at=0 if told.at is None else ms_of(told.at),
            reason=told.reason,
        )

    def take(self, agent: str, message: str) -> Message:
        """Take one message out of a mailbox for good, by its id or the beginning of it.

        Raises:
            MessageNotFound: it does not lie there.
            AmbiguousReference: several begin like that.
        """
        return self._client.delete(f"{_inbox_of(agent)}/{segment(message, MessageNotFound)}", _Mail, {"whole": True}).whole


def _inbox_of(agent: str) -> str:
    return f"/v1/agents/{segment(agent, AgentNotFound)}/inbox"
