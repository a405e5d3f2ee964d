"""An API key: what is kept of it, and the one text that its owner keeps."""

from __future__ import annotations

import os
import re
from datetime import datetime
from enum import StrEnum
from typing import NewType

import msgspec

from tinytown.domain.scope import Scope
from tinytown.errors import InvalidName

__all__ = ["ApiKey", "ApiKeyId", "KeyState", "key_id_of", "key_name", "key_text", "new_key_id"]

ApiKeyId = NewType("ApiKeyId", str)

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}\Z")
_TEXT = re.compile(r"tt_([0-9a-f]{12})_[A-Za-z0-9_-]{43}\Z")


class KeyState(StrEnum):
    """Whether a key opens anything."""

    LIVE = "live"
    """It does."""
    EXPIRED = "expired"
    """No more: its time is over."""
    REVOKED = "revoked"
    """No more: somebody took it back."""


class ApiKey(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The record of a named key: its hash, never the key."""

    id: ApiKeyId
    name: str
    hash: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None

    def state(self, now: datetime) -> KeyState:
        """Whether it opens anything at this moment."""
        if self.revoked_at is not None:
            return KeyState.REVOKED
        return KeyState.EXPIRED if self.expires_at is not None and self.expires_at <= now else KeyState.LIVE

    def is_live(self, now: datetime) -> bool:
        """Does it open anything at this moment?"""
        return self.state(now) is KeyState.LIVE


def new_key_id() -> ApiKeyId:
    """A fresh key id: 12 hexadecimal digits."""
    return ApiKeyId(os.urandom(6).hex())


def key_text(key: ApiKeyId, secret: str) -> str:
    """The key as its owner keeps it; the id in it leads to the one record."""
    return f"tt_{key}_{secret}"


def key_id_of(text: str) -> ApiKeyId | None:
    """The id within the text of a named key; None if it is no such text."""
    found = _TEXT.match(text) if len(text) == 59 else None
    return None if found is None else ApiKeyId(found[1])


def key_name(text: str) -> str:
    """The name, if a key can have it.

    Raises:
        InvalidName: it cannot.
    """
    if _NAME.match(text) is None:
        raise InvalidName("the name of an API key", text, "use lower-case letters, digits, dots, dashes and underscores, at most 63")
    return text
