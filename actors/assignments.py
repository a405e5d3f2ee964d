"""Assignments: putting a task into the mailbox that it is meant for."""

from __future__ import annotations

from contextlib import suppress

from dramatiq import Broker, actor

from tinytown.actors.host import Host
from tinytown.domain.ids import TaskId
from tinytown.errors import RedisUnavailable

__all__ = ["declare"]


def declare(broker: Broker, host: Host) -> None:
    """Declare the actor `assign_task` on a broker."""

    @actor(broker=broker, queue_name="control", actor_name="assign_task")
    def assign_task(task_id: str, wanted: str) -> None:
        """Deliver a task; harmless when that was done before."""
        with suppress(RedisUnavailable):  # the records know what is left to do, and the sweep rings again
            host.town.assignments.answer(TaskId(task_id), wanted)
