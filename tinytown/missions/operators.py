"""Operators: what people decide about single items and watches, with the same guards from every surface."""

from __future__ import annotations

import msgspec

from tinytown.domain.event import EventKind
from tinytown.domain.ids import AgentId, WorkItemId
from tinytown.domain.verdict import MissionTask, Verdict
from tinytown.domain.watch import Override, Watch, WatchStatus
from tinytown.domain.work_item import External, Review, Waiting, WorkItem, WorkStatus
from tinytown.errors import AmbiguousReference, InvalidValue, VersionMismatch, WatchNotFound, WorkItemNotFound, WrongState
from tinytown.missions.commands import Approve, OverrideWatch, Reject, Snooze, UpdateItem
from tinytown.missions.gates import advance, finish, is_approved, is_gated
from tinytown.missions.holding import refuse_terminal, retry_item
from tinytown.missions.links import take_back
from tinytown.missions.settle import judge
from tinytown.missions.snapshot import Draft
from tinytown.missions.waiting import begin_again, wait

__all__ = ["approve", "one_to_judge", "override_watch", "reject", "snooze", "update_item"]


def approve(draft: Draft, command: Approve) -> WorkItem:
    """Approve an item as it is now.

    Raises:
        WorkItemNotFound: there is no such item, or none waits for a verdict.
        AmbiguousReference: none was named, and several wait for a verdict.
        WrongState: it does not wait for a verdict, or its pull request has not been looked at.
        InvalidValue: its author would approve it.
    """
    item = _judged(draft, command.item, command.agent, "approved")
    if is_approved(item):
        raise WrongState(f"work item {item.short_id}", "approved already", "approved")
    item = take_back(draft, item, f"{command.by} approved it")
    if item.waiting_on is Waiting.HELP:
        item = wait(draft, item, Waiting.REVIEW, "a review")
    item = judge(draft, item, Review(verdict=Verdict.APPROVE, by=command.by, at=draft.now, commit=item.head, remark=command.remark))
    return advance(draft, item)


def reject(draft: Draft, command: Reject) -> WorkItem:
    """Have an item changed; errors are those of `approve`."""
    if not command.reason.strip():
        raise InvalidValue("reason", "say what has to change")
    item = _judged(draft, command.item, command.agent, "rejected")
    item = take_back(draft, item, f"{command.by} rejected it")
    return judge(draft, item, Review(verdict=Verdict.REJECT, by=command.by, at=draft.now, commit=item.head, remark=command.reason))


def update_item(draft: Draft, command: UpdateItem) -> WorkItem:
    """Say how an item stands: `done`, `ready` (again) or `blocked`; add to what it has made.

    Raises:
        WorkItemNotFound: there is no such item.
        VersionMismatch: it is not at the expected version.
        WrongState: the step is not possible from where it stands; what is done stays done.
        InvalidValue: that status is not for people to set.
    """
    item = draft.items.get(command.item)
    if item is None:
        raise WorkItemNotFound(command.item)
    if command.expected is not None and command.expected != item.version:
        raise VersionMismatch(f"work item {item.short_id}", command.expected, item.version)
    refuse_terminal(draft, "changed")
    fresh = tuple(artifact for artifact in dict.fromkeys(command.artifacts) if artifact not in item.artifact_refs)
    if fresh:
        item = draft.change_item(item, artifact_refs=(*item.artifact_refs, *fresh))
        draft.say(EventKind.MISSION_EVENT, f"{command.by} adds to {item.label}: {', '.join(fresh)}")
    held = item.waiting_on is Waiting.OPERATOR
    stands = command.status is item.status and (held or item.status is not WorkStatus.BLOCKED)  # to wait is not to be held
    return item if command.status is None or stands else _set(draft, item, command.status, command.by)


def snooze(draft: Draft, command: Snooze) -> Watch:
    """Look at a watch only later.

    Raises:
        WatchNotFound: there is none.
        WrongState: it is done.
    """
    watch = _watch(draft, command.watch)
    if not watch.is_open:
        raise WrongState(f"watch {watch.id[:8]}", watch.status.value, "snoozed")
    draft.say(EventKind.MISSION_EVENT, f"{command.by} looks at {watch.target} ({watch.kind.value}) again in {command.span}")
    return draft.change_watch(watch, status=WatchStatus.SNOOZED, next_due_at=draft.now + command.span)


