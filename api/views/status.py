"""The status of a town on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from tinytown.api.views.tasks import TaskView, task_views
from tinytown.api.views.town import town_view
from tinytown.api.views.workers import WorkerView, worker_view
from tinytown.clock import from_ms
from tinytown.domain.agent import AgentState, AgentType, SpawnMode, StopReason
from tinytown.domain.task import TaskState
from tinytown.services.overview import Overview
from tinytown.town import Town

if TYPE_CHECKING:
    from tinytown.store.census import Resident

__all__ = ["ClockView", "PeopleView", "ResidentView", "StatusView", "TaskCounts", "status_view"]

SCOPE_LENGTH = 200


class ResidentView(msgspec.Struct, frozen=True, kw_only=True):
    """An agent with what waits for it and what it is at."""

    id: str
    name: str
    nickname: str | None
    role_id: str | None
    parent_agent_id: str | None
    spawn_mode: SpawnMode
    agent_type: AgentType
    cli: str
    model: str | None
    state: AgentState
    stop_reason: StopReason | None
    error: str | None
    rounds_completed: int
    tasks_completed: int
    max_rounds: int
    inbox_len: int
    """Ordinary messages that wait."""
    urgent_len: int
    """Urgent messages that wait."""
    taken_len: int
    """Messages in the hands of the running turn."""
    dead_len: int
    """Messages that were given up."""
    open_tasks: int
    current_task: str | None
    current_scope: str | None
    """The title of the task that it is at."""
    worker: str | None
    """The worker that runs its turn."""
    created_at: datetime
    last_heartbeat: datetime
    """When its record was last written."""
    last_active_at: datetime
    workers_lost: int
    """Turns whose workers died, since the last one that ended."""
    version: int
    """Counts the changes."""
    activity: tuple[str, ...] | None
    """What it did lately, newest first; null unless `deep` was asked for."""


class ClockView(msgspec.Struct, frozen=True, kw_only=True):
    """The process that makes time pass."""

    leader: str | None
    """Null when none runs."""
    epoch: int
    """How often the leadership changed."""


class TaskCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How many tasks there are."""

    total: int
    by_state: dict[TaskState, int]
    backlog: int


class PeopleView(msgspec.Struct, frozen=True, kw_only=True):
    """The mail of the people who run the town."""

    inbox: int
    urgent: int
    taken: int
    """Messages in the hands of somebody who has not dealt with them yet."""
    dead: int


class StatusView(msgspec.Struct, frozen=True, kw_only=True):
    """A town at a moment."""

    name: str
    root: str | None
    redis_url: str | None
    now: datetime
    """The moment, by the clock of Redis."""
    agent_count: int
    """How many agents there are in all."""
    agents: tuple[ResidentView, ...]
    """The first of them, those that need attention in front."""
    agents_by_state: dict[AgentState, int]
    tasks: TaskCounts
    running: tuple[TaskView, ...] | None
    """The tasks that run, 200 of them at most; null unless `running` was asked for."""
    missions: int
    """How many missions are driven."""
    workers: tuple[WorkerView, ...]
    clock: ClockView
    supervisor: PeopleView
    warnings: tuple[str, ...]
    """What is wrong with the town as a whole."""


def status_view(town: Town, seen: Overview, *, deep: bool, running: bool) -> StatusView:
    """The town as it is shown."""
    census, about = seen.census, town_view(town)
    return StatusView(
        name=about.name,
        root=about.root,
        redis_url=about.redis_url,
        now=from_ms(census.now_ms),
        agent_count=sum(census.agents.values()),
        agents=tuple(_resident(one, seen, deep=deep) for one in census.residents),
        agents_by_state=dict(census.agents),
        tasks=TaskCounts(total=sum(census.tasks.values()), by_state=dict(census.tasks), backlog=census.backlog),
        running=task_views(town, census.running) if running else None,
        missions=census.missions,
        workers=tuple(worker_view(worker) for worker in census.workers),
        clock=ClockView(leader=census.leader, epoch=census.leader_epoch),
        supervisor=PeopleView(**dict(zip(("inbox", "urgent", "taken", "dead"), census.supervisor, strict=True))),
        warnings=seen.warnings,
    )


def _resident(one: Resident, seen: Overview, *, deep: bool) -> ResidentView:
    agent = one.agent
    scope = seen.scopes.get(agent.id)
    return ResidentView(
        id=agent.id,
        name=agent.name,
        nickname=agent.nickname,
        role_id=agent.role_id,
        parent_agent_id=agent.parent_agent_id,
        spawn_mode=agent.spawn_mode,
        agent_type=agent.agent_type,
        cli=agent.cli,
        model=agent.model,
        state=agent.state,
        stop_reason=agent.stop_reason,
        error=agent.error,
        rounds_completed=agent.rounds_completed,
        tasks_completed=agent.tasks_completed,
        max_rounds=agent.max_rounds,
        inbox_len=one.inbox,
        urgent_len=one.urgent,
        taken_len=one.taken,
        dead_len=one.dead,
        open_tasks=one.open_tasks,
        current_task=agent.current_task,
        current_scope=None if scope is None else scope[:SCOPE_LENGTH],
        worker=one.worker,
        created_at=agent.created_at,
        last_heartbeat=agent.last_heartbeat,
        last_active_at=agent.last_active_at,
        workers_lost=agent.workers_lost,
        version=agent.version,
        activity=seen.activity.get(agent.id, ()) if deep else None,
    )
