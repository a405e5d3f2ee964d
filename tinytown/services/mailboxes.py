"""Mailboxes by pages: what waits for an agent, left where it is."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from tinytown.domain.ids import AgentId, TaskId, short
from tinytown.domain.message import Message
from tinytown.services.desk import Desk
from tinytown.services.places import Place, place_after

__all__ = ["MailPage", "Mark", "gist", "mail_page"]

PAGE_CHARACTERS = 4 * 1024 * 1024
"""Messages that say more than that are not put on one page, unless it is a single one."""
_AT_ONCE = 20


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """Where a page ended: in which of the two lists, and where in it."""

    urgent: bool
    place: Place


class MailPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some messages in the order in which they will be read, each with whether it is urgent."""

    messages: tuple[tuple[Message, bool], ...]
    next: Mark | None


def mail_page(desk: Desk, whose: AgentId, after: Mark | None = None, limit: int = 50) -> MailPage:
    """A page of at most `limit` messages; mail that comes or is taken meanwhile hides and repeats none of the others."""
    found: list[tuple[Message, bool]] = []
    index = end = said = 0
    for urgent in (True, False) if after is None or after.urgent else (False,):
        index = 0 if after is None or after.urgent is not urgent else _index_after(desk, whose, after)
        while entries := desk.store.mail.entries_from(whose, index, _AT_ONCE, urgent=urgent):
            for message in entries:
                index += 1
                if message is None:
                    continue
                said += len(message.body)
                if len(found) == limit or (found and said > PAGE_CHARACTERS):
                    return MailPage(messages=tuple(found), next=_mark(found, end, after))
                found.append((message, urgent))
                end = index
    return MailPage(messages=tuple(found), next=None)


def gist(message: Message, titles: Mapping[TaskId, str]) -> str:
    """What a message says, in one line; of one about a task, which task that is, and what came of it."""
    if not isinstance(message.task_id, str):
        return " ".join(message.body.split())
    title = titles.get(message.task_id, "(the task is gone)")
    said = next((text for text in (message.result, message.error) if isinstance(text, str)), None)
    return " ".join(f"{short(message.task_id)} {title}{'' if said is None else f' → {said}'}".split())


def _index_after(desk: Desk, whose: AgentId, after: Mark) -> int:
    def names(start: int, count: int) -> list[str | None]:
        entries = desk.store.mail.entries_from(whose, start, count, urgent=after.urgent)
        return [None if message is None else message.id for message in entries]

    return place_after(names, after.place)


def _mark(found: list[tuple[Message, bool]], end: int, after: Mark | None) -> Mark:
    urgent = found[-1][1]
    before = after.place.seen if after is not None and after.urgent is urgent else ()
    return Mark(urgent, Place.behind(end, [message.id for message, was_urgent in found if was_urgent is urgent], before))
