"""Settling: what follows for an item from what became of its task, once for each task."""

from __future__ import annotations

from tinytown.domain.agent import Agent
from tinytown.domain.event import EventKind
from tinytown.domain.ids import AgentId
from tinytown.domain.task import Task, TaskState
from tinytown.domain.verdict import MissionTask, Verdict
from tinytown.domain.work_item import Review, Waiting, WorkItem, WorkStatus
from tinytown.missions.commands import Facts, Hand, Roster
from tinytown.missions.links import let_go, take_back, unmended
from tinytown.missions.snapshot import Draft
from tinytown.missions.submissions import submit
from tinytown.missions.waiting import begin_again, wait

__all__ = ["judge", "settle"]

UNCLEAR_LIMIT = 3
"""After so many reviews in a row without a verdict somebody is asked for help."""


def settle(draft: Draft, facts: Facts) -> None:
    """Take in what became of the live tasks of all items."""
    for item in draft:
        if item.task_id is None or draft.is_unstored(item.task_id):
            continue
        task = facts.tasks.get(item.task_id)
        if task is None or task.state is TaskState.CANCELLED or (task.state is TaskState.PENDING and task.wanted is None):
            _lost(draft, item, task)
        elif task.state is TaskState.COMPLETED:
            _completed(draft, item, task, facts.roster)
        elif task.state is TaskState.FAILED:
            _failed(draft, item, task)
        else:
            _follow(draft, item, task, facts.roster)


def judge(draft: Draft, item: WorkItem, review: Review) -> WorkItem:
    """Take in a verdict on an item, which holds for the commit that was read."""
    draft.say(EventKind.REVIEWER_APPROVAL if review.verdict is Verdict.APPROVE else EventKind.MISSION_EVENT, _words(item, review))
    if review.verdict is Verdict.APPROVE:
        return draft.change_item(item, reviewer_approved=True, approved_commit=review.commit, review=review, reviews_unclear=0)
    item = draft.change_item(item, reviewer_approved=False, approved_commit=None, review=review, reviews_unclear=0)
    asked = review.remark.strip()
    said = f"{review.by} wants changes:\n{asked or '(without a reason)'}"
    return begin_again(draft, item, fix=said if item.fix is None else f"{item.fix}\n\n{said}")


def _words(item: WorkItem, review: Review) -> str:
    on = "" if review.commit is None else f" at {review.commit[:10]}"
    if review.verdict is Verdict.APPROVE:
        return f"{item.label}: {review.by} approved it{on}"
    return f"{item.label}: {review.by} wants changes{on}: {' '.join(review.remark.split())[:300]}"


def _follow(draft: Draft, item: WorkItem, task: Task, roster: Roster) -> None:
    """The item stands as its task does: with whom it is, and whether it runs."""
    if task.wanted is not None:
        holder = AgentId(task.wanted)
    elif task.assigned_to is not None:
        holder = task.assigned_to
    else:
        return
    hand = roster.get(holder)
    if hand is None or (hand.agent.is_held and hand.agent.state.is_terminal):
        why = f"agent {holder if hand is None else hand.agent.name} is {'gone' if hand is None else hand.agent.state.value}"
        again = take_back(draft, item, why)
        if item.task_kind is not MissionTask.REVIEW:
            begin_again(draft, draft.change_item(again, attempts=max(0, again.attempts - 1)), fix=again.fix)
        return
    if holder != item.assigned_to and _has_another(draft, item, hand):
        _give_later(draft, item, hand.agent)
        return
    changes: dict[str, object] = {"assigned_to": holder}
    if item.task_kind is not MissionTask.REVIEW:
        running = task.state is TaskState.RUNNING
        changes |= {"author": holder, "status": WorkStatus.RUNNING if running else WorkStatus.ASSIGNED}
    draft.change_item(item, **changes)


def _has_another(draft: Draft, item: WorkItem, hand: Hand) -> bool:
    """Has the agent another item than this one, of whatever mission?"""
    other = None if hand.engaged is None else draft.items.get(hand.engaged)
    return hand.engaged not in {None, item.id} and (other is None or other.task_id is not None)


def _give_later(draft: Draft, item: WorkItem, agent: Agent) -> None:
    """Somebody handed the task to an agent that has an item already: it gets this one when it has time."""
    kind = item.task_kind
    item = draft.change_item(
        take_back(draft, item, f"{agent.name}, which is to have it, has something else to do first"), meant_for=agent.id
    )
    if kind is not MissionTask.REVIEW:
        begin_again(draft, draft.change_item(item, attempts=max(0, item.attempts - 1)), fix=item.fix)


def _lost(draft: Draft, item: WorkItem, task: Task | None) -> None:
    """The task was cancelled, deleted or put into the backlog: the item takes another."""
    if task is not None and not task.state.is_terminal:
        take_back(draft, item, "the mission gives the work to somebody else")
    else:
        let_go(draft, item)
    draft.say(EventKind.MISSION_EVENT, f"{item.label}: its task was {'deleted' if task is None else task.state.value}", task=item.task_id)
    if item.task_kind is not MissionTask.REVIEW:
        begin_again(draft, item, fix=unmended(item))


def _failed(draft: Draft, item: WorkItem, task: Task) -> None:
    said = "" if task.result is None else task.result.strip()[-2000:]
    words = f"failed ({task.failure_reason}): {said}"
    draft.say(EventKind.MISSION_EVENT, f"{item.label}: its task failed ({task.failure_reason})", task=task.id, agent=task.assigned_to)
    let_go(draft, item)
    if item.task_kind is MissionTask.REVIEW:
        _unclear(draft, item, f"a review that failed ({task.failure_reason})")
        return
    asked = unmended(item)
    last = f"The last attempt {words}"
    begin_again(draft, draft.change_item(item, failure_reason=words), fix=last if asked is None else f"{asked}\n\n{last}")


def _completed(draft: Draft, item: WorkItem, task: Task, roster: Roster) -> None:
    result = "" if task.result is None else task.result
    if item.task_kind is not MissionTask.REVIEW:
        submit(draft, let_go(draft, item), task, result)
        return
    hand = None if task.assigned_to is None else roster.get(task.assigned_to)
    name = "a reviewer" if hand is None else hand.agent.name
    commit = item.reviewing
    let_go(draft, item)
    if task.verdict is None:
        _unclear(draft, item, f"a review by {name} without a verdict")
    elif task.assigned_to is not None and task.assigned_to == item.author:
        _unclear(draft, item, f"a review by {name}, who made it")
    elif item.pull is not None and commit is None:
        _unclear(draft, item, f"a review by {name} of an unknown commit")
    else:
        judge(draft, item, Review(verdict=task.verdict, by=name, at=draft.now, commit=commit, remark=result))


def _unclear(draft: Draft, item: WorkItem, what: str) -> None:
    """A review that says nothing is asked for again; after a while somebody has to look."""
    draft.say(EventKind.MISSION_EVENT, f"{item.label}: {what} does not count")
    unclear = item.reviews_unclear + 1
    item = draft.change_item(item, reviews_unclear=unclear)
    if unclear >= UNCLEAR_LIMIT:
        wait(draft, item, Waiting.HELP, f"somebody to look at its reviews: {what}")
