"""Activity: how much this process is doing, and since when it does nothing."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

from dramatiq import Broker, MessageProxy, Middleware

from tinytown.clock import Clock, SystemClock

__all__ = ["Activity"]


class Activity(Middleware):
    """Counts the messages that run."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = SystemClock() if clock is None else clock
        self._lock = threading.Lock()
        self._running = 0
        self._last = self._clock.monotonic()

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs."""
        return self._running == 0

    @property
    def idle_for(self) -> timedelta:
        """How long nothing has run."""
        with self._lock:
            return timedelta(seconds=0 if self._running else self._clock.monotonic() - self._last)

    def before_process_message(self, broker: Broker, message: MessageProxy) -> None:  # noqa: ARG002 - the hook's signature is Dramatiq's
        """One more."""
        with self._lock:
            self._running += 1

    def after_process_message(
        self,
        broker: Broker,  # noqa: ARG002 - as above
        message: MessageProxy,  # noqa: ARG002
        *,
        result: Any | None = None,  # noqa: ARG002
        exception: BaseException | None = None,  # noqa: ARG002
    ) -> None:
        """One less."""
        with self._lock:
            self._running -= 1
            self._last = self._clock.monotonic()