def override_watch(draft: Draft, command: OverrideWatch) -> Watch:
    """Let nothing wait for a watch any more, and keep on whose word.

    Raises:
        WatchNotFound: there is none.
        WrongState: the mission has ended, or the watch is one of an earlier pull request.
        InvalidValue: no reason is given.
    """
    refuse_terminal(draft, "changed")
    watch = _watch(draft, command.watch)
    if watch.superseded:
        raise WrongState(f"watch {watch.id[:8]}", "superseded by another pull request", "overridden")
    if not command.reason.strip():
        raise InvalidValue("reason", "say why it need not be waited for; it is kept with the watch")
    over = Override(by=command.by, at=draft.now, reason=command.reason.strip())
    draft.say(EventKind.MISSION_EVENT, f"{command.by} overrides {watch.kind.value} of {watch.target}: {over.reason}")
    watch = draft.change_watch(watch, override=over)
    advance(draft, draft.items[watch.work_item_id])
    return draft.watches[watch.id]


def _judged(draft: Draft, named: WorkItemId | None, agent: AgentId | None, step: str) -> WorkItem:
    refuse_terminal(draft, step)
    item = one_to_judge(draft) if named is None else draft.items.get(named)
    if item is None:
        raise WorkItemNotFound(str(named))
    if agent is not None and agent == item.author:
        raise InvalidValue("reviewer", "its author cannot judge it; somebody else has to")
    if not _can_be_judged(item):
        words = item.status.value if item.waiting_on is None else f"waiting for {item.waiting_for}"
        raise WrongState(f"work item {item.short_id}", words, step)
    if item.pull is not None and item.head is None:
        raise WrongState(f"work item {item.short_id}", f"not looked at on GitHub yet ({item.pull})", step)
    return item


def _can_be_judged(item: WorkItem) -> bool:
    reviewed = item.task_id is None or item.task_kind is MissionTask.REVIEW
    return item.status is WorkStatus.BLOCKED and reviewed and item.waiting_on is not Waiting.OPERATOR


def one_to_judge(draft: Draft) -> WorkItem:
    """The item that waits for a verdict.

    Raises:
        WrongState: the mission has ended.
        WorkItemNotFound: none does.
        AmbiguousReference: several do.
    """
    refuse_terminal(draft, "judged")
    waiting = [
        item for item in draft.items.values() if _can_be_judged(item) and is_gated(draft.mission.policy, item) and not is_approved(item)
    ]
    if not waiting:
        raise WorkItemNotFound("the one that waits for a review")
    if len(waiting) > 1:
        raise AmbiguousReference("work item", tuple(f"{item.short_id} {item.label}" for item in waiting))
    return waiting[0]


def _set(draft: Draft, item: WorkItem, status: WorkStatus, by: str) -> WorkItem:
    if item.status in {WorkStatus.DONE, WorkStatus.CANCELLED}:
        raise WrongState(f"work item {item.short_id}", item.status.value, f"made {status.value}")
    waits = any(draft.items[other].status is not WorkStatus.DONE for other in item.depends_on if other in draft.items)
    if status is WorkStatus.READY and item.status is WorkStatus.PENDING and not waits:
        waived = tuple(_waived(external) for external in item.externals)
        draft.say(EventKind.MISSION_EVENT, f"{by} has {item.label} begun without waiting for others")
        return begin_again(draft, draft.change_item(item, externals=waived), fix=None)
    if status is WorkStatus.READY:
        return retry_item(draft, item)
    if status is WorkStatus.DONE and not waits:
        return finish(draft, item, f"{by} said so")
    if status is WorkStatus.BLOCKED and item.status is not WorkStatus.PENDING:
        return wait(draft, take_back(draft, item, f"{by} holds it"), Waiting.OPERATOR, f"{by}, who holds it")
    if status in {WorkStatus.ASSIGNED, WorkStatus.RUNNING, WorkStatus.PENDING, WorkStatus.FAILED, WorkStatus.CANCELLED}:
        raise InvalidValue("status", f"{status.value} is not for people to set; ready, blocked and done are")
    raise WrongState(f"work item {item.short_id}", f"{item.status.value}, waiting for {item.waiting_for}", f"made {status.value}")


def _waived(external: External) -> External:
    return external if external.closed else msgspec.structs.replace(external, closed=True, state="waived", next_check_at=None)


def _watch(draft: Draft, which: str) -> Watch:
    for watch in draft.watches.values():
        if watch.id == which:
            return watch
    raise WatchNotFound(which)
