"""An identity provider and those who trust it; what keys are compared with, and a Redis that can be switched off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from tests.api.auth.absent import Switchable
from tests.api.auth.callers import Watched
from tests.api.auth.provider import AUDIENCE, Provider
from tinytown.api.auth.tokens import TokenAuthenticator
from tinytown.clock import StoppedClock
from tinytown.config import TownhallAuth
from tinytown.testing import in_memory

Trusting = Callable[..., TokenAuthenticator]


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider that listens on this machine."""
    provider = Provider()
    yield provider
    provider.close()


@pytest.fixture
def clock() -> StoppedClock:
    """By which keys grow old; tokens live in real time."""
    return StoppedClock(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def trusting(provider: Provider, clock: StoppedClock) -> Trusting:
    """Makes an authenticator that trusts the provider."""

    def made(**settings: Any) -> TokenAuthenticator:
        said = {"mode": "oidc", "issuer": provider.issuer, "audience": AUDIENCE, **settings}
        return TokenAuthenticator.of(msgspec.convert(said, TownhallAuth), clock)

    return made


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    """What keys are compared with."""
    watched = Watched()
    monkeypatch.setattr("tinytown.api.auth.keys.matches", watched.matches)
    return watched


@pytest.fixture
def connection() -> Switchable:
    """A Redis in memory that can be switched off."""
    return Switchable(in_memory())
