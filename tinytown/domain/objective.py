"""What a mission is for: issues and documents, and how they are written."""

from __future__ import annotations

from typing import Annotated

import msgspec

__all__ = ["GITHUB", "DocObjective", "Host", "IssueRef", "Number", "Objective", "Owner", "PullRef", "Ref", "Repo"]

GITHUB = "github.com"

Owner = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
Repo = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_.-]+$")]
Number = Annotated[int, msgspec.Meta(ge=1, le=2**53)]
Host = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]


class Ref(msgspec.Struct, frozen=True, order=True):
    """An issue or a pull request: GitHub numbers both together, for each repository."""

    owner: Owner
    repo: Repo
    number: Number
    host: Host = GITHUB

    def __str__(self) -> str:
        where = "" if self.host == GITHUB else f"{self.host}/"
        return f"{where}{self.owner}/{self.repo}#{self.number}"

    @property
    def key(self) -> str:
        """The same for all spellings: GitHub's names do not differ by case."""
        return str(self).lower()

    @property
    def repository(self) -> str:
        """`owner/repo`."""
        return f"{self.owner}/{self.repo}"


class PullRef(Ref, frozen=True, order=True):
    """A pull request."""

    @property
    def url(self) -> str:
        """Its page."""
        return f"https://{self.host}/{self.owner}/{self.repo}/pull/{self.number}"


class IssueRef(Ref, frozen=True, order=True, tag_field="type", tag="issue"):
    """An issue."""

    @property
    def url(self) -> str:
        """Its page."""
        return f"https://{self.host}/{self.owner}/{self.repo}/issues/{self.number}"


class DocObjective(msgspec.Struct, frozen=True, tag_field="type", tag="doc"):
    """A document that says what is to be done."""

    path: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]

    def __str__(self) -> str:
        return self.path


Objective = IssueRef | DocObjective
