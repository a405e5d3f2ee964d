"""The backlog on the wire."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from tinytown.api.views.tasks import Id, TaskView, task_views
from tinytown.domain.agent import Agent
from tinytown.domain.task import Task
from tinytown.town import Town

__all__ = ["BacklogView", "ClaimedAllView", "ClaimedView", "RemovedView", "WaitingView", "claimed_view", "removed_view", "waiting_views"]


class WaitingView(TaskView, frozen=True, kw_only=True):
    """A task in the backlog."""

    task_id: Id
    """The same as `id`."""


class BacklogView(msgspec.Struct, frozen=True, kw_only=True):
    """Some tasks of the backlog, oldest first."""

    backlog: tuple[WaitingView, ...]
    count: int
    """How many are on this page."""
    total: int
    """How many lie in the backlog."""
    next_cursor: str | None
    """Where the next page begins; null on the last one."""


class ClaimedView(TaskView, frozen=True, kw_only=True):
    """A task that an agent took from the backlog."""

    task_id: Id
    """The same as `id`."""
    agent_id: str
    agent_name: str


class ClaimedAllView(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent took from the backlog."""

    assigned: int
    tasks: tuple[str, ...]
    agent_id: str
    agent_name: str
    remaining: int
    """How many tasks lie in the backlog still; ask again when time ran out before it was empty."""


class RemovedView(TaskView, frozen=True, kw_only=True):
    """A task that is gone, as it was."""

    removed: bool
    task_id: Id
    """The same as `id`."""


def waiting_views(town: Town, tasks: Iterable[Task]) -> tuple[WaitingView, ...]:
    """The tasks as they are shown in the backlog."""
    return tuple(WaitingView(**msgspec.structs.asdict(view), task_id=view.id) for view in task_views(town, tasks))


def claimed_view(task: Task, agent: Agent) -> ClaimedView:
    """The task as the agent has it."""
    return ClaimedView(**msgspec.structs.asdict(task), task_id=task.id, agent_id=agent.id, agent_name=agent.name)


def removed_view(task: Task) -> RemovedView:
    """The task that is gone."""
    return RemovedView(**msgspec.structs.asdict(task), task_id=task.id, agent_name=None, removed=True)
