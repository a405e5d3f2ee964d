"""A town elsewhere, reached through its townhall over HTTP, with nothing but an address and a key."""

from __future__ import annotations

from tinytown.remote.town import RemoteTown, connect

__all__ = ["RemoteTown", "connect"]
