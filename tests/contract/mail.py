"""Short words for what the tests here do all the time."""

from __future__ import annotations

from typing import Any

from tinytown.domain.agent import Agent
from tinytown.domain.ids import MessageId
from tinytown.domain.message import Message
from tinytown.services.turns import Turn
from tinytown.testing import Rehearsal

__all__ = ["bodies", "ids", "send", "send_many", "turn_of"]


def send(town: Rehearsal, to: str, text: str, **how: Any) -> Message:
    """Send words to an agent."""
    return town.messages.send(to, text, **how)[0]


def send_many(town: Rehearsal, to: str, *texts: str, **how: Any) -> list[Message]:
    """Send words to an agent, one message each."""
    return [send(town, to, text, **how) for text in texts]


def turn_of(town: Rehearsal, agent: Agent) -> Turn:
    """Begin the agent's turn, which must be possible."""
    turn = town.begin_turn(agent.id)
    assert turn is not None
    return turn


def bodies(turn: Turn) -> list[str]:
    """What the mail of a turn says."""
    return [message.body for message, _ in turn.mail]


def ids(turn: Turn) -> tuple[MessageId, ...]:
    """The ids of the mail of a turn."""
    return tuple(message.id for message, _ in turn.mail)
