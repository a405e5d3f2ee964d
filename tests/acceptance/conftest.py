"""Households: one on the shared server, one on a server that may be killed, one with Redis in its own folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.household import QUICK, STREAMS, Household
from tests.server import Server


@pytest.fixture
def use_streams() -> bool:
    """Whether the bells of turns are on a stream, where a test does not say."""
    return False


@pytest.fixture
def household(place: Path, home: Path, server: Server, use_streams: bool) -> Iterator[Household]:
    """A town on the private server."""
    household = Household(place, home, server.url, (STREAMS if use_streams else "") + QUICK)
    yield household
    household.close()


@pytest.fixture
def shaky(place: Path, home: Path, own_server: Server, use_streams: bool) -> Iterator[Household]:
    """A town on a server that the test may stop and start: `own_server`."""
    household = Household(place, home, own_server.url, (STREAMS if use_streams else "") + QUICK)
    yield household
    household.close()


@pytest.fixture
def homestead(place: Path, home: Path) -> Iterator[Household]:
    """A town with a Redis in its own folder."""
    household = Household(place, home, None)
    yield household
    household.tt("down", "--now", "--redis").status()
    household.close()
