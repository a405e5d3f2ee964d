"""A work item: one node of a mission's graph, what it waits for, and what came of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from tinytown.domain.ids import AgentId, MissionId, TaskId, WorkItemId, short
from tinytown.domain.objective import IssueRef, PullRef
from tinytown.domain.verdict import MissionTask, Verdict

__all__ = ["External", "Review", "Waiting", "WorkItem", "WorkKind", "WorkStatus"]


class WorkKind(StrEnum):
    """What kind of work an item of a mission is."""

    DESIGN = "design"
    """Finding out how."""
    IMPLEMENT = "implement"
    """Making it."""
    TEST = "test"
    """Trying it out."""
    REVIEW = "review"
    """Reading what others made."""
    MERGE_GATE = "merge_gate"
    """Seeing to it that it may be merged."""
    FOLLOWUP = "followup"
    """What is left to do afterwards."""


class WorkStatus(StrEnum):
    """How far an item of work has come."""

    PENDING = "pending"
    """Other work must be done before."""
    READY = "ready"
    """It may be begun."""
    ASSIGNED = "assigned"
    """An agent has it."""
    RUNNING = "running"
    """An agent is at it."""
    BLOCKED = "blocked"
    """It waits; `waiting_on` says for what."""
    DONE = "done"
    """It is finished."""
    FAILED = "failed"
    """It was given up; `failure_reason` says why."""
    CANCELLED = "cancelled"
    """Its mission ended before it."""

    @property
    def is_terminal(self) -> bool:
        """Is this an end? What has failed may be retried by an operator; what is done stays done."""
        return self in {WorkStatus.DONE, WorkStatus.FAILED, WorkStatus.CANCELLED}

    @property
    def is_at_work(self) -> bool:
        """Has an agent a task of it that makes or mends it?"""
        return self in {WorkStatus.ASSIGNED, WorkStatus.RUNNING}


class Waiting(StrEnum):
    """What an item waits for."""

    DEPENDENCY = "dependency"
    """Other items, or issues outside of the mission."""
    REVIEW = "review"
    """Somebody's verdict."""
    CI = "ci"
    """The checks of its pull request."""
    MERGE = "merge"
    """The merge of its pull request."""
    OPERATOR = "operator"
    """A decision of the people who run the town."""
    HELP = "help"
    """Somebody who mends what tinytown cannot."""


class External(msgspec.Struct, frozen=True, kw_only=True):
    """An issue outside of the mission that an item depends on, as it was when last looked at."""

    ref: IssueRef
    closed: bool = False
    """Closed as completed, or a pull request that was merged."""
    state: str = "unknown"
    """What GitHub says: `open`, `closed`, `not_planned`, `merged`, `missing`; `unknown` until it was asked."""
    checked_at: datetime | None = None
    next_check_at: datetime | None = None
    failures: int = 0
    """Looks in a row that failed."""
    last_error: str | None = None


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict, and on which commit; `commit` is None for work without a pull request."""

    verdict: Verdict
    by: str
    """The reviewer's name, `operator`, or a login of GitHub."""
    at: datetime
    commit: str | None = None
    remark: str = ""


class WorkItem(msgspec.Struct, frozen=True, kw_only=True):
    """The record of one work item, as stored in the hash `tt:<town>:mission:<id>:work`.

    `author` is the agent whose work it is; `assigned_to` is the agent that has the live
    task `task_id` at the moment, which may be a reviewer. `attempts` counts the work and fix
    tasks that were made for it. `fix` is what is to be mended, when nobody is at it yet.
    `approved_commit` binds `reviewer_approved` to the commit that was read.
    """

    version: int = 1
    id: WorkItemId
    mission_id: MissionId
    index: int
    """Its place in the order of the plan."""
    title: str
    kind: WorkKind = WorkKind.IMPLEMENT
    depends_on: tuple[WorkItemId, ...] = ()
    externals: tuple[External, ...] = ()
    owner_role: str | None = None
    priority: int = 0
    """Higher goes first among what may be begun."""
    status: WorkStatus = WorkStatus.PENDING
    waiting_on: Waiting | None = None
    waiting_for: str = ""
    """What exactly it waits for, in words."""
    waiting_since: datetime | None = None
    next_check_at: datetime | None = None
    assigned_to: AgentId | None = None
    author: AgentId | None = None
    meant_for: AgentId | None = None
    """The agent that an operator wants to have it, as soon as that has time."""
    remark: str | None = None
    """What the operator says to that agent."""
    task_id: TaskId | None = None
    task_kind: MissionTask | None = None
    past_tasks: tuple[TaskId, ...] = ()
    artifact_refs: tuple[str, ...] = ()
    pull: PullRef | None = None
    """The pull request that is its result now."""
    head: str | None = None
    """The commit of it that was seen last."""
    reviewer_approved: bool = False
    approved_commit: str | None = None
    review: Review | None = None
    reviewing: str | None = None
    """The commit that the live review was given."""
    reviews_unclear: int = 0
    """Reviews in a row that ended without a verdict."""
    merge_asked: str | None = None
    """The commit that GitHub was asked to merge."""
    merge_refused: str | None = None
    """Why GitHub did not."""
    fix: str | None = None
    mending: str | None = None
    """What the live task was given to mend; it is to be mended again if that is taken back."""
    branch: str | None = None
    """The branch on which it is to be made, its own."""
    source_ref: str | None = None
    url: str | None = None
    body: str = ""
    acceptance: tuple[str, ...] = ()
    attempts: int = 0
    extra_attempts: int = 0
    """Attempts that an operator granted beyond the policy's."""
    deadline_at: datetime | None = None
    """When the time that it may be at work or in review is over."""
    failure_reason: str | None = None
    created_at: datetime
    updated_at: datetime

    @property
    def short_id(self) -> str:
        """The first characters of the id."""
        return short(self.id)

    @property
    def label(self) -> str:
        """How people are told of it: its source and title."""
        return self.title if self.source_ref is None or self.url is None else f"{self.source_ref} {self.title}"
