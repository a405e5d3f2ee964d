"""What every part of a town elsewhere works with: the way to townhall, the time there, and the names of agents."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from tinytown.domain.ids import SUPERVISOR_ID, AgentId
from tinytown.errors import AgentNotFound
from tinytown.remote.client import Client, segment
from tinytown.remote.paging import pages

__all__ = ["RemoteDesk"]

_ONE_BY_ONE = 8


class _Named(msgspec.Struct, frozen=True, kw_only=True):
    id: AgentId
    name: str


class _NamedPage(msgspec.Struct, frozen=True, kw_only=True):
    agents: tuple[_Named, ...]
    next_cursor: str | None


class RemoteDesk:
    """The client, and what several parts ask it for."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._names: dict[AgentId, str] = {SUPERVISOR_ID: "supervisor"}

    def now(self) -> datetime:
        """The present moment."""
        return self.client.now()

    def names(self, agents: Iterable[AgentId]) -> dict[AgentId, str]:
        """The canonical names of agents, the supervisor's among them; those that are gone are left out."""
        wanted = set(agents)
        unknown = wanted - self._names.keys()
        if len(unknown) > _ONE_BY_ONE:
            self._names |= {agent.id: agent.name for page in pages(self.client, "/v1/agents", _NamedPage) for agent in page.agents}
        else:
            self._names |= {agent.id: agent.name for agent in map(self._looked_up, unknown) if agent is not None}
        return {agent: name for agent, name in self._names.items() if agent in wanted}

    def _looked_up(self, agent: AgentId) -> _Named | None:
        try:
            return self.client.get(f"/v1/agents/{segment(agent, AgentNotFound)}", _Named)
        except AgentNotFound:
            return None
