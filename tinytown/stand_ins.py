"""Stand-ins for what lies outside of a town: those who are told news, and GitHub."""

from __future__ import annotations

import msgspec

from tinytown.domain.notification import Answer, Notification, NotificationId, Outcome
from tinytown.domain.objective import IssueRef, PullRef
from tinytown.domain.pull_request import Issue, PullRequest, PullState
from tinytown.errors import GitHubRefused, TownError
from tinytown.notify.sender import mark_of

__all__ = ["Hub", "Listener"]


class Listener:
    """A destination that keeps what it is told, in place of services elsewhere.

    Attributes:
        outcome: what comes of each; set it to something else to have it fail.
    """

    def __init__(self, name: str = "listener") -> None:
        self.name = name
        self.told: list[Notification] = []
        self.outcome = Outcome(Answer.DELIVERED)

    def mark(self, notification: NotificationId) -> str:
        """What is kept of it when it has a notification."""
        return mark_of(notification, self.name)

    def send(self, notification: Notification, town: str) -> Outcome:  # noqa: ARG002  # as real ones
        """Keep the notification, unless it is to fail."""
        if self.outcome.answer is Answer.DELIVERED:
            self.told.append(notification)
        return self.outcome


class Hub:
    """What stands in for GitHub: issues and pull requests that a test puts there.

    Attributes:
        issues: by `ref.key`.
        pulls: by `ref.key`.
        merged: what it was asked to merge, and at which commit.
        trouble: what it raises instead of answering.
        asked: how often it was asked.
    """

    def __init__(self) -> None:
        self.issues: dict[str, Issue] = {}
        self.pulls: dict[str, PullRequest] = {}
        self.merged: list[tuple[PullRef, str]] = []
        self.trouble: TownError | None = None
        self.asked = 0

    def issue(self, ref: IssueRef) -> Issue:
        """The issue that was put there."""
        self._ask()
        if ref.key not in self.issues:
            raise GitHubRefused(f"the issue {ref}", "there is none", "not_found")
        return self.issues[ref.key]

    def pull(self, ref: PullRef) -> PullRequest:
        """The pull request that was put there."""
        self._ask()
        if ref.key not in self.pulls:
            raise GitHubRefused(f"the pull request {ref}", "there is none", "not_found")
        return self.pulls[ref.key]

    def merge(self, ref: PullRef, head: str) -> str:
        """Merge it, if it is at that commit."""
        pull = self.pull(ref)
        if pull.head != head:
            raise GitHubRefused(f"the merge of {ref}", "it is at another commit", "head_moved")
        self.merged.append((ref, head))
        self.pulls[ref.key] = msgspec.structs.replace(pull, state=PullState.MERGED, merge_commit=f"merge-of-{head}")
        return f"merge-of-{head}"

    def close(self) -> None:
        """Nothing is open."""

    def _ask(self) -> None:
        self.asked += 1
        if self.trouble is not None:
            raise self.trouble
