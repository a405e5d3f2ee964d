"""Missions: driving those whose bells rang."""

from __future__ import annotations

from contextlib import suppress

from dramatiq import Broker, actor

from tinytown.actors.host import Host
from tinytown.actors.turnstile import Turnstile
from tinytown.domain.ids import MissionId
from tinytown.errors import MissionNotFound, RedisUnavailable

__all__ = ["declare"]

AT_ONCE = 2
"""So many missions are driven by a process at a time: GitHub may be slow, and tasks are to be assigned meanwhile."""


def declare(broker: Broker, host: Host) -> None:
    """Declare the actor `tick_mission` on a broker."""

    def drive(mission_id: str) -> None:
        with suppress(RedisUnavailable, MissionNotFound):  # whatever is left undone, the clock rings again
            host.town.mission_ticks.tick(MissionId(mission_id))

    turnstile = Turnstile(AT_ONCE, drive)

    @actor(broker=broker, queue_name="control", actor_name="tick_mission", max_retries=0)
    def tick_mission(mission_id: str) -> None:
        """Drive a mission a step further; harmless when it was done before."""
        turnstile.come(mission_id)
