"""News that tests post."""

from __future__ import annotations

from typing import Any

from tinytown.clock import from_ms
from tinytown.domain.ids import new_id
from tinytown.domain.notification import News, Notification, NotificationId
from tinytown.testing import Rehearsal

__all__ = ["news", "posted"]


def news(**members: Any) -> Notification:
    """A mission that is done."""
    made = {"id": NotificationId(new_id()), "news": News.MISSION_COMPLETED, "title": "done", "body": "all of it"}
    return Notification(**{"at": from_ms(0), **made, **members})


def posted(town: Rehearsal, **members: Any) -> Notification:
    """News that was posted."""
    told = news(**members)
    assert town.notifications.post(told)
    return told
