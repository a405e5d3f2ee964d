"""The backlog on the wire."""

from __future__ import annotations

import msgspec

from tinytown.api.views.tasks import Id
from tinytown.domain.task import Task, TaskState

__all__ = ["BacklogView", "ClaimedAllView", "ClaimedView", "RemovedView", "WaitingView", "waiting_view"]


class WaitingView(msgspec.Struct, frozen=True, kw_only=True):
    """A task in the backlog."""

    task_id: Id
    description: str
    tags: tuple[str, ...]


class BacklogView(msgspec.Struct, frozen=True, kw_only=True):
    """Some tasks of the backlog, oldest first."""

    backlog: tuple[WaitingView, ...]
    count: int
    """How many are on this page."""
    total: int
    """How many lie in the backlog."""
    next_cursor: str | None
    """Where the next page begins; null on the last one."""


class ClaimedView(msgspec.Struct, frozen=True, kw_only=True):
    """A task that an agent took from the backlog."""

    task_id: Id
    agent_id: str
    agent_name: str
    state: TaskState


class ClaimedAllView(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent took from the backlog."""

    assigned: int
    tasks: tuple[str, ...]
    agent_id: str
    agent_name: str
    remaining: int
    """How many tasks lie in the backlog still; ask again when time ran out before it was empty."""


class RemovedView(msgspec.Struct, frozen=True, kw_only=True):
    """A task that is gone."""

    removed: bool
    task_id: Id


def waiting_view(task: Task) -> WaitingView:
    """The task as it is shown in the backlog."""
    return WaitingView(task_id=task.id, description=task.description, tags=task.tags)
