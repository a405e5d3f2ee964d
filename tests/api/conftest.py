"""Townhall without a server: Falcon's client on a rehearsal town."""

from __future__ import annotations

import time

import pytest
from falcon.testing import TestClient

from tinytown.api.app import create_app
from tinytown.testing import Rehearsal, rehearse


@pytest.fixture
def town() -> Rehearsal:
    """A town in memory; nobody works in it unless the test answers its bells."""
    return rehearse("shop")


@pytest.fixture
def client(town: Rehearsal) -> TestClient:
    """Whoever calls the townhall of that town."""
    return TestClient(create_app(town, started_at=time.monotonic()), headers={"Host": "localhost"})
