"""What GitHub is answered."""

from __future__ import annotations

import msgspec

__all__ = ["TakenView"]


class TakenView(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that was taken."""

    event: str
    refs: tuple[str, ...]
    """The issues and pull requests that it is about."""
    missions: int
    """How many missions look at them now."""
