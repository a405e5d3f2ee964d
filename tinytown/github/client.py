"""The client of GitHub: what is asked for, bounded as a whole, of one host only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx

from tinytown.clock import Clock
from tinytown.config.missions import GitHubSettings
from tinytown.domain.objective import IssueRef, PullRef, Ref
from tinytown.domain.pull_request import Issue, PullRequest
from tinytown.errors import GitHubRefused
from tinytown.github.budget import Budget
from tinytown.github.credentials import Credentials
from tinytown.github.excerpts import Excerpts
from tinytown.github.exchange import Exchange
from tinytown.github.issues import Issues
from tinytown.github.merges import Merges
from tinytown.github.network import PatientTransport, proxy_for
from tinytown.github.pulls import Pulls
from tinytown.github.requests import Requests
from tinytown.github.shelf import Shelf
from tinytown.patience import patience

__all__ = ["GitHubClient"]

WHOLE = 3
"""A call may make several requests, and takes at most so many times as long as one may."""


class GitHubClient:
    """Speaks with one GitHub; threads may share it."""

    def __init__(self, host: str, http: httpx.Client, requests: Requests, *, excerpts: Excerpts, clock: Clock, seconds: float) -> None:
        self._host = host.lower()
        self._http = http
        self._seconds = seconds
        self._issues = Issues(requests, clock)
        self._pulls = Pulls(requests, excerpts, clock)
        self._merges = Merges(requests)

    @classmethod
    def made(cls, settings: GitHubSettings, env: Mapping[str, str], shelf: Shelf, clock: Clock) -> GitHubClient:
        """The client that these settings ask for."""
        transport = PatientTransport(settings.api_url, proxy_for(settings.api_url, env))
        seconds = settings.timeout.total_seconds()
        limits = httpx.Timeout(connect=seconds, read=seconds, write=seconds, pool=seconds)
        http = httpx.Client(transport=transport, timeout=limits, follow_redirects=True, trust_env=False)
        credentials, budget = Credentials(settings, env, clock), Budget(shelf, clock)
        requests = Requests(settings.api_url, Exchange(http, settings, credentials, budget), credentials, budget, shelf)
        return cls(settings.host, http, requests, excerpts=Excerpts(requests, shelf), clock=clock, seconds=WHOLE * seconds)

    def __repr__(self) -> str:
        return f"GitHubClient({self._host})"

    def issue(self, ref: IssueRef) -> Issue:
        """The issue as it is now; a pull request is one, too."""
        with self._asked(ref):
            return self._issues.read(ref)

    def pull(self, ref: PullRef) -> PullRequest:
        """The pull request as it is now, with all that its watches judge by."""
        with self._asked(ref):
            return self._pulls.read(ref)

    def merge(self, ref: PullRef, head: str) -> str:
        """Merge the pull request if `head` is still its head; answers the merge commit."""
        with self._asked(ref):
            return self._merges.merge(ref, head)

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    @contextmanager
    def _asked(self, ref: Ref) -> Iterator[None]:
        if ref.host.lower() != self._host:
            why = f"it is on {ref.host}, and this town speaks with {self._host}: see [github] host and api_url"
            raise GitHubRefused(str(ref), why, "other_host")
        with patience(self._seconds):
            yield
