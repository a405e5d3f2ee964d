"""What planning needs of the world outside."""

from __future__ import annotations

from typing import Protocol

from tinytown.domain.objective import IssueRef
from tinytown.domain.pull_request import Issue

__all__ = ["GitHub"]


class GitHub(Protocol):
    """Where issues are read."""

    def issue(self, ref: IssueRef) -> Issue:
        """The issue as it is now.

        Raises:
            TownError: it cannot be had; the sentence says why.
        """
        ...
