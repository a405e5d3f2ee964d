"""Looks: what follows from what GitHub says of a pull request, once for each thing it says."""

from __future__ import annotations

from datetime import timedelta

from tinytown.domain.event import EventKind
from tinytown.domain.pull_request import PullRequest, PullState
from tinytown.domain.verdict import MissionTask, Verdict
from tinytown.domain.watch import Watch, WatchKind, WatchStatus, backoff
from tinytown.domain.work_item import Review, Waiting, WorkItem
from tinytown.missions.commands import LookFailed, PullMoved, PullSeen
from tinytown.missions.externals import due_now
from tinytown.missions.gates import advance, finish, is_approved, is_gated
from tinytown.missions.links import take_back
from tinytown.missions.sight import look
from tinytown.missions.snapshot import Draft
from tinytown.missions.submissions import drop_pull
from tinytown.missions.waiting import begin_again, wait

__all__ = ["fail_look", "look_at_pull", "look_soon"]

_SEEN = 500
"""So many of the things that triggered a watch are remembered."""
_ASSUMED = timedelta(hours=1)
"""The longest that GitHub's own word on when to ask again is believed."""


def look_at_pull(draft: Draft, command: PullSeen) -> None:
    """Take in what a pull request looks like, for every item whose result it is."""
    for item in draft:
        if item.pull is None or item.pull.key != command.pull.ref.key or item.status.is_terminal:
            continue
        _look_for(draft, item, command.pull)


def fail_look(draft: Draft, command: LookFailed) -> None:
    """Take in that GitHub could not be asked: it is asked again, after a while that grows."""
    for watch in list(draft.watches.values()):
        if watch.target.key != command.ref.key or not watch.is_due(draft.now):
            continue
        failures = watch.consecutive_failures + 1
        pause = backoff(failures) if command.retry_after is None else max(min(command.retry_after, _ASSUMED), backoff(failures))
        draft.change_watch(
            watch, consecutive_failures=failures, last_error=command.error, last_check_at=draft.now, next_due_at=draft.now + pause,
            status=WatchStatus.ACTIVE,
        )  # fmt: skip
    if command.is_none:
        for item in draft:
            if item.pull is not None and item.pull.key == command.ref.key and _was_never_seen(draft, item):
                _no_pull(draft, item, command.error)


def look_soon(draft: Draft, command: PullMoved) -> None:
    """Have what is watched of an issue or a pull request looked at now."""
    for watch in list(draft.watches.values()):
        if watch.target.key == command.ref.key and watch.is_open and watch.next_due_at > draft.now:
            draft.change_watch(watch, next_due_at=draft.now)
    for item in draft:
        if any(external.ref.key == command.ref.key and not external.closed for external in item.externals):
            draft.change_item(item, externals=due_now(item.externals, command.ref, draft.now))


def _look_for(draft: Draft, item: WorkItem, pull: PullRequest) -> None:
    if item.head != pull.head:
        if item.head is not None:
            draft.say(EventKind.MISSION_EVENT, f"{item.label}: {pull.ref} is at commit {pull.head[:10]} now", agent=item.author)
        item = draft.change_item(item, head=pull.head)
    if item.task_kind is MissionTask.REVIEW and item.reviewing not in {None, pull.head}:
        item = take_back(draft, item, f"{pull.ref} has a newer commit")
    is_made = item.task_id is None or item.task_kind is MissionTask.REVIEW
    awake = [watch for watch in draft.watches_of(item) if watch.status is not WatchStatus.SNOOZED or watch.is_due(draft.now)]
    evidence = [found for watch in awake if (found := _updated(draft, watch, pull, may_trigger=is_made and watch.override is None))]
    if pull.state is PullState.MERGED:
        finish(draft, item, f"{pull.ref} was merged")
        return
    item = _approved_on_github(draft, item, pull)
    if pull.state is PullState.CLOSED:
        _closed(draft, item, pull)
        return
    if item.waiting_on is Waiting.OPERATOR and item.waiting_for.startswith(_CLOSED) and item.task_id is None:
        item = wait(draft, item, Waiting.CI, f"the first look at {pull.ref} after it was opened again")
    if evidence:
        item = _mend(draft, item, "\n\n".join(evidence))
    advance(draft, item)


