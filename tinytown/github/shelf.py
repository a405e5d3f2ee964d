"""What the client remembers for a while: in Redis, shared by all processes of a town, or here in memory."""

from __future__ import annotations

from threading import Lock
from typing import Protocol

from tinytown.clock import Clock

__all__ = ["MemoryShelf", "Shelf"]


class Shelf(Protocol):
    """Keeps bytes under names, each for its time."""

    def read(self, name: str) -> tuple[bytes, float] | None:
        """What is kept there, and for how many seconds more."""
        ...

    def keep(self, name: str, value: bytes, seconds: float) -> None:
        """Keep it for so long, in place of what was there."""
        ...

    def drop(self, name: str) -> None:
        """Keep it no longer."""
        ...


class MemoryShelf:
    """The harmless twin, for one process; threads may share it."""

    MOST = 1000

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, tuple[bytes, float]] = {}
        self._lock = Lock()

    def read(self, name: str) -> tuple[bytes, float] | None:
        """What is kept there, and for how many seconds more."""
        with self._lock:
            value, until = self._kept.get(name, (b"", float("-inf")))
        left = until - self._clock.monotonic()
        return (value, left) if left > 0 else None

    def keep(self, name: str, value: bytes, seconds: float) -> None:
        """Keep it for so long, in place of what was there; the oldest goes when there is too much."""
        with self._lock:
            self._kept.pop(name, None)
            self._kept[name] = (value, self._clock.monotonic() + seconds)
            while len(self._kept) > self.MOST:
                del self._kept[next(iter(self._kept))]

    def drop(self, name: str) -> None:
        """Keep it no longer."""
        with self._lock:
            self._kept.pop(name, None)
