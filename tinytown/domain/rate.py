"""Rates: how often a caller may call, and the answer to one call."""

from __future__ import annotations

import math
from datetime import timedelta
from enum import StrEnum

import msgspec

__all__ = ["CallKind", "Permit", "Rate"]


class CallKind(StrEnum):
    """What is counted apart."""

    READ = "read"
    """Calls that change nothing."""
    WRITE = "write"
    """Calls that change something."""


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """A bucket of `burst` calls that fills up at `per_minute`."""

    kind: CallKind
    per_minute: int
    burst: int

    @property
    def cost_ms(self) -> float:
        """The time in which one call is earned."""
        return 60_000 / self.per_minute

    @property
    def window_seconds(self) -> int:
        """The time in which the empty bucket is full again."""
        return math.ceil(self.burst * self.cost_ms / 1000)


class Permit(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one call."""

    rate: Rate
    allowed: bool
    remaining: int
    """Calls that may come at once after this one."""
    reset: timedelta
    """The time until all of the burst may come again."""
    retry_after: timedelta
    """The time until one call is allowed; zero when this one is."""