_CLOSED = "a decision: "


def _closed(draft: Draft, item: WorkItem, pull: PullRequest) -> None:
    """A pull request that was closed without a merge is for people to decide, unless somebody mends it already."""
    if item.task_id is not None and item.task_kind is not MissionTask.REVIEW:
        return
    item = take_back(draft, item, f"{pull.ref} was closed")
    wait(draft, item, Waiting.OPERATOR, f"{_CLOSED}{pull.ref} was closed without a merge")


def _mend(draft: Draft, item: WorkItem, evidence: str) -> WorkItem:
    """Have what a look found mended; a review is called back. What somebody holds stays held."""
    item = take_back(draft, item, "it has to be mended first")
    both = evidence if item.fix is None else f"{item.fix}\n\n{evidence}"
    return draft.change_item(item, fix=both) if item.waiting_on is Waiting.OPERATOR else begin_again(draft, item, fix=both)


def _updated(draft: Draft, watch: Watch, pull: PullRequest, *, may_trigger: bool) -> str:
    """Take in what one watch sees; answers what has to be mended.

    Who makes or mends it is looked after when that is done: what is still bad then triggers then.
    """
    since = draft.now if watch.head != pull.head or watch.since is None else watch.since
    sight = look(watch.kind, pull, seen=frozenset(watch.seen), since=since, now=draft.now, policy=draft.mission.policy)
    triggered = may_trigger and bool(sight.evidence)
    fresh = [mark for mark in sight.marks if mark not in watch.seen] if may_trigger else []
    if triggered:
        words = f"{pull.ref} has conflicts with {pull.base}" if watch.kind is WatchKind.MERGEABILITY else f"{pull.ref}: {sight.finding}"
        draft.say(EventKind.MISSION_WATCH_TRIGGERED, words, old=watch.status.value, new="snoozed")
    status = WatchStatus.DONE if sight.is_complete else WatchStatus.SNOOZED if triggered else WatchStatus.ACTIVE
    draft.change_watch(
        watch,
        status=status,
        head=pull.head,
        since=since,
        last_check_at=draft.now,
        next_due_at=draft.now + timedelta(seconds=watch.interval_secs),
        consecutive_failures=0,
        last_error=None,
        finding=sight.finding,
        seen=(*watch.seen, *fresh)[-_SEEN:],
        triggered=watch.triggered + triggered,
    )
    return sight.evidence if triggered else ""


def _approved_on_github(draft: Draft, item: WorkItem, pull: PullRequest) -> WorkItem:
    """An approval on GitHub, of this very commit, is one here; but a rejection of that commit stands."""
    said = item.review
    refused = said is not None and said.verdict is Verdict.REJECT and said.commit == pull.head
    if not is_gated(draft.mission.policy, item) or is_approved(item) or refused:
        return item
    for review in pull.reviews:
        if review.state == "APPROVED" and review.commit == pull.head and not review.is_bot:
            draft.say(EventKind.REVIEWER_APPROVAL, f"{item.label}: {review.author} approved {pull.ref} on GitHub")
            if item.waiting_on is Waiting.HELP:
                item = wait(draft, item, Waiting.REVIEW, "a review")
            said = Review(verdict=Verdict.APPROVE, by=review.author, at=draft.now, commit=pull.head, remark=review.body)
            return draft.change_item(item, reviewer_approved=True, approved_commit=pull.head, review=said, reviews_unclear=0)
    return item


def _was_never_seen(draft: Draft, item: WorkItem) -> bool:
    """Has GitHub not shown its pull request yet? One that it has shown was not deleted: we may not read it any more."""
    at_work = item.status.is_terminal or item.status.is_at_work
    return not at_work and all(watch.head is None for watch in draft.watches_of(item))


def _no_pull(draft: Draft, item: WorkItem, error: str) -> None:
    """The result named something that is no pull request: whoever made it is asked again."""
    ref = item.pull
    item = drop_pull(draft, take_back(draft, item, f"{ref} is no pull request"))
    said = f"The result names {ref}, but that is no pull request ({error}). Name the pull request."
    begin_again(draft, item, fix=said if item.fix is None else f"{item.fix}\n\n{said}")
