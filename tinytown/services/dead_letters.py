"""Dead letters: messages that were given up, what they are called, and a piece of the list at a time."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import msgspec

from tinytown.domain.agent import Agent
from tinytown.domain.message import Message, Receipt
from tinytown.services.desk import Desk
from tinytown.services.places import Place, place_after
from tinytown.store.mailbox import DeadLetter

__all__ = ["MALFORMED", "DeadMail", "DeadMark", "DeadPage", "dead_mail", "dead_page"]

MALFORMED = "raw-"
"""How the names of things begin that are no messages, and so have no id."""
PAGE_BYTES = 4 * 1024 * 1024
"""Letters of more bytes than that are not put on one page, unless it is a single one."""
_AT_ONCE = 20


class DeadMail(msgspec.Struct, frozen=True, kw_only=True):
    """A dead letter: whose it is, what it says, and why it was given up.

    `message` is None for a thing in the mailbox that was no message at all.
    """

    agent: Agent
    raw: bytes
    message: Message | None
    receipt: Receipt | None

    @property
    def name(self) -> str:
        """The message's id; of what is no message, a mark of what it says."""
        return _name(self.raw, self.message)

    @property
    def reason(self) -> str:
        """Why it was given up."""
        return "malformed" if self.receipt is None else self.receipt.reason


class DeadMark(msgspec.Struct, frozen=True, array_like=True):
    """Where a page ended: with a letter of which agent, and where in its list."""

    agent: str
    place: Place


class DeadPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some dead letters, agent by agent and oldest first, and how many there are."""

    letters: tuple[DeadMail, ...]
    total: int
    next: DeadMark | None


def dead_page(desk: Desk, agents: Sequence[Agent], after: DeadMark | None, limit: int) -> DeadPage:
    """A page of at most `limit` dead letters of those agents, who are in the order of their names."""
    counts = [lengths[3] for lengths in desk.store.mail.lengths([agent.id for agent in agents])]
    found: list[DeadMail] = []
    total, size, end = sum(counts), 0, 0
    for agent in (one for one, count in zip(agents, counts, strict=True) if count and (after is None or one.name >= after.agent)):
        index = _index_after(desk, agent, after.place) if after is not None and after.agent == agent.name else 0
        while letters := desk.store.mail.dead(agent.id, index, _AT_ONCE):
            for letter in letters:
                size += len(letter[0])
                if len(found) == limit or (found and size > PAGE_BYTES):
                    return DeadPage(letters=tuple(found), total=total, next=_mark(found, end, after))
                index += 1
                found.append(dead_mail(agent, letter))
                end = index
    return DeadPage(letters=tuple(found), total=total, next=None)


def dead_mail(agent: Agent, letter: DeadLetter) -> DeadMail:
    """The dead letter of an agent, as it lies there, with what is known of it."""
    raw, message, receipt = letter
    return DeadMail(agent=agent, raw=raw, message=message, receipt=receipt)


def _name(raw: bytes, message: Message | None) -> str:
    return f"{MALFORMED}{sha256(raw).hexdigest()[:8]}" if message is None else message.id


def _index_after(desk: Desk, agent: Agent, place: Place) -> int:
    def names(start: int, count: int) -> list[str]:
        return [_name(raw, message) for raw, message, _ in desk.store.mail.dead(agent.id, start, count)]

    return place_after(names, place)


def _mark(found: list[DeadMail], end: int, after: DeadMark | None) -> DeadMark:
    last = found[-1].agent.name
    before = after.place.seen if after is not None and after.agent == last else ()
    return DeadMark(last, Place.behind(end, [letter.name for letter in found if letter.agent.name == last], before))
