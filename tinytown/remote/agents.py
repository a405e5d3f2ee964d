"""The agents of a town elsewhere."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from tinytown.domain.agent import RESERVED_NAMES, Agent, agent_name
from tinytown.domain.ids import SUPERVISOR_ID, AgentId
from tinytown.errors import AgentNotFound, InvalidValue
from tinytown.remote.client import segment
from tinytown.remote.desk import RemoteDesk
from tinytown.remote.paging import pages
from tinytown.remote.waiting import awaited
from tinytown.services.workload import Until

__all__ = ["RemoteAgents"]


class _Page(msgspec.Struct, frozen=True, kw_only=True):
    agents: tuple[Agent, ...]
    next_cursor: str | None


class _Awaited(Agent, frozen=True, kw_only=True):
    timed_out: bool


class RemoteAgents:
    """Registering, finding and awaiting agents through townhall."""

    def __init__(self, desk: RemoteDesk) -> None:
        self._desk = desk
        self._client = desk.client

    def find(self, reference: str) -> Agent:
        """The agent that a name, nickname, label, id or beginning of an id means.

        Raises:
            AgentNotFound: nobody is meant.
            AmbiguousReference: several could be meant.
        """
        return self._client.get(f"/v1/agents/{segment(reference, AgentNotFound)}", Agent)

    def find_id(self, reference: str) -> AgentId:
        """The id that a reference means; `supervisor` and `conductor` mean the people's mailbox."""
        said = reference.strip()
        return SUPERVISOR_ID if said.lower() in RESERVED_NAMES or said == SUPERVISOR_ID else self.find(reference).id

    def get(self, agent: AgentId) -> Agent:
        """The agent with that id.

        Raises:
            AgentNotFound: there is none.
        """
        return self.find(agent)

    def all(self) -> list[Agent]:
        """All agents, by name."""
        return [agent for page in pages(self._client, "/v1/agents", _Page) for agent in page.agents]

    def spawn(
        self,
        name: str,
        *,
        cli: str | None = None,
        model: str | None = None,
        role: str | None = None,
        nickname: str | None = None,
        parent: str | None = None,
        max_rounds: int | None = None,
    ) -> Agent:
        """Register a new agent; a running worker does its turns.

        Raises:
            AgentExists: the name is taken.
            AgentNotFound: there is no such parent.
            InvalidName: the name cannot be used.
            InvalidValue: something else cannot.
        """
        members = {"name": agent_name(name), "cli": cli, "model": model, "role_id": role, "nickname": nickname, "max_rounds": max_rounds}
        for member, text in members.items():
            if isinstance(text, str) and not _is_text(text):
                raise InvalidValue(member, "it holds bytes that are no characters")
        asked_by = None if parent is None else self.find(parent).id
        return self._client.post("/v1/agents", Agent, {**_given(members), **({} if asked_by is None else {"parent_agent_id": asked_by})})

    def wait_until(self, reference: str, until: Until, timeout: timedelta | None = None) -> Agent:
        """Block until it has come to that with the agent.

        Raises:
            TimedOut: it did not come to that in time.
        """
        path = f"/v1/agents/{segment(reference, AgentNotFound)}/wait"

        def look(seconds: float) -> tuple[Agent, bool]:
            found = self._client.get(path, _Awaited, {"until": until.value, "timeout_secs": seconds})
            return _plain(found), not found.timed_out

        return awaited(self._client, look, lambda agent: f"what was awaited of agent {agent.name} (it is {agent.state})", timeout)


def _plain(found: _Awaited) -> Agent:
    return Agent(**{name: getattr(found, name) for name in Agent.__struct_fields__})


def _given(members: dict[str, str | int | None]) -> dict[str, str | int]:
    return {name: value for name, value in members.items() if value is not None}


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
