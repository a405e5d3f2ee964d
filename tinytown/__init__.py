"""Tinytown: named coding agents with mailboxes that lose no work and tell the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tinytown.town import Town

__all__ = ["Town"]


def __getattr__(name: str) -> object:
    """Import the town when somebody asks for it: the command line must start fast."""
    if name == "Town":
        from tinytown.town import Town

        return Town
    raise AttributeError(name)
