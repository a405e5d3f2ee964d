"""The work of missions on the wire."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tinytown.domain.objective import PullRef
from tinytown.domain.verdict import MissionTask, Verdict
from tinytown.domain.work_item import External, Review, Waiting, WorkItem, WorkKind, WorkStatus

__all__ = ["ExternalView", "PullView", "RetriedView", "ReviewView", "WorkPage", "WorkView", "work_view"]


class PullView(msgspec.Struct, frozen=True, kw_only=True):
    """A pull request."""

    ref: str
    """`owner/repo#N`."""
    url: str


class ExternalView(msgspec.Struct, frozen=True, kw_only=True):
    """An issue outside of the mission that is waited for."""

    ref: str
    """`owner/repo#N`."""
    url: str
    closed: bool
    """Nobody waits for it any more."""
    state: str
    """As GitHub says: `open`, `closed`, `not_planned`, `merged`, `missing`; `unknown` until it was asked, `waived` on somebody's word."""
    checked_at: datetime | None
    next_check_at: datetime | None
    failures: int
    """Looks in a row that failed."""
    last_error: str | None


class ReviewView(msgspec.Struct, frozen=True, kw_only=True):
    """What a review came to."""

    verdict: Verdict
    by: str
    at: datetime
    commit: str | None
    remark: str


class WorkView(msgspec.Struct, frozen=True, kw_only=True):
    """An item of work."""

    id: str
    mission_id: str
    index: int
    """Its place in the order of the plan."""
    title: str
    kind: WorkKind
    depends_on: tuple[str, ...]
    """The ids of the items that must be done before."""
    externals: tuple[ExternalView, ...]
    owner_role: str | None
    priority: int
    status: WorkStatus
    waiting_on: Waiting | None
    waiting_for: str
    """What exactly it waits for, in words."""
    waiting_since: datetime | None
    next_check_at: datetime | None
    """When it is looked at next whether it still has to wait."""
    assigned_to: str | None
    """The id of the agent that is at it now, which may be a reviewer."""
    author: str | None
    """The id of the agent whose work it is."""
    meant_for: str | None
    """The id of the agent that is to have it as soon as that has time."""
    remark: str | None
    """What that agent is told."""
    task_id: str | None
    task_kind: MissionTask | None
    past_tasks: tuple[str, ...]
    """The ids of the tasks that were made for it before."""
    artifact_refs: tuple[str, ...]
    pull: PullView | None
    head: str | None
    """The commit of the pull request that was seen last."""
    reviewer_approved: bool
    approved_commit: str | None
    review: ReviewView | None
    """The newest verdict."""
    reviewing: str | None
    """The commit that is being reviewed."""
    reviews_unclear: int
    """Reviews in a row that ended without a verdict."""
    merge_asked: str | None
    """The commit that GitHub was asked to merge."""
    merge_refused: str | None
    """Why GitHub did not."""
    fix: str | None
    """What is to be mended, when nobody is at it."""
    mending: str | None
    """What is being mended."""
    attempts: int
    """The tasks that were made to make and mend it."""
    extra_attempts: int
    """Attempts that were granted beyond the policy's."""
    deadline_at: datetime | None
    failure_reason: str | None
    branch: str | None
    source_ref: str | None
    url: str | None
    body: str
    acceptance: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    version: int
    """Counts the changes; the number in the ETag."""


class WorkPage(msgspec.Struct, frozen=True, kw_only=True):
    """The work of a mission, in the order of its plan."""

    mission_id: str
    work_items: tuple[WorkView, ...]
    count: int


class RetriedView(WorkPage, frozen=True, kw_only=True):
    """The items that have another chance."""


def work_view(item: WorkItem) -> WorkView:
    """The item as it is shown."""
    return WorkView(
        id=item.id,
        mission_id=item.mission_id,
        index=item.index,
        title=item.title,
        kind=item.kind,
        depends_on=item.depends_on,
        externals=tuple(_external(each) for each in item.externals),
        owner_role=item.owner_role,
        priority=item.priority,
        status=item.status,
        waiting_on=item.waiting_on,
        waiting_for=item.waiting_for,
        waiting_since=item.waiting_since,
        next_check_at=item.next_check_at,
        assigned_to=item.assigned_to,
        author=item.author,
        meant_for=item.meant_for,
        remark=item.remark,
        task_id=item.task_id,
        task_kind=item.task_kind,
        past_tasks=item.past_tasks,
        artifact_refs=item.artifact_refs,
        pull=_pull(item.pull),
        head=item.head,
        reviewer_approved=item.reviewer_approved,
        approved_commit=item.approved_commit,
        review=_review(item.review),
        reviewing=item.reviewing,
        reviews_unclear=item.reviews_unclear,
        merge_asked=item.merge_asked,
        merge_refused=item.merge_refused,
        fix=item.fix,
        mending=item.mending,
        attempts=item.attempts,
        extra_attempts=item.extra_attempts,
        deadline_at=item.deadline_at,
        failure_reason=item.failure_reason,
        branch=item.branch,
        source_ref=item.source_ref,
        url=item.url,
        body=item.body,
        acceptance=item.acceptance,
        created_at=item.created_at,
        updated_at=item.updated_at,
        version=item.version,
    )


def _external(external: External) -> ExternalView:
    return ExternalView(
        ref=str(external.ref),
        url=external.ref.url,
        closed=external.closed,
        state=external.state,
        checked_at=external.checked_at,
        next_check_at=external.next_check_at,
        failures=external.failures,
        last_error=external.last_error,
    )


def _pull(pull: PullRef | None) -> PullView | None:
    return None if pull is None else PullView(ref=str(pull), url=pull.url)


def _review(review: Review | None) -> ReviewView | None:
    if review is None:
        return None
    return ReviewView(verdict=review.verdict, by=review.by, at=review.at, commit=review.commit, remark=review.remark)
