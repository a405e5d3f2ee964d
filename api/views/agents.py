"""Agents on the wire."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tinytown.domain.agent import Agent, AgentState, SpawnMode, StopReason

__all__ = ["AgentView", "agent_view"]


class AgentView(msgspec.Struct, frozen=True, kw_only=True):
    """An agent."""

    id: str
    name: str
    nickname: str | None
    role_id: str | None
    parent_agent_id: str | None
    spawn_mode: SpawnMode
    cli: str
    model: str | None
    state: AgentState
    stop_reason: StopReason | None
    error: str | None
    current_task: str | None
    rounds_completed: int
    tasks_completed: int
    max_rounds: int
    created_at: datetime
    last_active_at: datetime
    version: int


def agent_view(agent: Agent) -> AgentView:
    """The agent as it is shown."""
    return msgspec.convert(agent, AgentView, from_attributes=True)
