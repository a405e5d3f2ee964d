"""Households: one on the shared server, one on a server that may be killed, one with Redis in its own folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.household import Household
from tests.server import Server


@pytest.fixture
def household(place: Path, home: Path, server: Server) -> Iterator[Household]:
    """A town on the private server."""
    household = Household(place, home, server.url)
    yield household
    household.close()


@pytest.fixture
def shaky(place: Path, home: Path, own_server: Server) -> Iterator[Household]:
    """A town on a server that the test may stop and start: `own_server`."""
    household = Household(place, home, own_server.url)
    yield household
    household.close()


@pytest.fixture
def homestead(place: Path, home: Path) -> Iterator[Household]:
    """A town with a Redis in its own folder."""
    household = Household(place, home, None)
    yield household
    household.tt("down", "--now", "--redis").status()
    household.close()
