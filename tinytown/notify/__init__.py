"""Telling people: each destination of the settings is a sender, whatever service it is of."""

from __future__ import annotations

from tinytown.notify.destinations import destinations
from tinytown.notify.sender import Sender

__all__ = ["Sender", "destinations"]
