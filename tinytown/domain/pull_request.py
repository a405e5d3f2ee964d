"""A pull request as GitHub shows it at one moment: all that its watches judge by."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from tinytown.domain.objective import IssueRef, PullRef

__all__ = ["Check", "CheckState", "Comment", "Issue", "IssueState", "Mergeable", "PullRequest", "PullReview", "PullState", "ReviewDecision"]


class CheckState(StrEnum):
    """What a check has come to; a check that has not finished is never a success."""

    PENDING = "pending"
    SUCCESS = "success"
    """Success, neutral or skipped."""
    FAILURE = "failure"
    """Any other conclusion: failure, error, timed out, cancelled, action required, stale, start-up failure, unknown words."""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One check run, or one status of the older kind, of the head commit."""

    name: str
    state: CheckState
    conclusion: str = ""
    """GitHub's own word."""
    url: str = ""
    excerpt: str = ""
    """The end of what it said, for failed ones."""


class PullState(StrEnum):
    """Whether a pull request is open."""

    OPEN = "open"
    CLOSED = "closed"
    """Closed without a merge."""
    MERGED = "merged"


class Mergeable(StrEnum):
    """Whether GitHub could merge it now."""

    YES = "yes"
    CONFLICTING = "conflicting"
    UNKNOWN = "unknown"
    """GitHub has not found out yet."""


class ReviewDecision(StrEnum):
    """What the reviews on GitHub come to at present."""

    APPROVED = "approved"
    CHANGES_REQUESTED = "changes_requested"
    REVIEW_REQUIRED = "review_required"
    NONE = "none"


class PullReview(msgspec.Struct, frozen=True, kw_only=True):
    """The newest review of one person that says yes or no."""

    id: str
    author: str
    state: str
    """`APPROVED`, `CHANGES_REQUESTED`, `DISMISSED` or `COMMENTED`."""
    commit: str | None
    body: str = ""
    is_bot: bool = False


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    """A remark that is not settled: the newest entry of an unresolved thread, or a comment on the whole."""

    id: str
    author: str
    is_bot: bool
    body: str
    path: str = ""
    line: int | None = None
    url: str = ""


class PullRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What GitHub said of one pull request in one round.

    `threads` are review threads that nobody has resolved; `comments` are those on the whole
    pull request by programs (people's comments there are talk and ask for nothing).
    """

    ref: PullRef
    title: str = ""
    state: PullState = PullState.OPEN
    draft: bool = False
    head: str
    base: str = ""
    branch: str = ""
    checks: tuple[Check, ...] = ()
    decision: ReviewDecision = ReviewDecision.NONE
    reviews: tuple[PullReview, ...] = ()
    threads: tuple[Comment, ...] = ()
    comments: tuple[Comment, ...] = ()
    mergeable: Mergeable = Mergeable.UNKNOWN
    merge_commit: str | None = None
    fetched_at: datetime


class IssueState(StrEnum):
    """Whether an issue is settled."""

    OPEN = "open"
    CLOSED = "closed"
    """Closed as completed; for a pull request, merged."""
    NOT_PLANNED = "not_planned"
    """Closed without being done."""


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """An issue as GitHub shows it."""

    ref: IssueRef
    title: str
    body: str = ""
    state: IssueState = IssueState.OPEN
    labels: tuple[str, ...] = ()
    sub_issues: tuple[IssueRef, ...] = ()
    is_pull_request: bool = False
    fetched_at: datetime
