"""Reads an issue and what it is divided into."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import msgspec

from tinytown.clock import Clock
from tinytown.domain.objective import IssueRef
from tinytown.domain.pull_request import Issue, IssueState
from tinytown.errors import GitHubRefused
from tinytown.github.requests import Requests

__all__ = ["Issues"]

PAGE = 100
MOST_PAGES = 10

_REPOSITORY = re.compile(r"/repos/([^/]+)/([^/]+)/?$")


class _Label(msgspec.Struct, frozen=True):
    name: str = ""


class _Pull(msgspec.Struct, frozen=True):
    merged_at: str | None = None


class _Summary(msgspec.Struct, frozen=True):
    total: int = 0


class _Issue(msgspec.Struct, frozen=True):
    number: int
    title: str
    state: str
    body: str | None = None
    state_reason: str | None = None
    labels: list[_Label | str] = []
    pull_request: _Pull | None = None
    sub_issues_summary: _Summary | None = None
    repository_url: str = ""


class Issues:
    """Makes a snapshot of an issue."""

    def __init__(self, requests: Requests, clock: Clock) -> None:
        self._requests = requests
        self._clock = clock

    def read(self, ref: IssueRef) -> Issue:
        """The issue as it is now."""
        path = f"repos/{quote(ref.owner)}/{quote(ref.repo)}/issues/{ref.number}"
        found = self._requests.get(str(ref), path, _Issue)
        return Issue(
            ref=ref,
            title=found.title,
            body=found.body or "",
            state=_state(found),
            labels=tuple(label if isinstance(label, str) else label.name for label in found.labels),
            sub_issues=self._sub_issues(ref, path, found),
            is_pull_request=found.pull_request is not None,
            fetched_at=self._clock.now(),
        )

    def _sub_issues(self, ref: IssueRef, path: str, found: _Issue) -> tuple[IssueRef, ...]:
        """Its sub-issues, in their order; older servers have none, and say so with 404."""
        if found.pull_request is not None or (found.sub_issues_summary is not None and found.sub_issues_summary.total == 0):
            return ()
        try:
            return tuple(_ref(ref, each) for each in self._pages(str(ref), f"{path}/sub_issues"))
        except GitHubRefused as error:
            if error.reason != "not_found":
                raise
            return ()

    def _pages(self, what: str, path: str) -> Iterator[_Issue]:
        for page in range(1, MOST_PAGES + 1):
            found = self._requests.get(what, f"{path}?per_page={PAGE}&page={page}", list[_Issue])
            yield from found
            if len(found) < PAGE:
                return


def _state(found: _Issue) -> IssueState:
    if found.state == "open":
        return IssueState.OPEN
    if found.pull_request is not None:
        return IssueState.NOT_PLANNED if found.pull_request.merged_at is None else IssueState.CLOSED
    return IssueState.NOT_PLANNED if found.state_reason in {"not_planned", "duplicate"} else IssueState.CLOSED


def _ref(parent: IssueRef, found: _Issue) -> IssueRef:
    place = _REPOSITORY.search(found.repository_url)
    owner, repo = (place[1], place[2]) if place is not None else (parent.owner, parent.repo)
    return IssueRef(owner=owner, repo=repo, number=found.number, host=parent.host)
