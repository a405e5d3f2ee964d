"""Tasks on the wire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec

from tinytown.domain.agent import Agent, AgentState
from tinytown.domain.ids import AgentId
from tinytown.domain.task import Task, TaskState
from tinytown.domain.verdict import MissionTask, Verdict
from tinytown.services.tasks import AUTO, Completion
from tinytown.town import Town

__all__ = [
    "AssignedView", "CompletedView", "EndedView", "PendingPage", "PendingView", "TaskPageView", "TaskView",
    "assigned_view", "completed_view", "ended_view", "names_of", "owner_of", "pending_view", "task_view", "task_views",
]  # fmt: skip

Id = Annotated[str, msgspec.Meta(examples=["3f2a91c0-5c1e-4b7a-9d55-0e6b1d7c9e10"])]


class TaskView(msgspec.Struct, frozen=True, kw_only=True):
    """A task."""

    id: Id
    description: Annotated[str, msgspec.Meta(examples=["fix the flaky test in test_api.py"])]
    state: TaskState
    assigned_to: str | None
    """The id of the agent that has it, or had it at its end."""
    wanted: str | None
    """Whom a pending task is meant for: the id of an agent, or `auto`; null in the backlog."""
    agent_name: str | None
    """The name of the agent that has it or that it is meant for; null for nobody, and for an agent that is gone."""
    created_by: str | None
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    result: str | None
    failure_reason: str | None
    attempt: int
    max_attempts: int
    parent_id: str | None
    mission_id: str | None
    work_item_id: str | None
    """The item of the mission that it is for."""
    mission_task: MissionTask | None
    """What it does for that item."""
    verdict: Verdict | None
    """What it came to, if it was a review."""
    tags: tuple[str, ...]
    version: int
    """Counts the changes; the number in the ETag."""


class EndedView(TaskView, frozen=True, kw_only=True):
    """A task after a step."""

    status: TaskState
    """Its state by now."""


class CompletedView(EndedView, frozen=True, kw_only=True):
    """A task that was completed."""

    cleared_current_task: bool
    """Whether this was what its agent was at."""
    tasks_completed: int | None
    """How many tasks its agent has completed; null when no agent had it."""


class TaskPageView(msgspec.Struct, frozen=True, kw_only=True):
    """Some tasks."""

    tasks: tuple[TaskView, ...]
    count: int
    """How many are on this page."""
    next_cursor: str | None
    """Where the next page begins; null on the last one."""


class PendingView(msgspec.Struct, frozen=True, kw_only=True):
    """A task that waits for an agent."""

    task_id: Id
    description: str
    agent_id: str | None
    """Null while it is not known who gets it (`auto`)."""
    agent_name: str | None
    """`auto` while it is not known who gets it."""
    state: TaskState
    """`pending` on its way, `assigned` in the mailbox."""


class PendingPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some tasks that wait for agents."""

    tasks: tuple[PendingView, ...]
    count: int
    next_cursor: str | None


class AssignedView(TaskView, frozen=True, kw_only=True):
    """A task that was given to an agent."""

    task_id: Id
    """The same as `id`."""
    agent_id: str | None
    """Null while it is not known who gets it (`auto`)."""
    agent_name: str
    """`auto` while it is not known who gets it."""
    agent_state: AgentState | None
    is_held: bool
    """Whether the task waits until somebody resumes or restarts the agent."""


def names_of(town: Town, tasks: Iterable[Task]) -> dict[str, str]:
    """The names of all agents that have the tasks or that they are meant for."""
    owners = {AgentId(owner) for task in tasks if (owner := owner_of(task)) is not None}
    known = town.desk.names(owners) if owners else {}
    return {AUTO: AUTO, **{str(agent): name for agent, name in known.items()}}


def owner_of(task: Task) -> str | None:
    """The agent that has a task or that it is meant for; None for `auto`, too."""
    owner = task.assigned_to if task.assigned_to is not None else task.wanted
    return None if owner == AUTO else owner


def task_view(town: Town, task: Task) -> TaskView:
    """The task as it is shown."""
    return task_views(town, [task])[0]


def task_views(town: Town, tasks: Iterable[Task]) -> tuple[TaskView, ...]:
    """The tasks as they are shown."""
    shown = tuple(tasks)
    names = names_of(town, shown)
    return tuple(TaskView(**_members(task, names)) for task in shown)


def ended_view(town: Town, task: Task) -> EndedView:
    """The task after a step."""
    return EndedView(**_members(task, names_of(town, [task])), status=task.state)


def completed_view(town: Town, done: Completion) -> CompletedView:
    """The task after it was completed."""
    return CompletedView(
        **_members(done.task, names_of(town, [done.task])),
        status=done.task.state,
        cleared_current_task=done.cleared_current_task,
        tasks_completed=None if done.agent is None else done.agent.tasks_completed,
    )


def pending_view(task: Task, names: Mapping[str, str]) -> PendingView:
    """The waiting task as it is shown."""
    return PendingView(
        task_id=task.id,
        description=task.description,
        agent_id=owner_of(task),
        agent_name=_name(task, names),
        state=task.state,
    )


def assigned_view(task: Task, agent: Agent | None) -> AssignedView:
    """What was given to whom; `agent` is None while that is open, and for one that has just been forgotten."""
    owner = owner_of(task)
    return AssignedView(
        **msgspec.structs.asdict(task),
        task_id=task.id,
        agent_id=owner,
        agent_name=AUTO if owner is None else owner if agent is None else agent.name,
        agent_state=None if agent is None else agent.state,
        is_held=agent is not None and agent.is_held,
    )


def _members(task: Task, names: Mapping[str, str]) -> dict[str, Any]:
    return {**msgspec.structs.asdict(task), "agent_name": _name(task, names)}


def _name(task: Task, names: Mapping[str, str]) -> str | None:
    owner = task.assigned_to if task.assigned_to is not None else task.wanted
    return None if owner is None else names.get(owner)
