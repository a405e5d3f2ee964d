"""The parts of GitHub's GraphQL answers that we read, under GitHub's own names."""

from __future__ import annotations

from datetime import datetime
from typing import Generic, TypeVar

import msgspec

__all__ = ["Author", "CommentNode", "Context", "Page", "PullNode", "Repository", "RepositoryNode", "ReviewNode", "Rollup", "ThreadNode"]

T = TypeVar("T")


class _Shape(msgspec.Struct, frozen=True, rename="camel"):
    """GraphQL writes camelCase."""


class _PageInfo(_Shape, frozen=True):
    has_next_page: bool
    end_cursor: str | None


class Page(_Shape, Generic[T], frozen=True):
    """Some of a list, and where it goes on; a node that we may not see is null."""

    nodes: list[T | None]
    page_info: _PageInfo = _PageInfo(False, None)


class Author(_Shape, frozen=True):
    """Who wrote something; it is null when the account is gone."""

    login: str
    kind: str = msgspec.field(name="__typename", default="User")


class _Oid(_Shape, frozen=True):
    oid: str


class _Named(_Shape, frozen=True):
    name: str = ""


class _Slug(_Shape, frozen=True):
    slug: str = ""


class _WorkflowRun(_Shape, frozen=True):
    event: str | None = None
    workflow: _Named | None = None


class _CheckSuite(_Shape, frozen=True):
    app: _Slug | None = None
    workflow_run: _WorkflowRun | None = None


class Context(_Shape, frozen=True):
    """A check run, or a status of the older kind."""

    kind: str = msgspec.field(name="__typename")
    name: str = ""
    database_id: int | None = None
    status: str = ""
    conclusion: str | None = None
    details_url: str | None = None
    check_suite: _CheckSuite | None = None
    context: str = ""
    state: str = ""
    description: str | None = None
    target_url: str | None = None
    created_at: datetime | None = None


class Rollup(_Shape, frozen=True):
    """All checks of a commit."""

    contexts: Page[Context]


class _Commit(_Shape, frozen=True):
    oid: str = ""
    status_check_rollup: Rollup | None = None


class _CommitNode(_Shape, frozen=True):
    commit: _Commit


class _Id(_Shape, frozen=True):
    id: str


class CommentNode(_Shape, frozen=True):
    """A comment, of a review thread or on the whole."""

    id: str
    body: str
    url: str
    author: Author | None
    author_association: str = "NONE"
    state: str = "SUBMITTED"
    reply_to: _Id | None = None
    is_minimized: bool = False


class ThreadNode(_Shape, frozen=True):
    """A review thread."""

    is_resolved: bool
    path: str
    line: int | None
    comments: Page[CommentNode]


class ReviewNode(_Shape, frozen=True):
    """A review."""

    id: str
    state: str
    body: str
    submitted_at: datetime | None
    commit: _Oid | None
    author: Author | None


class PullNode(_Shape, frozen=True):
    """A pull request, whole or a further page of one of its lists."""

    title: str = ""
    state: str = ""
    is_draft: bool = False
    mergeable: str = ""
    review_decision: str | None = None
    head_ref_oid: str = ""
    head_ref_name: str = ""
    base_ref_name: str = ""
    author: Author | None = None
    merge_commit: _Oid | None = None
    latest_opinionated_reviews: Page[ReviewNode] | None = None
    commits: Page[_CommitNode] | None = None
    review_threads: Page[ThreadNode] | None = None
    comments: Page[CommentNode] | None = None


class RepositoryNode(_Shape, frozen=True):
    """What a repository has of what was asked for."""

    pull_request: PullNode | None = None
    object: _Commit | None = None


class Repository(_Shape, frozen=True):
    """The answer to each of our questions."""

    repository: RepositoryNode | None = None
