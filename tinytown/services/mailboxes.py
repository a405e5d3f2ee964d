"""Mailboxes by pages: what waits for an agent, left where it is."""

from __future__ import annotations

import msgspec

from tinytown.domain.ids import AgentId, MessageId
from tinytown.domain.message import Message
from tinytown.services.desk import Desk

__all__ = ["MailPage", "Mark", "mail_page"]

_WINDOW = 1000
"""How far in front of its old place a message is looked for, when mail before it has been taken."""


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """Where a page ended: after which message, in which list, and at which place that was."""

    urgent: bool
    place: int
    message: MessageId


class MailPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some messages in the order in which they will be read, each with whether it is urgent."""

    messages: tuple[tuple[Message, bool], ...]
    next: Mark | None


def mail_page(desk: Desk, whose: AgentId, after: Mark | None = None, limit: int = 50) -> MailPage:
    """A page of at most `limit` messages; mail that is taken from the front meanwhile hides none of the others."""
    found: list[tuple[Message, bool]] = []
    for urgent in (True, False) if after is None or after.urgent else (False,):
        place = 0 if after is None or after.urgent is not urgent else _place_after(desk, whose, after)
        while len(found) < limit and (entries := desk.store.mail.entries_from(whose, place, limit - len(found), urgent=urgent)):
            place += len(entries)
            found += [(message, urgent) for message in entries if message is not None]
        if len(found) == limit:
            last, was_urgent = found[-1]
            return MailPage(messages=tuple(found), next=Mark(was_urgent, place, last.id))
    return MailPage(messages=tuple(found), next=None)


def _place_after(desk: Desk, whose: AgentId, after: Mark) -> int:
    """The place behind the message at which the last page ended, wherever that is by now; the first if it is gone itself."""
    start = max(0, after.place - _WINDOW)
    entries = desk.store.mail.entries_from(whose, start, after.place - start, urgent=after.urgent)
    places = [start + number + 1 for number, message in enumerate(entries) if message is not None and message.id == after.message]
    return places[0] if places else start
