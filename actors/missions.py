"""Missions: driving those whose bells rang."""

from __future__ import annotations

from contextlib import suppress

from dramatiq import Broker, actor

from tinytown.actors.host import Host
from tinytown.domain.ids import MissionId
from tinytown.errors import MissionNotFound, RedisUnavailable

__all__ = ["declare"]


def declare(broker: Broker, host: Host) -> None:
    """Declare the actor `tick_mission` on a broker."""

    @actor(broker=broker, queue_name="control", actor_name="tick_mission", max_retries=0)
    def tick_mission(mission_id: str) -> None:
        """Drive a mission a step further; harmless when it was done before. The clock rings again, whatever went wrong."""
        with suppress(RedisUnavailable, MissionNotFound):
            host.town.mission_ticks.tick(MissionId(mission_id))
