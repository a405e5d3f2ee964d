"""Submissions: work that an agent says is made; from here it goes to the gates."""

from __future__ import annotations

import msgspec

from tinytown.domain.ids import WatchId, derived_id
from tinytown.domain.objective import GITHUB, PullRef
from tinytown.domain.pull_request import PullState
from tinytown.domain.task import Task
from tinytown.domain.watch import TriggerAction, Watch, WatchKind, WatchStatus
from tinytown.domain.work_item import Waiting, WorkItem, WorkStatus
from tinytown.missions.gates import advance
from tinytown.missions.snapshot import Draft
from tinytown.missions.waiting import begin_again, wait
from tinytown.planning.references import pulls_in
from tinytown.planning.repository import Repository

__all__ = ["drop_pull", "is_closed", "put_pull", "submit"]

_ARTIFACTS = 200
_LONGEST = 2000


def submit(draft: Draft, item: WorkItem, task: Task, result: str) -> WorkItem:
    """Take in the result of a work or fix task; what had come up meanwhile is mended first."""
    said = result.strip()[:_LONGEST]
    fresh = [artifact for artifact in (f"task:{task.id}", said) if artifact and artifact not in item.artifact_refs]
    item = draft.change_item(
        item,
        artifact_refs=(*item.artifact_refs, *fresh)[-_ARTIFACTS:],
        author=item.author if task.assigned_to is None else task.assigned_to,
        status=WorkStatus.BLOCKED,
        waiting_on=None,
        waiting_for="",
        failure_reason=None,
    )
    pull = _newly_named(draft, item, result)
    if pull is not None:
        item = put_pull(draft, item, pull)
    elif item.pull is not None:
        item = _look_again(draft, item)
    else:
        item = draft.change_item(item, reviewer_approved=False, approved_commit=None)
    if item.fix is not None:  # it came while somebody was at work
        return begin_again(draft, item, fix=item.fix)
    return advance(draft, item)


def _newly_named(draft: Draft, item: WorkItem, result: str) -> PullRef | None:
    """The pull request that a result names as the item's; who names the present one among others has not made another."""
    named = [ref for ref in pulls_in(result, _repository(item)) if ref.key != _source(item)]
    others = [ref for ref in named if item.pull is None or ref.key != item.pull.key]
    is_closed = any(watch.finding == PullState.CLOSED.value for watch in draft.watches_of(item))
    return others[0] if others and (len(others) == len(named) or is_closed) else None


def put_pull(draft: Draft, item: WorkItem, pull: PullRef) -> WorkItem:
    """Have a pull request be the item's result, and what is watched of an earlier one be watched no more."""
    item = drop_pull(draft, item)
    for kind in WatchKind:
        watch = Watch(
            id=WatchId(derived_id(draft.mission.id, item.id, pull.key, kind.value)),
            mission_id=draft.mission.id,
            work_item_id=item.id,
            kind=kind,
            target=pull,
            interval_secs=draft.mission.policy.watch_interval_secs,
            next_due_at=draft.now,
            on_trigger=TriggerAction.ADVANCE_PIPELINE if kind is WatchKind.MERGEABILITY else TriggerAction.CREATE_FIX_TASK,
        )
        known = draft.watches.get(watch.id)
        draft.put_watch(watch if known is None else _armed(draft, known))
    return wait(draft, draft.change_item(item, pull=pull), Waiting.CI, f"the first look at {pull}", draft.now)


def drop_pull(draft: Draft, item: WorkItem) -> WorkItem:
    """Have an item be without a pull request again; what was watched of one is watched no more."""
    for watch in draft.watches_of(item):
        draft.change_watch(watch, status=WatchStatus.DONE, superseded=True)
    return draft.change_item(
        item, pull=None, head=None, reviewer_approved=False, approved_commit=None, merge_asked=None, merge_refused=None
    )


def is_closed(draft: Draft, item: WorkItem) -> bool:
    """Was its pull request closed without a merge, when last looked at?"""
    return any(watch.finding == PullState.CLOSED.value for watch in draft.watches_of(item))


def _look_again(draft: Draft, item: WorkItem) -> WorkItem:
    """Look anew at the pull request that was mended; what is still bad on the same commit counts again."""
    for watch in draft.watches_of(item):
        draft.put_watch(_armed(draft, watch))
    return wait(draft, draft.change_item(item, head=None), Waiting.CI, f"a look at {item.pull} after it was mended", draft.now)


def _armed(draft: Draft, watch: Watch) -> Watch:
    kept = tuple(mark for mark in watch.seen if not mark.startswith(("checks:", "conflict:")))
    return msgspec.structs.replace(
        watch, status=WatchStatus.ACTIVE, next_due_at=draft.now, consecutive_failures=0, last_error=None, superseded=False, seen=kept
    )


def _repository(item: WorkItem) -> Repository | None:
    """The repository that a bare number means: the one of its pull request, else of its issue."""
    if item.pull is not None:
        return Repository(item.pull.owner, item.pull.repo, item.pull.host)
    source = item.source_ref
    if source is None or "#" not in source or "/" not in source:
        return None
    path, _, number = source.rpartition("#")
    *host, owner, repo = path.split("/")
    return Repository(owner, repo, host[0] if host else GITHUB) if number.isdigit() and len(host) < 2 else None


def _source(item: WorkItem) -> str:
    return "" if item.source_ref is None else item.source_ref.lower()
