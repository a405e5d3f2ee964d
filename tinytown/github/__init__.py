"""Speaks with GitHub: reads issues and pull requests, and merges; knows nothing of missions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from tinytown.domain.objective import IssueRef, PullRef
from tinytown.domain.pull_request import Issue, PullRequest

if TYPE_CHECKING:
    from tinytown.clock import Clock
    from tinytown.config.missions import GitHubSettings
    from tinytown.github.shelf import Shelf

__all__ = ["GitHub", "client_for"]


class GitHub(Protocol):
    """What Tinytown asks of GitHub.

    Every function may raise GitHubUnavailable (ask again later, at the
    earliest after its `retry_after`) and GitHubRefused (asking again is of no
    use until somebody changes something).
    """

    def issue(self, ref: IssueRef) -> Issue:
        """The issue as it is now; a pull request is one, too."""
        ...

    def pull(self, ref: PullRef) -> PullRequest:
        """The pull request as it is now, with all that its watches judge by."""
        ...

    def merge(self, ref: PullRef, head: str) -> str:
        """Merge the pull request if `head` is still its head; answers the merge commit.

        Merging what was merged at that head is a success again.
        """
        ...

    def close(self) -> None:
        """Let go of the connections."""
        ...


def client_for(settings: GitHubSettings, env: Mapping[str, str], shelf: Shelf | None = None, clock: Clock | None = None) -> GitHub:
    """The client that these settings ask for; it connects when it is first asked.

    Args:
        env: where tokens and proxies are looked for.
        shelf: what it remembers and shares with other processes, such as `store.github.GitHubStore`;
            None keeps it in memory.
    """
    from tinytown.clock import SystemClock
    from tinytown.github.client import GitHubClient
    from tinytown.github.shelf import MemoryShelf

    used = SystemClock() if clock is None else clock
    return GitHubClient.made(settings, env, MemoryShelf(used) if shelf is None else shelf, used)
