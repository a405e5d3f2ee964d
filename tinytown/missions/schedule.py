"""Scheduling: which items may be begun, and who does what is to be done."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tinytown.domain.agent import Agent
from tinytown.domain.event import EventKind
from tinytown.domain.ids import AgentId, WorkItemId
from tinytown.domain.verdict import MissionTask
from tinytown.domain.work_item import Waiting, WorkItem, WorkStatus
from tinytown.missions.commands import Hand, Roster
from tinytown.missions.ends import fail_item
from tinytown.missions.gates import is_gated, wants_review
from tinytown.missions.links import give
from tinytown.missions.routing import best, is_reviewer, score
from tinytown.missions.snapshot import Draft
from tinytown.missions.waiting import wait

__all__ = ["Unmet", "assign", "promote"]


class Unmet(msgspec.Struct, frozen=True, kw_only=True):
    """Work that may be done and that nobody in the town could ever do as things are."""

    item: WorkItem
    kind: MissionTask


def promote(draft: Draft) -> None:
    """Have items be ready whose dependencies are done; the others say what they wait for."""
    for item in draft:
        if item.status is not WorkStatus.PENDING:
            continue
        unmet, until = _unmet(draft, item), _looked_at_next(item)
        if not unmet:
            draft.say(EventKind.MISSION_WORK_PROMOTED, f"{item.label} may be begun", old="pending", new="ready")
            draft.change_item(item, status=WorkStatus.READY, waiting_on=None, waiting_for="", waiting_since=draft.now, next_check_at=None)
        elif (", ".join(unmet), until, Waiting.DEPENDENCY) != (item.waiting_for, item.next_check_at, item.waiting_on):
            wait(draft, item, Waiting.DEPENDENCY, ", ".join(unmet), until)


def assign(draft: Draft, roster: Roster) -> list[Unmet]:
    """Give out what is to be done, as far as slots and agents go; answers what nobody could do.

    What is under way is finished before something new is begun; then the item that the
    longest chain of others waits for goes first.
    """
    policy = draft.mission.policy
    slots = policy.max_parallel_items - sum(item.task_id is not None for item in draft.items.values())
    if policy.max_tasks:
        slots = min(slots, policy.max_tasks - draft.mission.tasks_made)
    wanted = [(item, kind) for item in draft if (kind := _need(draft, item)) is not None]
    lengths = _chains(draft) if wanted else {}
    wanted.sort(key=lambda pair: (pair[1] is MissionTask.WORK, -lengths[pair[0].id], -pair[0].priority, pair[0].index))
    taken = _taken(draft, roster)
    unmet: list[Unmet] = []
    looking = any(watch.is_due(draft.now) for watch in draft.watches.values())  # what that brings goes before new work
    for item, kind in wanted:
        if kind is not MissionTask.REVIEW and _is_worn_out(draft, item):
            continue
        able = _able(draft, item, kind, roster)
        if not able:
            unmet.append(Unmet(item=item, kind=kind))
        elif kind is MissionTask.WORK and looking:
            continue
        elif slots > 0 and (agent := _choose(item, kind, able, taken)) is not None:
            give(draft, item, kind, agent)
            taken.add(agent.id)
            slots -= 1
    return unmet


def _unmet(draft: Draft, item: WorkItem) -> list[str]:
    words: list[str] = []
    for other in item.depends_on:
        known = draft.items.get(other)
        if known is None:
            words.append(f"an item that is gone ({other})")
        elif known.status in {WorkStatus.FAILED, WorkStatus.CANCELLED}:
            words.append(f"{known.label}, which {'failed' if known.status is WorkStatus.FAILED else 'was cancelled'}")
        elif known.status is not WorkStatus.DONE:
            words.append(known.label)
    states = {"unknown": "not looked at yet"}
    return words + [f"{each.ref} ({states.get(each.state, each.state.replace('_', ' '))})" for each in item.externals if not each.closed]


def _looked_at_next(item: WorkItem) -> datetime | None:
    return min((each.next_check_at for each in item.externals if not each.closed and each.next_check_at is not None), default=None)


def _need(draft: Draft, item: WorkItem) -> MissionTask | None:
    """What has to be done for an item that nobody is at."""
    if item.task_id is not None:
        return None
    if item.status is WorkStatus.READY:
        return MissionTask.FIX if item.artifact_refs else MissionTask.WORK
    return MissionTask.REVIEW if wants_review(draft.mission.policy, item) else None


def _is_worn_out(draft: Draft, item: WorkItem) -> bool:
    """Has it used up its attempts? Then it fails."""
    limit = draft.mission.policy.max_attempts + item.extra_attempts
    if item.attempts < limit:
        return False
    last = "" if item.fix is None else f"; the last: {' '.join(item.fix.split())[:500]}"
    fail_item(draft, item, f"{item.attempts} attempts were not enough{last}")
    return True


def _able(draft: Draft, item: WorkItem, kind: MissionTask, roster: Roster) -> list[Hand]:
    """Who could do it, now or when it has time.

    The only reviewer makes nothing that has to be reviewed while others can: nobody could review it then.
    """
    working = [hand for hand in roster.values() if hand.agent.cli != "manual" and not hand.agent.is_held]
    reviewers = [hand for hand in working if is_reviewer(hand.agent)]
    if kind is MissionTask.REVIEW:
        return [hand for hand in reviewers if hand.agent.id != item.author]
    bound = {item.meant_for, item.author if kind is MissionTask.FIX else None}  # by an operator's word, or by what was made
    able = [hand for hand in working if hand.agent.id in bound or score(item.kind, item.owner_role, hand.agent) > 0]
    others = [hand for hand in able if hand not in reviewers or hand.agent.id in bound]
    return others if len(reviewers) == 1 and others and is_gated(draft.mission.policy, item) else able


def _taken(draft: Draft, roster: Roster) -> set[AgentId]:
    """Who has an item: one of another mission, or one of this one as the step has left it."""
    elsewhere = {key for key, hand in roster.items() if hand.engaged is not None and hand.engaged not in draft.items}
    return elsewhere | {item.assigned_to for item in draft if item.task_id is not None and item.assigned_to is not None}


def _choose(item: WorkItem, kind: MissionTask, able: list[Hand], taken: set[AgentId]) -> Agent | None:
    """Who does it now; None while all who could are busy."""
    free = [hand for hand in able if hand.agent.is_wakeable and hand.agent.id not in taken]
    if item.meant_for is not None and any(hand.agent.id == item.meant_for for hand in able):
        return next((hand.agent for hand in free if hand.agent.id == item.meant_for), None)
    if kind is MissionTask.REVIEW:
        rested = sorted(free, key=lambda hand: (hand.open_tasks, hand.agent.state.value != "idle", hand.agent.name))
        return rested[0].agent if rested else None
    if kind is MissionTask.FIX and item.author is not None and any(hand.agent.id == item.author for hand in able):
        return next((hand.agent for hand in free if hand.agent.id == item.author), None)
    return best(item.kind, item.owner_role, [(hand.agent, hand.open_tasks) for hand in free])


def _chains(draft: Draft) -> dict[WorkItemId, int]:
    """How long the longest chain of unfinished items is that waits for each."""
    waiting: dict[WorkItemId, list[WorkItemId]] = {key: [] for key in draft.items}
    for item in draft.items.values():
        for other in item.depends_on:
            if other in waiting and not item.status.is_terminal:
                waiting[other].append(item.id)
    lengths: dict[WorkItemId, int] = {}
    for item in reversed(draft.items.values()):  # in the order of the plan, which is topological
        lengths[item.id] = 1 + max((lengths.get(after, 0) for after in waiting[item.id]), default=0)
    return lengths
