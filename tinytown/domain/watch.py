"""A watch: one aspect of one pull request, looked at again and again for one work item."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from tinytown.domain.ids import MissionId, WatchId, WorkItemId
from tinytown.domain.objective import PullRef

__all__ = ["Override", "TriggerAction", "Watch", "WatchKind", "WatchStatus", "backoff"]


class WatchKind(StrEnum):
    """What is watched of a pull request."""

    PR_CHECKS = "pr_checks"
    """Its checks."""
    BUGBOT_COMMENTS = "bugbot_comments"
    """Comments of programs."""
    REVIEW_COMMENTS = "review_comments"
    """Comments of people."""
    MERGEABILITY = "mergeability"
    """Whether it can be merged, and whether it was merged or closed."""


class WatchStatus(StrEnum):
    """Whether something is being watched."""

    ACTIVE = "active"
    """It is looked at again and again."""
    SNOOZED = "snoozed"
    """It is looked at again later: it saw what it was set for, or somebody said so."""
    DONE = "done"
    """It has seen what it waits for; a new commit wakes it."""


class TriggerAction(StrEnum):
    """What follows when a watch sees what it was set for."""

    CREATE_FIX_TASK = "create_fix_task"
    """Somebody is asked to mend it."""
    NOTIFY_REVIEWER = "notify_reviewer"
    """The reviewer is told."""
    ADVANCE_PIPELINE = "advance_pipeline"
    """The next work begins."""


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's word that a watch need not be waited for."""

    by: str
    at: datetime
    reason: str


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """The record of one watch, as stored in the hash `tt:<town>:mission:<id>:watch`.

    `head` is the commit for which `status` holds; `seen` are the ids of comments, and the
    commits with failed checks or conflicts, that have triggered already.
    """

    version: int = 1
    id: WatchId
    mission_id: MissionId
    work_item_id: WorkItemId
    kind: WatchKind
    target: PullRef
    interval_secs: int
    next_due_at: datetime
    status: WatchStatus = WatchStatus.ACTIVE
    on_trigger: TriggerAction = TriggerAction.CREATE_FIX_TASK
    last_check_at: datetime | None = None
    consecutive_failures: int = 0
    last_error: str | None = None
    finding: str = ""
    """What it saw last, in words."""
    head: str | None = None
    since: datetime | None = None
    """When that commit was first seen."""
    seen: tuple[str, ...] = ()
    triggered: int = 0
    override: Override | None = None
    superseded: bool = False
    """The item has another pull request by now."""

    @property
    def target_ref(self) -> str:
        """The pull request, as `owner/repo#N`."""
        return str(self.target)

    @property
    def is_open(self) -> bool:
        """Is it still looked at?"""
        return self.status is not WatchStatus.DONE

    def is_due(self, now: datetime) -> bool:
        """Is it to be looked at now?"""
        return self.is_open and now >= self.next_due_at


def backoff(failures: int) -> timedelta:
    """How long to wait after so many failed looks in a row: 60 s, 120 s, then 300 s."""
    return timedelta(seconds={1: 60, 2: 120}.get(failures, 300))
