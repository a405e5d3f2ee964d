"""What the stand-in knows: issues, pull requests, and all that is said and done about them."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import RLock
from typing import Any

__all__ = ["Account", "IssueRecord", "PullRecord", "Remark", "Review", "Run", "Status", "Thread", "World"]


@dataclass
class Account:
    """Who wrote something; None of these is a deleted account."""

    login: str
    is_bot: bool = False


@dataclass
class IssueRecord:
    repo: str
    number: int
    title: str
    body: str | None = None
    state: str = "open"
    state_reason: str | None = None
    labels: list[str] = field(default_factory=list)
    sub_issues: list[tuple[str, int]] = field(default_factory=list)


@dataclass
class Run:
    """A check run."""

    id: int
    name: str
    status: str
    conclusion: str | None
    app: str
    workflow: str | None
    event: str
    output: dict[str, Any]
    annotations: list[dict[str, Any]]
    log: str


@dataclass
class Status:
    """A commit status of the older kind."""

    id: int
    context: str
    state: str
    description: str


@dataclass
class Review:
    id: int
    author: Account | None
    state: str
    body: str
    commit: str | None
    at: datetime


@dataclass
class Remark:
    """A comment, on the whole or in a thread."""

    id: int
    author: Account | None
    body: str
    minimized: bool = False
    pending: bool = False


@dataclass
class Thread:
    path: str
    line: int | None
    remarks: list[Remark]
    resolved: bool = False


@dataclass
class PullRecord:
    repo: str
    number: int
    head: str
    branch: str
    base: str
    title: str
    author: str
    closes: int | None = None
    draft: bool = False
    state: str = "OPEN"
    mergeable: str = "MERGEABLE"
    decision: str | None = None
    merge_commit: str | None = None
    lags_behind: str | None = None
    """The head that the list of commits still shows, as just after a push."""
    checks: dict[str, list[Run | Status]] = field(default_factory=dict)
    """By commit."""
    reviews: list[Review] = field(default_factory=list)
    threads: list[Thread] = field(default_factory=list)
    comments: list[Remark] = field(default_factory=list)
    strangers: set[str] = field(default_factory=set)
    """Who may say something, as anybody in a public repository, and belongs to none."""


class World:
    """A GitHub without a network; `lock` guards all of it."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.issues: dict[tuple[str, int], IssueRecord] = {}
        self.pulls: dict[tuple[str, int], PullRecord] = {}
        self.when_pushed: Callable[[PullRecord], object] | None = None
        """The CI: told of each new head of a pull request, it sets checks."""
        self.merge_methods = {"merge", "squash", "rebase"}
        """What the repositories allow."""
        self.logs_url = ""
        """Where logs of jobs are kept: on GitHub another host."""
        self._ids = itertools.count(40_000_000_001)  # as large as GitHub's, beyond 32 bits
        self._begin = datetime(2026, 1, 1, tzinfo=UTC)

    def issue(self, repo: str, number: int | None = None, *, title: str = "An issue", body: str | None = None,
              labels: tuple[str, ...] = (), sub_issues: tuple[int | tuple[str, int], ...] = ()) -> IssueRecord:  # fmt: skip
        """Add an issue, or write it anew."""
        with self.lock:
            known = [each if isinstance(each, tuple) else (repo, each) for each in sub_issues]
            made = IssueRecord(repo=repo, number=self._number(repo, number), title=title, body=body, labels=list(labels), sub_issues=known)
            self.issues[repo.lower(), made.number] = made
            return made

    def close_issue(self, issue: IssueRecord, reason: str = "completed") -> None:
        """Close an issue, for a reason in GitHub's words."""
        with self.lock:
            issue.state, issue.state_reason = "closed", reason

    def pull(self, repo: str, number: int | None = None, *, head: str | None = None, branch: str = "work", base: str = "main",
             closes: int | None = None, title: str = "A pull request", draft: bool = False, author: str = "ada") -> PullRecord:  # fmt: skip
        """Open a pull request."""
        with self.lock:
            sha = self.sha() if head is None else head
            made = PullRecord(
                repo=repo, number=self._number(repo, number), head=sha, branch=branch, base=base,
                title=title, author=author, closes=closes, draft=draft,
            )  # fmt: skip
            self.pulls[repo.lower(), made.number] = made
            self._pushed(made)
            return made

    def push(self, pull: PullRecord, head: str | None = None, *, keeps_conflict: bool = False) -> str:
        """Push to the branch of a pull request; that ends a conflict, unless it is said to stay."""
        with self.lock:
            pull.head = self.sha() if head is None else head
            if not keeps_conflict:
                pull.mergeable = "MERGEABLE"
            self._pushed(pull)
            return pull.head

    def check(self, pull: PullRecord, name: str, status: str = "completed", conclusion: str | None = None, summary: str = "", *,
              title: str = "", text: str = "", annotations: tuple[dict[str, Any], ...] = (), log: str = "", app: str = "github-actions",
              workflow: str | None = "CI", event: str = "pull_request", commit: str | None = None) -> Run:  # fmt: skip
        """Add a check run of the head, or of another commit; one of the same name is a re-run."""
        with self.lock:
            output = {"title": title or None, "summary": summary or None, "text": text or None}
            made = Run(next(self._ids), name, status, conclusion, app, workflow, event, output, list(annotations), log)
            pull.checks.setdefault(pull.head if commit is None else commit, []).append(made)
            return made

    def status(self, pull: PullRecord, context: str, state: str, description: str = "") -> Status:
        """Add a commit status of the older kind."""
        with self.lock:
            made = Status(next(self._ids), context, state, description)
            pull.checks.setdefault(pull.head, []).append(made)
            return made

    def review(
        self, pull: PullRecord, author: str | None, state: str, body: str = "", *, bot: bool = False, commit: str | None = None
    ) -> Review:
        """Submit a review; the decision follows the newest opinion of each person."""
        with self.lock:
            number = next(self._ids)
            at = self._begin + timedelta(seconds=number % 100_000)
            made = Review(number, _account(author, bot), state, body, pull.head if commit is None else commit, at)
            pull.reviews.append(made)
            opinions = {each.author.login: each.state for each in pull.reviews if each.author is not None and each.state != "COMMENTED"}
            pull.decision = next((word for word in ("CHANGES_REQUESTED", "APPROVED") if word in opinions.values()), None)
            return made

    def thread(self, pull: PullRecord, body: str, author: str | None = "bob", *, path: str = "a.py", line: int | None = 1,
               bot: bool = False, pending: bool = False) -> Thread:  # fmt: skip
        """Begin a review thread."""
        with self.lock:
            made = Thread(path, line, [Remark(next(self._ids), _account(author, bot), body, pending=pending)])
            pull.threads.append(made)
            return made

    def reply(self, thread: Thread, body: str, author: str | None = "ada", *, bot: bool = False, pending: bool = False) -> Remark:
        """Answer in a review thread."""
        with self.lock:
            thread.remarks.append(made := Remark(next(self._ids), _account(author, bot), body, pending=pending))
            return made

    def resolve(self, thread: Thread) -> None:
        """Settle a review thread."""
        thread.resolved = True

    def settle(self, pull: PullRecord) -> None:
        """Resolve all threads of a pull request."""
        for thread in pull.threads:
            self.resolve(thread)

    def comment(self, pull: PullRecord, body: str, author: str | None = "bob", *, bot: bool = False, minimized: bool = False) -> Remark:
        """Comment on the whole pull request."""
        with self.lock:
            pull.comments.append(made := Remark(next(self._ids), _account(author, bot), body, minimized))
            return made

    def conflict(self, pull: PullRecord) -> None:
        """Let the base branch have moved so that it cannot be merged."""
        pull.mergeable = "CONFLICTING"

    def merge(self, pull: PullRecord) -> str:
        """Merge it; the issue that it closes is closed."""
        with self.lock:
            pull.state, pull.mergeable, pull.merge_commit = "MERGED", "UNKNOWN", self.sha()
            issue = None if pull.closes is None else self.issues.get((pull.repo.lower(), pull.closes))
            if issue is not None:
                self.close_issue(issue)
            return pull.merge_commit

    def close(self, pull: PullRecord) -> None:
        """Close it without a merge."""
        pull.state = "CLOSED"

    def sha(self) -> str:
        """The name of a new commit."""
        return hashlib.sha1(str(next(self._ids)).encode()).hexdigest()

    def _pushed(self, pull: PullRecord) -> None:
        if self.when_pushed is not None:
            self.when_pushed(pull)

    def _number(self, repo: str, number: int | None) -> int:
        taken = [known for place, known in (*self.issues, *self.pulls) if place == repo.lower()]
        return max(taken, default=0) + 1 if number is None else number


def _account(login: str | None, bot: bool) -> Account | None:
    return None if login is None else Account(login, bot)
