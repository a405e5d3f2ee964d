"""A notification: news for people who are away, and how far it got on its way to them."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

import msgspec

from tinytown.domain.ids import MissionId

__all__ = ["Answer", "News", "Notification", "NotificationId", "Outcome", "Outgoing"]

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


class Answer(StrEnum):
    """How a destination took a notification."""

    DELIVERED = "delivered"
    """It has it."""
    FAILED = "failed"
    """It may have it another time."""
    REFUSED = "refused"
    """It will never have it: trying again is of no use."""


class Outcome(msgspec.Struct, frozen=True):
    """What came of telling one destination; `why` holds no secrets."""

    answer: Answer
    why: str = ""
    retry_after: timedelta | None = None
    """When it wants to be asked again, if it says so."""


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """A notification on its way, or given up."""

    id: NotificationId
    notification: Notification | None
    """None if the record cannot be read."""
    attempts: int
    """How often somebody began to deliver it."""
    reached: frozenset[str] = frozenset()
    """Marks of the destinations that have it."""
    refused: frozenset[str] = frozenset()
    """Marks of the destinations that will never have it."""
    why: str = ""
    """What went wrong the last time."""
    at: datetime
    """When it is looked at next; when it was given up."""
