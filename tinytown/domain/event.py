"""An event: something that happened in the town, for people and programs to follow."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from tinytown.domain.agent import Agent
from tinytown.domain.ids import SUPERVISOR_ID, AgentId, MissionId, TaskId
from tinytown.domain.task import Task

__all__ = ["Event", "EventKind", "agent_moved", "agent_spawned", "task_assigned", "task_ended"]


class EventKind(StrEnum):
    """What happened."""

    AGENT_STATE_CHANGED = "agent_state_changed"
    """An agent moved to another state."""
    AGENT_SPAWNED = "agent_spawned"
    """An agent was registered."""
    AGENT_STOPPED = "agent_stopped"
    """An agent was asked to stop, or stopped."""
    TASK_ASSIGNED = "task_assigned"
    """A task was put into an agent's mailbox."""
    TASK_COMPLETED = "task_completed"
    """A task is done."""
    TASK_FAILED = "task_failed"
    """A task was given up or cancelled."""
    MISSION_STATE_CHANGED = "mission_state_changed"
    """A mission moved to another state."""
    MISSION_WORK_PROMOTED = "mission_work_promoted"
    """A work item became ready."""
    MISSION_WORK_ASSIGNED = "mission_work_assigned"
    """A work item was given to an agent."""
    MISSION_WORK_COMPLETED = "mission_work_completed"
    """A work item is done."""
    MISSION_WORK_BLOCKED = "mission_work_blocked"
    """A work item waits."""
    MISSION_HELP_NEEDED = "mission_help_needed"
    """A mission needs a person."""
    MISSION_WATCH_TRIGGERED = "mission_watch_triggered"
    """A watch saw what it was set for."""
    MISSION_EVENT = "mission_event"
    """Anything else in a mission's log."""
    TASK_DELEGATED = "task_delegated"
    """One agent gave a task to another."""
    AGENT_INTERRUPTED = "agent_interrupted"
    """An agent was paused."""
    AGENT_RESUMED = "agent_resumed"
    """An agent goes on after a pause."""
    AGENT_COMPLETED = "agent_completed"
    """A turn ended well."""
    AGENT_FAILED = "agent_failed"
    """A turn failed."""
    REVIEWER_HANDOFF = "reviewer_handoff"
    """Work was handed to a reviewer."""
    REVIEWER_APPROVAL = "reviewer_approval"
    """A reviewer approved."""
    CONDUCTOR_ESCALATION = "conductor_escalation"
    """The people who run the town were told of trouble."""


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of an event stream; members that do not apply are left out."""

    event_type: EventKind
    message: str
    timestamp: datetime
    agent_id: AgentId | None = None
    task_id: TaskId | None = None
    mission_id: MissionId | None = None
    old_state: str | None = None
    new_state: str | None = None
    parent_agent_id: AgentId | None = None
    child_agent_id: AgentId | None = None
    scope: str | None = None
    spawn_mode: str | None = None


def agent_spawned(agent: Agent) -> Event:
    """The event of an agent's registration."""
    return Event(
        event_type=EventKind.AGENT_SPAWNED,
        message=f"{agent.name} was spawned ({agent.cli})",
        timestamp=agent.created_at,
        agent_id=agent.id,
        parent_agent_id=agent.parent_agent_id,
        spawn_mode=agent.spawn_mode.value,
    )


def agent_moved(old: Agent, new: Agent, kind: EventKind = EventKind.AGENT_STATE_CHANGED, message: str | None = None) -> Event:
    """The event of an agent's step from one state to another, or of its staying there for a reason."""
    return Event(
        event_type=kind,
        message=f"{old.name}: {old.state} → {new.state}" if message is None else message[:400],
        timestamp=new.last_heartbeat,
        agent_id=old.id,
        old_state=old.state.value.capitalize(),
        new_state=new.state.value.capitalize(),
    )


def task_assigned(task: Task, agent: Agent, by: AgentId) -> Event:
    """The event of a task that came into an agent's mailbox."""
    delegated = by not in {SUPERVISOR_ID, agent.id}
    return Event(
        event_type=EventKind.TASK_DELEGATED if delegated else EventKind.TASK_ASSIGNED,
        message=f"{agent.name} got: {task.title[:120]}",
        timestamp=task.updated_at,
        agent_id=agent.id,
        task_id=task.id,
        mission_id=task.mission_id,
        parent_agent_id=by if delegated else None,
        child_agent_id=agent.id if delegated else None,
        new_state="Assigned",
    )


def task_ended(task: Task, kind: EventKind) -> Event:
    """The event of a task's end."""
    return Event(
        event_type=kind,
        message=f"{task.state}: {task.title[:120]}",
        timestamp=task.updated_at,
        agent_id=task.assigned_to,
        task_id=task.id,
        mission_id=task.mission_id,
        new_state=task.state.value.capitalize(),
    )
