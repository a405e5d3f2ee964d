"""A wish to end a running turn, spoken by another thread and heard at once."""

from __future__ import annotations

import threading
from collections.abc import Callable

from tinytown.domain.turn import TurnReason

__all__ = ["Stop"]


class Stop:
    """Ends one turn when asked: its lease is lost, it is cancelled, the worker shuts down."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wake: Callable[[], None] | None = None
        self.reason: TurnReason | None = None
        self.at_once = False

    def request(self, reason: TurnReason, *, at_once: bool = False) -> None:
        """End the turn for that reason; of several, the first counts.

        Args:
            at_once: kill it without the grace period, even one that has begun.
        """
        with self._lock:
            if self.reason is None:
                self.reason = reason
            self.at_once = self.at_once or at_once
            if self._wake is not None:
                self._wake()

    @property
    def is_requested(self) -> bool:
        """Has anybody asked?"""
        return self.reason is not None

    def heard_by(self, wake: Callable[[], None] | None) -> None:
        """Call this on every request from now on; None: nobody listens any more."""
        with self._lock:
            self._wake = wake
