"""Merges a pull request at the commit that was judged, and at no other."""

from __future__ import annotations

from urllib.parse import quote

import msgspec

from tinytown.domain.objective import PullRef
from tinytown.errors import GitHubRefused, GitHubUnavailable
from tinytown.github.exchange import Answer, decoded
from tinytown.github.requests import Requests

__all__ = ["Merges"]

METHODS = ("merge", "squash", "rebase")
"""Repositories may forbid some: the first that is allowed is taken."""


class _Merged(msgspec.Struct, frozen=True):
    sha: str


class _Head(msgspec.Struct, frozen=True):
    sha: str


class _Pull(msgspec.Struct, frozen=True):
    head: _Head
    merged: bool = False
    merge_commit_sha: str | None = None


class Merges:
    """Merges pull requests."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    def merge(self, ref: PullRef, head: str) -> str:
        """Merge it if `head` is still its head; answers the merge commit.

        Raises:
            GitHubRefused: `head_moved`, `not_mergeable`, or the token may not.
        """
        path = f"repos/{quote(ref.owner)}/{quote(ref.repo)}/pulls/{ref.number}"
        answer = self._tried(path, head)
        if answer.is_good:
            return decoded(answer.body, _Merged).sha
        if answer.status not in {405, 409}:
            self._requests.refuse(f"to merge {ref}", answer)
        return self._explained(ref, path, head, answer)

    def _tried(self, path: str, head: str) -> Answer:
        for method in METHODS:
            answer = self._requests.put(f"{path}/merge", {"sha": head, "merge_method": method})
            if answer.status != 405 or "not allowed on this repository" not in self._requests.said(answer):
                break
        return answer

    def _explained(self, ref: PullRef, path: str, head: str, answer: Answer) -> str:
        """The merge commit, if it was merged at that head before; else raises why it was not."""
        said = self._requests.said(answer)
        now = self._requests.get(str(ref), path, _Pull)
        if now.head.sha != head:
            raise GitHubRefused(f"to merge {ref}", f"its head is {now.head.sha[:12]} by now, and not {head[:12]}", "head_moved")
        if now.merged and now.merge_commit_sha is not None:
            return now.merge_commit_sha
        if "Base branch was modified" in said:
            raise GitHubUnavailable(f"{ref} could not be merged just now: {said}", 10)
        raise GitHubRefused(f"to merge {ref}", said, "not_mergeable")
