"""Health: whether the town's Redis answers, how fast, and whether its clock makes time pass."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from tinytown.errors import RedisUnavailable
from tinytown.services.desk import Desk

__all__ = ["Dispatcher", "Health", "HealthService"]


class Dispatcher(StrEnum):
    """Whether missions are being driven."""

    IDLE = "idle"
    """No mission is active."""
    RUNNING = "running"
    """Missions are active, and a clock leads."""
    STALLED = "stalled"
    """Missions are active, and no clock leads."""


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """A town whose Redis answers: after how many milliseconds, and who drives it."""

    redis_latency_ms: float
    clock: str | None
    """The process that leads; None when time stands still."""
    dispatcher: Dispatcher


class HealthService:
    """Looks whether a town can work."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def missions_active(self) -> int:
        """How many missions are being driven."""
        return int(self._desk.store.connection.call("SCARD", self._desk.store.keys.active_missions))

    def check(self) -> Health:
        """Ask Redis, in one round trip.

        Raises:
            RedisUnavailable: it does not answer, or not as Redis does.
        """
        store, clock = self._desk.store, self._desk.clock
        began = clock.monotonic()
        pong, leader, missions = store.connection.calls([("PING",), ("GET", store.keys.leader), ("SCARD", store.keys.active_missions)])
        latency = clock.monotonic() - began
        if pong != b"PONG":
            raise RedisUnavailable(store.connection.address, "it answers, but not as Redis does")
        dispatcher = Dispatcher.IDLE if missions == 0 else Dispatcher.STALLED if leader is None else Dispatcher.RUNNING
        return Health(redis_latency_ms=round(latency * 1000, 3), clock=None if leader is None else leader.decode(), dispatcher=dispatcher)
