"""The ids of things: random UUIDs as text, and the shorter forms people type."""

from __future__ import annotations

import os
import re
from typing import NewType

__all__ = [
    "SUPERVISOR_ID",
    "AgentId",
    "MessageId",
    "MissionId",
    "TaskId",
    "WatchId",
    "WorkItemId",
    "derived_id",
    "is_id_prefix",
    "is_uuid",
    "new_agent_id",
    "new_id",
    "new_message_id",
    "new_mission_id",
    "new_task_id",
    "short",
]

AgentId = NewType("AgentId", str)
TaskId = NewType("TaskId", str)
MessageId = NewType("MessageId", str)
MissionId = NewType("MissionId", str)
WorkItemId = NewType("WorkItemId", str)
WatchId = NewType("WatchId", str)

SUPERVISOR_ID = AgentId("00000000-0000-0000-0000-000000000001")
"""The mailbox behind the names `supervisor` and `conductor`; it has no agent record."""

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
_PREFIX = re.compile(r"[0-9a-f][0-9a-f-]{3,35}\Z")


def new_id() -> str:
    """A random version 4 UUID as lower-case hyphenated text (RFC 9562)."""
    # Not the uuid module: importing it costs the command line 6 ms.
    raw = bytearray(os.urandom(16))
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def derived_id(*parts: str) -> str:
    """The UUID that belongs to these words: the same for the same words (version 8, RFC 9562)."""
    from hashlib import sha256  # as the uuid module: commands that derive nothing need not import it

    raw = bytearray(sha256("\0".join(parts).encode()).digest()[:16])
    raw[6] = raw[6] & 0x0F | 0x80
    raw[8] = raw[8] & 0x3F | 0x80
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def new_agent_id() -> AgentId:
    """A fresh agent id."""
    return AgentId(new_id())


def new_task_id() -> TaskId:
    """A fresh task id."""
    return TaskId(new_id())


def new_message_id() -> MessageId:
    """A fresh message id."""
    return MessageId(new_id())


def new_mission_id() -> MissionId:
    """A fresh mission id."""
    return MissionId(new_id())


def is_uuid(text: str) -> bool:
    """Is this a whole id, as we write them?"""
    return _UUID.match(text) is not None


def is_id_prefix(text: str) -> bool:
    """Could this be the beginning of an id: at least four of its characters?"""
    return _PREFIX.match(text) is not None


def short(identity: str) -> str:
    """The first eight characters: enough for people to tell ids apart."""
    return identity[:8]
