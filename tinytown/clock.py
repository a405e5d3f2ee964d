"""Where the time comes from: the only place that asks the machine's clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol

__all__ = ["Clock", "StoppedClock", "SystemClock", "from_ms", "to_ms"]


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never runs backwards."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never runs backwards."""
        return time.monotonic()


class StoppedClock:
    """A clock for tests that moves only when told."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """The moment it was stopped at."""
        return self.at

    def monotonic(self) -> float:
        """The same moment, in seconds."""
        return self.at.timestamp()


def to_ms(moment: datetime) -> int:
    """The moment as integer milliseconds since 1970, as Redis scores hold it."""
    return int(moment.timestamp() * 1000)


def from_ms(milliseconds: int) -> datetime:
    """The moment that integer milliseconds since 1970 stand for."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
