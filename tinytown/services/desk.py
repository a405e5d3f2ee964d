"""What every service works with: the town's stores, its settings, and the time."""

from __future__ import annotations

from datetime import datetime

from tinytown.clock import Clock
from tinytown.config import Settings
from tinytown.domain.ids import SUPERVISOR_ID, AgentId, new_message_id
from tinytown.domain.message import Kind, Message
from tinytown.errors import AgentNotFound
from tinytown.store.town import TownStore

__all__ = ["RETRIES", "Desk"]

RETRIES = 50
"""How often a change is tried again when somebody else changed the record in between."""


class Desk:
    """The stores, settings and clock of one town, and the names of its agents."""

    def __init__(self, store: TownStore, settings: Settings, clock: Clock) -> None:
        self.store = store
        self.settings = settings
        self.clock = clock

    def now(self) -> datetime:
        """The present moment."""
        return self.clock.now()

    def message(self, sender: AgentId, recipient: AgentId, kind: Kind, /, **members: object) -> Message:
        """A new message, not sent yet."""
        made = {"id": new_message_id(), "sender": sender, "recipient": recipient, "type": kind, "created_at": self.now()}
        return Message(**{**made, **members})  # type: ignore[arg-type]  # members are checked by Message itself

    def tell(self, message: Message, *, urgent: bool = False) -> str:
        """Send a message; answers what the bell did.

        Raises:
            AgentNotFound: there is no such recipient.
        """
        answer = self.store.mail.send(message, urgent=urgent)
        if answer == "no agent":
            raise AgentNotFound(message.recipient)
        return answer

    def names(self, agents: set[AgentId]) -> dict[AgentId, str]:
        """The canonical names of agents, the supervisor's among them."""
        known = {SUPERVISOR_ID: "supervisor"} if SUPERVISOR_ID in agents else {}
        others = self.store.agents.get_many([agent for agent in agents if agent != SUPERVISOR_ID])
        return known | {agent.id: agent.name for agent in others}
