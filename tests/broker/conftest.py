"""A house for brokers, with Dramatiq's long waits made short."""

from __future__ import annotations

from collections.abc import Iterator

import dramatiq.worker
import pytest

from tests.broker.house import House
from tests.server import Server


@pytest.fixture(params=["ours", "streams"])
def kind(request: pytest.FixtureRequest) -> str:
    """The kinds of broker, where a test does not say."""
    return str(request.param)


@pytest.fixture
def house(kind: str, server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A house on the private server."""
    monkeypatch.setattr(dramatiq.worker, "CONSUMER_RESTART_DELAY_SECS", 0.05)
    monkeypatch.setattr(dramatiq.worker, "POST_PROCESS_MESSAGE_RETRY_DELAY_SECS", 0.05)
    house = House(kind, server.socket)
    yield house
    house.close()
