"""What is asked of the watches of missions."""

from __future__ import annotations

from typing import Annotated

import msgspec

from tinytown.domain.watch import WatchStatus

__all__ = ["OverrideRequest", "SnoozeRequest", "WatchesQuery"]

YEAR = 31_536_000


class WatchesQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which watches are asked for."""

    status: WatchStatus | None = None
    """Only watches in this state."""


class SnoozeRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a watch is not looked at."""

    duration_secs: Annotated[int, msgspec.Meta(ge=60, le=YEAR, description="From a minute to a year.")]


class OverrideRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a watch need not be waited for."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=10_000, examples=["the runner is broken; I have run the tests myself"])]
