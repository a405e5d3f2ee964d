"""A stand-in, and a client that speaks with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from tests.github.standin import StandIn
from tinytown.clock import Clock, SystemClock
from tinytown.config.missions import GitHubSettings
from tinytown.domain.objective import IssueRef, PullRef
from tinytown.github import client_for
from tinytown.github.client import GitHubClient
from tinytown.github.shelf import Shelf
from tinytown.testing import TellingClock

TOKEN = "ghp_right"
SHOP = PullRef("acme", "shop", 10)
ISSUE = IssueRef("acme", "shop", 1)

Make = Callable[..., GitHubClient]


@pytest.fixture
def standin() -> Iterator[StandIn]:
    """GitHub, as far as these tests go."""
    with StandIn() as standin:
        yield standin


@pytest.fixture
def clock() -> TellingClock:
    """A clock whose time of day does not move."""
    return TellingClock(datetime(2026, 1, 2, tzinfo=UTC))


@pytest.fixture
def make(standin: StandIn) -> Iterator[Make]:
    """Makes clients, each a process of its own as far as they can tell."""
    made: list[GitHubClient] = []

    def client(
        shelf: Shelf | None = None, *, clock: Clock | None = None, env: dict[str, str] | None = None, **settings: object
    ) -> GitHubClient:
        known = {"api_url": standin.url, "token": TOKEN, "timeout_secs": 1, **settings}
        used = GitHubSettings(**known)  # type: ignore[arg-type]
        found = client_for(used, {} if env is None else env, shelf, SystemClock() if clock is None else clock)
        assert isinstance(found, GitHubClient)
        made.append(found)
        return found

    yield client
    for each in made:
        each.close()


@pytest.fixture
def github(make: Make, clock: TellingClock) -> GitHubClient:
    """A client with the right token."""
    return make(clock=clock)
