"""Turns: running an agent's program over its mail."""

from __future__ import annotations

from contextlib import suppress

from dramatiq import Broker, actor

from tinytown.actors.host import Host
from tinytown.domain.ids import AgentId
from tinytown.errors import RedisUnavailable

__all__ = ["declare"]


def declare(broker: Broker, host: Host) -> None:
    """Declare the actor `run_agent` on a broker."""

    @actor(broker=broker, queue_name="agents", actor_name="run_agent")
    def run_agent(agent_id: str) -> None:
        """Run one turn; harmless when there is no mail, or another has the agent."""
        with suppress(RedisUnavailable):  # the records know what is left to do, and the sweep rings again
            host.rounds.take_turn(AgentId(agent_id))
