"""A note: what somebody has to say to a mission, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import NewType

import msgspec

from tinytown.domain.ids import MissionId

__all__ = ["Note", "NoteId"]

NoteId = NewType("NoteId", str)


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """The record of one note, as stored in the hash `tt:<town>:mission:<id>:control`."""

    version: int = 1
    id: NoteId
    mission_id: MissionId
    sender: str
    body: str
    created_at: datetime
    processed_at: datetime | None = None
    outcome: str | None = None
    """What it did, in words."""
