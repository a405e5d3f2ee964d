"""The gates: what has to be true before an item is done; every way to the end passes here."""

from __future__ import annotations

from tinytown.domain.errand import MergePull, Notify
from tinytown.domain.event import EventKind
from tinytown.domain.ids import derived_id
from tinytown.domain.mission import Dependency, Policy
from tinytown.domain.notification import News, Notification, NotificationId
from tinytown.domain.watch import Watch, WatchKind, WatchStatus
from tinytown.domain.work_item import Waiting, WorkItem, WorkKind, WorkStatus
from tinytown.missions.links import take_back
from tinytown.missions.snapshot import Draft
from tinytown.missions.waiting import begin_again, next_look, wait

__all__ = ["advance", "finish", "is_approved", "is_gated", "is_satisfied", "wants_review"]

_GATED = {WorkKind.IMPLEMENT, WorkKind.TEST}
_NAMES = {
    WatchKind.PR_CHECKS: "the checks",
    WatchKind.BUGBOT_COMMENTS: "the remarks of programs",
    WatchKind.REVIEW_COMMENTS: "the reviews",
    WatchKind.MERGEABILITY: "mergeability",
}


def is_gated(policy: Policy, item: WorkItem) -> bool:
    """Must somebody else have read it?"""
    return policy.reviewer_required and item.kind in _GATED


def is_approved(item: WorkItem) -> bool:
    """Has somebody approved it as it is now?"""
    if item.pull is None:
        return item.reviewer_approved
    return item.head is not None and item.approved_commit == item.head


def wants_review(policy: Policy, item: WorkItem) -> bool:
    """Is a verdict all that somebody could give it at the moment?"""
    return (
        item.status is WorkStatus.BLOCKED
        and is_gated(policy, item)
        and not is_approved(item)
        and item.waiting_on not in {Waiting.OPERATOR, Waiting.HELP}
        and (item.pull is None or item.head is not None)
        and item.fix is None
    )


def is_satisfied(watch: Watch, item: WorkItem) -> bool:
    """Need it not be waited for, on the commit that the item has now?"""
    return watch.override is not None or (watch.status is WatchStatus.DONE and watch.head == item.head)


def advance(draft: Draft, item: WorkItem) -> WorkItem:
    """Let an item that is made pass the gates that are open; answers it where it stands then."""
    if item.status is not WorkStatus.BLOCKED or item.waiting_on in {Waiting.OPERATOR, Waiting.HELP}:
        return item
    if item.fix is not None:
        return begin_again(draft, take_back(draft, item, "it has to be mended first"), fix=item.fix)
    if item.pull is not None and item.head is None:
        return wait(draft, item, Waiting.CI, f"the first look at {item.pull}", next_look(draft.watches_of(item)))
    if is_gated(draft.mission.policy, item) and not is_approved(item):
        at = "" if item.head is None else f" at {item.head[:10]}"
        return wait(draft, item, Waiting.REVIEW, f"a review{at}", next_look(draft.watches_of(item)))
    if item.task_id is not None:  # a review that is no longer needed
        item = take_back(draft, item, "the work is approved already")
    return finish(draft, item) if item.pull is None else _past_the_watches(draft, item)


def finish(draft: Draft, item: WorkItem, why: str = "") -> WorkItem:
    """Have an item done; what was still at work for it is called back."""
    item = take_back(draft, item, "the work is done")
    for watch in draft.watches_of(item):
        draft.change_watch(watch, status=WatchStatus.DONE, head=item.head)
    words = f"{item.label} is done{f': {why}' if why else ''}"
    draft.say(EventKind.MISSION_WORK_COMPLETED, words, agent=item.author, old=item.status.value, new="done")
    return draft.change_item(
        item, status=WorkStatus.DONE, waiting_on=None, waiting_for="", waiting_since=None, next_check_at=None, deadline_at=None, fix=None,
        failure_reason=None,
    )  # fmt: skip


def _past_the_watches(draft: Draft, item: WorkItem) -> WorkItem:
    watches = draft.watches_of(item)
    looks = [watch for watch in watches if watch.kind is not WatchKind.MERGEABILITY and not is_satisfied(watch, item)]
    merging = next((watch for watch in watches if watch.kind is WatchKind.MERGEABILITY), None)
    policy = draft.mission.policy
    if looks:  # what people and programs remark is judged when the checks have ended
        kinds = [watch.kind for watch in looks]
        what = [WatchKind.PR_CHECKS] if WatchKind.PR_CHECKS in kinds else kinds
        return wait(draft, item, Waiting.CI, f"{' and '.join(_NAMES[kind] for kind in what)} of {item.pull}", next_look(watches))
    waits_for_merge = policy.auto_merge or policy.dependency is Dependency.MERGED
    if not waits_for_merge and (merging is None or merging.override is not None or merging.finding == "mergeable"):
        return finish(draft, item, "approved, and its checks are good")
    if merging is not None and merging.finding != "mergeable" and merging.override is None:
        return wait(
            draft, item, Waiting.MERGE, f"{item.pull} to become mergeable: it is {merging.finding or 'not looked at'}", next_look(watches)
        )
    return _merge(draft, item, watches)


def _merge(draft: Draft, item: WorkItem, watches: list[Watch]) -> WorkItem:
    assert item.pull is not None
    assert item.head is not None
    policy, until = draft.mission.policy, next_look(watches)
    if policy.auto_merge and item.merge_asked != item.head and draft.mission.hold is None:
        strange = None if _is_at_home(item) else "it is not in the repository of its issue"
        if strange is None:
            draft.ask(MergePull(item.pull, item.head))
        item = draft.change_item(item, merge_asked=item.head, merge_refused=strange)
    if policy.auto_merge and item.merge_refused is None:
        return wait(draft, item, Waiting.MERGE, f"the merge of {item.pull}", until)
    words = f"somebody to merge {item.pull}{'' if item.merge_refused is None else f': {item.merge_refused}'}"
    if item.waiting_for != words:
        draft.ask(Notify(_wanted(draft, item)))
    return wait(draft, item, Waiting.MERGE, words, until)


def _is_at_home(item: WorkItem) -> bool:
    """Is its pull request where its issue is? What an agent names elsewhere is for people to merge."""
    if item.pull is None or item.url is None or item.source_ref is None:
        return True
    return item.source_ref.lower().rpartition("#")[0] == item.pull.key.rpartition("#")[0]


def _wanted(draft: Draft, item: WorkItem) -> Notification:
    assert item.pull is not None
    said = "" if item.merge_refused is None else f"It was not merged, because {item.merge_refused}. "
    return Notification(
        id=NotificationId(derived_id(draft.mission.id, item.id, str(item.head), News.MISSION_NEEDS_APPROVAL)),
        news=News.MISSION_NEEDS_APPROVAL,
        title=f"{item.pull} can be merged" if item.merge_refused is None else f"{item.pull} was not merged",
        body=f"{item.label} is approved and its checks are good. {said}Mission {draft.mission.short_id} goes on when it is merged.",
        at=draft.now,
        mission_id=draft.mission.id,
        url=item.pull.url,
    )
