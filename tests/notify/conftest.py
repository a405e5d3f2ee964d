"""News, and a server that receives it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.notify.receiver import Receiver, receiving
from tinytown.domain.ids import new_id, new_mission_id
from tinytown.domain.notification import News, Notification, NotificationId


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A server that receives news."""
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def news() -> Notification:
    """A mission that is done."""
    return Notification(
        id=NotificationId(new_id()),
        news=News.MISSION_COMPLETED,
        title="Mission done: the report",
        body="6 of 6 items are merged.",
        at=datetime(2026, 1, 1, tzinfo=UTC),
        mission_id=new_mission_id(),
        url="https://github.com/acme/app/issues/1",
    )
