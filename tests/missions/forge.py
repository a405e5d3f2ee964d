"""A GitHub in memory whose pull requests are pushed to, checked, talked about, merged and closed by a test."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tinytown.domain.objective import IssueRef, PullRef
from tinytown.domain.pull_request import Check, CheckState, Comment, Issue, IssueState, Mergeable, PullRequest, PullState
from tinytown.errors import GitHubRefused, GitHubUnavailable
from tinytown.stand_ins import Hub

__all__ = ["WHAT_HAPPENS", "Forge"]

WHAT_HAPPENS = (
    "pending", "failed", "good", "no checks", "comment", "bot comment", "resolve", "conflict", "mergeable", "push", "merge",
    "close", "reopen",
)  # fmt: skip
"""What may happen to a pull request."""


class Forge(Hub):
    """A hub that merges only what can be merged, and whose pull requests change at a word."""

    def __init__(self, now: datetime) -> None:
        super().__init__()
        self.now = now
        self._heads = 0

    def open(self, number: int, checks: str = "pending") -> PullRef:
        """Open a pull request, or push to the one that is there; answers it."""
        ref = PullRef("acme", "app", number)
        known = self.pulls.get(ref.key)
        if known is None or known.state is not PullState.OPEN:
            self.pulls[ref.key] = PullRequest(ref=ref, head=self._head(), mergeable=Mergeable.YES, fetched_at=self.now)
        else:
            self.happens(known, "push")
        self.happens(self.pulls[ref.key], checks)
        return ref

    def happens(self, pull: PullRequest, what: str) -> None:
        """Have something happen to a pull request; what cannot happen to one that was merged does not."""
        if pull.state is PullState.MERGED or (pull.state is PullState.CLOSED and what not in {"reopen", "comment"}):
            return
        self.pulls[pull.ref.key] = msgspec.structs.replace(pull, **self._change(pull, what))

    def heal(self) -> None:
        """GitHub answers, every pull request that is not merged is open and in order, and every issue is settled."""
        self.trouble = None
        for pull in list(self.pulls.values()):
            for what in ("reopen", "resolve", "mergeable", "good"):
                self.happens(self.pulls[pull.ref.key], what)
        for key, issue in self.issues.items():
            self.issues[key] = msgspec.structs.replace(issue, state=IssueState.CLOSED)

    def put_issue(self, number: int, state: IssueState = IssueState.OPEN) -> IssueRef:
        """Have an issue be there."""
        ref = IssueRef("acme", "app", number)
        self.issues[ref.key] = Issue(ref=ref, title=f"issue {number}", state=state, fetched_at=self.now)
        return ref

    def fall_over(self, seconds: int) -> None:
        """Answer nobody, or say when to ask again."""
        self.trouble = GitHubUnavailable("it is over there", seconds)

    def merge(self, ref: PullRef, head: str) -> str:
        """Merge what can be merged."""
        pull = self.pull(ref)
        if pull.state is not PullState.OPEN or pull.mergeable is not Mergeable.YES:
            raise GitHubRefused(f"the merge of {ref}", "it cannot be merged", "not_mergeable")
        return super().merge(ref, head)

    def _change(self, pull: PullRequest, what: str) -> dict[str, object]:
        match what:
            case "pending" | "failed" | "good":
                state = {"pending": CheckState.PENDING, "failed": CheckState.FAILURE, "good": CheckState.SUCCESS}[what]
                return {"checks": (Check(name="lint", state=CheckState.SUCCESS), Check(name="tests", state=state))}
            case "no checks":
                return {"checks": ()}
            case "comment" | "bot comment":
                return {"threads": (*pull.threads, Comment(id=f"c{self._head()}", author="eve", is_bot=what != "comment", body="why?"))}
            case "resolve":
                return {"threads": ()}
            case "conflict" | "mergeable":
                return {"mergeable": Mergeable.YES if what == "mergeable" else Mergeable.CONFLICTING}
            case "push":
                return {"head": self._head(), "threads": (), "mergeable": Mergeable.YES}
            case "merge":
                return {"state": PullState.MERGED, "merge_commit": f"merge-of-{pull.head}"}
            case "close":
                return {"state": PullState.CLOSED}
            case _:
                return {"state": PullState.OPEN}

    def _head(self) -> str:
        self._heads += 1
        return f"{self._heads:040x}"
