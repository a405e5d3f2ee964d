"""Agents on the wire."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from tinytown.domain.agent import Agent, AgentState, AgentType, SpawnMode, StopReason
from tinytown.domain.output import without_escapes
from tinytown.town import Town

__all__ = [
    "ActivityView",
    "AgentPageView",
    "AgentStepView",
    "AgentView",
    "AgentWaitView",
    "FollowedView",
    "LogView",
    "LogsView",
    "OutputView",
    "PrunedView",
    "ResultView",
    "SpawnedView",
    "Status",
    "StayedView",
    "agent_step",
    "agent_view",
    "agent_views",
    "logs_as_text",
    "spawned_view",
]  # fmt: skip

Id = Annotated[str, msgspec.Meta(examples=["9b4e2f10-6c1d-4f7a-8d21-3e5b7c9d1f02"])]


Status = Literal["stopped", "draining", "restarted", "paused", "resumed"]


class AgentView(msgspec.Struct, frozen=True, kw_only=True):
    """An agent."""

    id: Id
    name: Annotated[str, msgspec.Meta(examples=["ada"])]
    nickname: str | None
    role_id: str | None
    parent_agent_id: str | None
    spawn_mode: SpawnMode
    agent_type: AgentType
    cli: str
    model: str | None
    state: AgentState
    stop_reason: StopReason | None
    """Why it is stopped; only from `idle_timeout` does mail wake it."""
    error: str | None
    """Why it is in error."""
    current_task: str | None
    current_scope: str | None
    """The title of the task that it is at."""
    rounds_completed: int
    tasks_completed: int
    max_rounds: int
    """Turns after which it stops; 0 is no limit."""
    inbox_len: int
    """Messages that wait, without the urgent ones."""
    urgent_len: int
    created_at: datetime
    last_heartbeat: datetime
    """When its record was last written."""
    last_active_at: datetime
    workers_lost: int
    """Turns whose workers died, since the last one that ended."""
    version: int
    """Counts the changes; the number in the ETag."""


class SpawnedView(AgentView, frozen=True, kw_only=True):
    """An agent that is new."""

    agent_id: Id
    """The same as `id`."""


class AgentPageView(msgspec.Struct, frozen=True, kw_only=True):
    """Some agents."""

    agents: tuple[AgentView, ...]
    count: int
    """How many are on this page."""
    total: int
    """How many there are in the town, whatever was sought."""
    next_cursor: str | None
    """Where the next page begins; null on the last one."""


class AgentStepView(AgentView, frozen=True, kw_only=True):
    """An agent after a step."""

    agent: str
    """The agent as it was named in the request."""
    status: Status
    """What has come of it: `draining` is not `stopped` yet."""


class AgentWaitView(AgentView, frozen=True, kw_only=True):
    """An agent after waiting for it."""

    timed_out: bool
    """Whether the time was up before it was as wanted."""


class ResultView(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent completed last; null throughout when it has completed nothing that is remembered."""

    agent: str
    task_id: str | None
    description: str | None
    result: str | None
    completed_at: datetime | None


class StayedView(msgspec.Struct, frozen=True, kw_only=True):
    """An agent that could not be forgotten."""

    name: str
    reason: str
    """`running` (a turn runs), `mail` (it would be lost), or `busy`."""


class PrunedView(msgspec.Struct, frozen=True, kw_only=True):
    """Agents that were forgotten, and those that were to be."""

    removed: int
    agents: tuple[str, ...]
    """The names of those that are forgotten."""
    stayed: tuple[StayedView, ...]


class LogView(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of what a turn printed; it may begin and end in the middle of a line."""

    id: str
    round: int
    """The number of the turn."""
    text: str


class LogsView(msgspec.Struct, frozen=True, kw_only=True):
    """What the turns of an agent printed."""

    agent: str
    pieces: tuple[LogView, ...]
    last_id: str | None
    """To go on from, as `after`; null when nothing was printed yet."""


class OutputView(LogView, frozen=True, kw_only=True):
    """A piece of what a turn of an agent printed."""

    agent_id: Id


class FollowedView(msgspec.Struct, frozen=True, kw_only=True):
    """What the turns of several agents printed, in the order of time; empty when nothing came in time."""

    pieces: tuple[OutputView, ...]


class ActivityView(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent did lately."""

    agent: str
    lines: tuple[str, ...]
    """Newest first."""


def agent_view(town: Town, agent: Agent) -> AgentView:
    """An agent as it is shown."""
    return agent_views(town, [agent])[0]


def agent_views(town: Town, agents: Sequence[Agent]) -> tuple[AgentView, ...]:
    """Agents as they are shown, in two round trips for all of them."""
    lengths = town.messages.lengths([agent.id for agent in agents])
    current = {agent.current_task for agent in agents if agent.current_task is not None}
    titles = town.tasks.titles(sorted(current)) if current else {}
    return tuple(
        AgentView(
            **_members(agent),
            current_scope=None if agent.current_task is None else titles.get(agent.current_task),
            inbox_len=inbox,
            urgent_len=urgent,
        )
        for agent, (inbox, urgent, _, _) in zip(agents, lengths, strict=True)
    )


def agent_step(town: Town, agent: Agent, named: str, status: Status) -> AgentStepView:
    """An agent after a step, as it is shown."""
    return AgentStepView(**msgspec.structs.asdict(agent_view(town, agent)), agent=named, status=status)


def spawned_view(town: Town, agent: Agent) -> SpawnedView:
    """An agent that is new, as it is shown."""
    return SpawnedView(**msgspec.structs.asdict(agent_view(town, agent)), agent_id=agent.id)


def logs_as_text(logs: LogsView) -> str:
    """Output as plain text, without what a terminal would obey."""
    return "\n".join(without_escapes(line) for line in "".join(piece.text for piece in logs.pieces).split("\n"))


def _members(agent: Agent) -> dict[str, Any]:
    return {name: getattr(agent, name) for name in AgentView.__struct_fields__ if hasattr(agent, name)}
