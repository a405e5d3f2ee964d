"""The link between an item and its one live task, kept on both sides."""

from __future__ import annotations

from datetime import timedelta

from tinytown.domain.agent import Agent
from tinytown.domain.errand import AddTask, CancelTask, Tell
from tinytown.domain.event import EventKind
from tinytown.domain.ids import SUPERVISOR_ID, AgentId, MessageId, TaskId, derived_id
from tinytown.domain.message import Kind, Message
from tinytown.domain.task import Task
from tinytown.domain.verdict import MissionTask
from tinytown.domain.work_item import WorkItem, WorkStatus
from tinytown.missions.snapshot import Draft
from tinytown.missions.texts import task_text

__all__ = ["give", "let_go", "take_back", "tell", "unmended"]

_PAST = 50
"""So many of the tasks of an item are remembered."""
_ATTEMPTS = 3
"""Turns that each task gets; when they are used up, the task fails and the item takes another."""


def give(draft: Draft, item: WorkItem, kind: MissionTask, agent: Agent) -> WorkItem:
    """Give an item to an agent as a new task, which is stored right after this step."""
    draft.change(tasks_made=draft.mission.tasks_made + 1)
    task = _task(draft, item, kind, agent)
    draft.ask(AddTask(task))
    reviewing = kind is MissionTask.REVIEW
    event = EventKind.REVIEWER_HANDOFF if reviewing else EventKind.MISSION_WORK_ASSIGNED
    draft.say(event, f"{item.label}: {kind.value} task for {agent.name}", agent=agent.id, task=task.id, old=item.status.value)
    common = {"task_id": task.id, "task_kind": kind, "assigned_to": agent.id, "meant_for": None, "remark": None}
    if reviewing:
        return draft.change_item(item, **common, reviewing=item.head)
    span = draft.mission.policy.item_timeout_secs
    deadline = item.deadline_at if item.deadline_at is not None or not span else draft.now + timedelta(seconds=span)
    return draft.change_item(
        item, **common, status=WorkStatus.ASSIGNED, author=agent.id, attempts=item.attempts + 1, deadline_at=deadline,
        waiting_on=None, waiting_for="", waiting_since=None, next_check_at=None, fix=None, mending=item.fix,
    )  # fmt: skip


def let_go(draft: Draft, item: WorkItem, **changes: object) -> WorkItem:
    """Undo the link: the task has ended, or is no longer the item's."""
    past = item.past_tasks if item.task_id is None else (*item.past_tasks, item.task_id)[-_PAST:]
    kept: dict[str, object] = {"task_id": None, "task_kind": None, "assigned_to": None, "reviewing": None, "mending": None}
    return draft.change_item(item, past_tasks=past, **(kept | changes))


def unmended(item: WorkItem) -> str | None:
    """What is to be mended when the live task comes to nothing: what it was given, and what came up since."""
    parts = [part for part in (item.mending, item.fix) if part is not None]
    return "\n\n".join(parts) if parts else None


def take_back(draft: Draft, item: WorkItem, why: str) -> WorkItem:
    """Cancel the live task of an item, if it has one, and undo the link; what it was to mend is to be mended still."""
    if item.task_id is None:
        return item
    draft.ask(CancelTask(item.task_id, why))
    if item.assigned_to is not None:
        tell(draft, item.assigned_to, f"Task {item.task_id} ({item.label}) is no longer yours: {why}", "superseded", item.task_id)
    return let_go(draft, item, fix=unmended(item))


def tell(draft: Draft, agent: AgentId, words: str, *which: str, urgent: bool = False) -> None:
    """Tell an agent something about the mission; which message it is, is told by the words that identify it."""
    identity = MessageId(derived_id(draft.mission.id, agent, *which))
    message = Message(id=identity, sender=SUPERVISOR_ID, recipient=agent, type=Kind.INFORMATIONAL, created_at=draft.now, summary=words)
    draft.ask(Tell(message, urgent=urgent))


def _task(draft: Draft, item: WorkItem, kind: MissionTask, agent: Agent) -> Task:
    mission = draft.mission
    identity = TaskId(derived_id(mission.id, item.id, str(mission.tasks_made)))
    return Task(
        id=identity,
        description=task_text(draft, item, kind, identity, "" if item.remark is None else item.remark),
        wanted=agent.id,
        created_by=SUPERVISOR_ID,
        created_at=draft.now,
        updated_at=draft.now,
        max_attempts=_ATTEMPTS,
        mission_id=mission.id,
        work_item_id=item.id,
        mission_task=kind,
        tags=(f"mission:{mission.id}", f"work-item:{item.id}", kind.tag, f"mission-task:{kind.value}"),
    )
