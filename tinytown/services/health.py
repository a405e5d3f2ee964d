"""Health: whether the town's Redis answers, how fast, and whether its clock makes time pass."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from tinytown.errors import RedisUnavailable
from tinytown.services.desk import Desk
from tinytown.services.mission_figures import MissionFigures, mission_figures, standstill_calls, standstill_of

__all__ = ["Dispatcher", "Health", "HealthService"]


class Dispatcher(StrEnum):
    """Whether missions are being driven."""

    IDLE = "idle"
    """No mission runs: there is none, or people hold them all."""
    RUNNING = "running"
    """Missions run, and are driven."""
    STALLED = "stalled"
    """Missions run, and no clock leads, or nobody has driven one for long."""


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

    def missions(self) -> MissionFigures:
        """What its missions come to."""
        return mission_figures(self._desk)

    def check(self) -> Health:
        """Ask Redis, in one round trip.

        Raises:
            RedisUnavailable: it does not answer, or not as Redis does.
        """
        store, clock, mission = self._desk.store, self._desk.clock, self._desk.settings.mission
        began = clock.monotonic()
        pong, leader, *missions = store.connection.calls([("PING",), ("GET", store.keys.leader), *standstill_calls(self._desk)])
        latency = clock.monotonic() - began
        if pong != b"PONG":
            raise RedisUnavailable(store.connection.address, "it answers, but not as Redis does")
        found = standstill_of(missions)
        stalled = leader is None or found.is_real(mission.tick_interval, mission.lock_ttl)
        dispatcher = Dispatcher.IDLE if not found.running else Dispatcher.STALLED if stalled else Dispatcher.RUNNING
        return Health(redis_latency_ms=round(latency * 1000, 3), clock=None if leader is None else leader.decode(), dispatcher=dispatcher)
