"""What workers are asked."""

from __future__ import annotations

import msgspec

__all__ = ["DrainRequest"]


class DrainRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a worker is to end."""

    only_if_idle: bool = False
    """Refuse one that runs a turn, with 409."""
