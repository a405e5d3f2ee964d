"""A notification: news for people who are away, and whether it reached them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NewType

import msgspec

from tinytown.domain.ids import MissionId

__all__ = ["News", "Notification", "NotificationId"]

NotificationId = NewType("NotificationId", str)


class News(StrEnum):
    """What people may be told of."""

    MISSION_COMPLETED = "mission.completed"
    """A mission is done."""
    MISSION_FAILED = "mission.failed"
    """A mission was given up."""
    MISSION_NEEDS_HELP = "mission.needs_help"
    """A mission cannot go on without somebody."""
    MISSION_NEEDS_APPROVAL = "mission.needs_approval"
    """Somebody has to approve or merge something."""
    TEST = "test"
    """Somebody tries whether notifications arrive."""


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of news: what is said, and where to read on."""

    id: NotificationId
    news: News
    title: str
    body: str
    at: datetime
    mission_id: MissionId | None = None
    url: str | None = None
