"""Agents: who is in the town."""

from __future__ import annotations

from tinytown.api.call import Call
from tinytown.api.operation import Tag
from tinytown.api.requests.agents import SpawnRequest
from tinytown.api.views.agents import AgentView, agent_view
from tinytown.domain.ids import AgentId
from tinytown.domain.scope import Scope
from tinytown.errors import AgentExists, AgentNotFound, AmbiguousReference, InvalidName, InvalidValue

__all__ = ["agents"]

agents = Tag("Agents", "Named virtual actors: an identity and a mailbox each, with no process of their own.")


@agents.post(
    "/v1/agents",
    scope=Scope.AGENT_MANAGE,
    status=201,
    takes_key=True,
    refuses=(AgentExists, AgentNotFound, AmbiguousReference, InvalidName, InvalidValue),
)
def spawn_agent(call: Call, body: SpawnRequest) -> AgentView:
    """Register an agent.

    No process is started: a running worker does its turns, whenever mail asks for one.
    """
    agent = call.town.agents.spawn(
        body.name, cli=body.cli, model=body.model, role=body.role_id, nickname=body.nickname, parent=body.parent_agent_id,
        identity=None if call.derived_id is None else AgentId(call.derived_id),
    )  # fmt: skip
    call.created(f"/v1/agents/{agent.id}")
    call.tag_version(agent.version)
    call.changed("agent", agent.id)
    return agent_view(agent)


@agents.get("/v1/agents/{agent}", scope=Scope.TOWN_READ, refuses=(AgentNotFound, AmbiguousReference))
def get_agent(call: Call, agent: str) -> AgentView:
    """Show an agent."""
    found = call.town.agents.find(agent)
    call.tag_version(found.version)
    return agent_view(found)
