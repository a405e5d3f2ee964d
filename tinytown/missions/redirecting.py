"""Redirecting: giving an item to another agent, by an operator's word."""

from __future__ import annotations

from tinytown.domain.event import EventKind
from tinytown.domain.verdict import MissionTask
from tinytown.domain.work_item import Waiting, WorkItem, WorkStatus
from tinytown.errors import WorkItemNotFound, WrongState
from tinytown.missions.commands import Redirect
from tinytown.missions.holding import refuse_terminal
from tinytown.missions.links import give, take_back
from tinytown.missions.snapshot import Draft
from tinytown.missions.submissions import drop_pull, is_closed
from tinytown.missions.waiting import begin_again

__all__ = ["redirect"]


def redirect(draft: Draft, command: Redirect) -> WorkItem:
    """Give an item to an agent; whoever had it is told, and what it still reports changes nothing.

    Raises:
        WorkItemNotFound: there is no such item.
        WrongState: the mission or the item has ended, other work must be done before, or the agent cannot take it.
    """
    refuse_terminal(draft, "redirected")
    if draft.mission.hold is not None:
        raise WrongState(f"mission {draft.mission.short_id}", draft.mission.hold.value, "redirected: resume it first")
    item = None if command.item is None else draft.items.get(command.item)
    if item is None:
        raise WorkItemNotFound("" if command.item is None else command.item)
    agent = command.agent
    if item.status in {WorkStatus.DONE, WorkStatus.CANCELLED} or item.waiting_on is Waiting.DEPENDENCY:
        raise WrongState(f"work item {item.short_id}", item.status.value, "redirected")
    if agent.is_held or agent.cli == "manual":
        raise WrongState(f"agent {agent.name}", agent.state.value, "given work")
    said = f": {command.reason}" if command.reason else ""
    draft.say(EventKind.MISSION_EVENT, f"{command.by} gives {item.label} to {agent.name}{said}")
    if item.task_id is not None and item.assigned_to == agent.id and item.task_kind is not MissionTask.REVIEW:
        return item
    had = item.task_id is not None
    item = take_back(draft, item, f"{command.by} gave it to {agent.name}{said}")
    kept = item.fix
    if is_closed(draft, item):
        item = drop_pull(draft, item)
    kind = MissionTask.FIX if item.artifact_refs else MissionTask.WORK
    item = draft.change_item(
        item,
        reviewer_approved=False,
        approved_commit=None,
        failure_reason=None,
        extra_attempts=max(item.extra_attempts, item.attempts + 1 - draft.mission.policy.max_attempts),
        meant_for=agent.id,
        remark=command.reason or None,
    )
    item = begin_again(draft, item, fix=f"{command.by} gave it to you{said}" if kept is None and kind is MissionTask.FIX else kept)
    hand = command.facts.roster.get(agent.id)
    busy = hand is not None and hand.engaged not in {None, item.id}
    live = sum(other.task_id is not None for other in draft.items.values())
    if busy or (live >= draft.mission.policy.max_parallel_items and not had):
        return item  # as soon as there is time and a slot
    return give(draft, item, kind, agent)
