"""Doorbells: the Dramatiq messages that our scripts put onto a queue.

A bell carries no state: it says which actor should look at which id. The
wire form is Dramatiq's own, so that any Dramatiq worker can answer it.
"""

from __future__ import annotations

import time

import msgspec

from tinytown.domain.ids import AgentId, MissionId, TaskId, new_id
from tinytown.domain.notification import NotificationId
from tinytown.store.connection import Arg

__all__ = [
    "ACTORS",
    "ANSWER_MS",
    "CONTROL",
    "Bell",
    "assign_task_bell",
    "mission_bell",
    "notify_bell",
    "run_agent_bell",
    "tick_mission_bell",
]

ACTORS = {"assign_task": "control", "run_agent": "agents", "tick_mission": "control", "notify": "control"}
"""Which queue each actor's bells go to."""

CONTROL = "control"
"""The queue of short work."""

ANSWER_MS = 5_000
"""How long after a bell was rung the sweep looks whether it is still on its way."""

_encode = msgspec.json.Encoder().encode


class Bell(msgspec.Struct, frozen=True):
    """A Dramatiq message, ready to be put onto its queue."""

    queue: str
    id: str
    body: bytes

    @property
    def args(self) -> list[Arg]:
        """What every script that may ring is told: id, body, answer time."""
        return [self.id, self.body, ANSWER_MS]


def run_agent_bell(agent: AgentId) -> Bell:
    """Rings for an agent whose mail wants a turn."""
    return _bell("run_agent", agent)


def assign_task_bell(task: TaskId, wanted: str) -> Bell:
    """Rings for a task that is meant for an agent (`wanted` is an agent id, or `auto`)."""
    return _bell("assign_task", task, wanted)


def tick_mission_bell(mission: MissionId) -> Bell:
    """Rings for a mission that has news, or is due."""
    return _bell("tick_mission", mission)


def mission_bell(mission: MissionId | None) -> list[Arg]:
    """What a script is told that rings for the mission of a task: which, and a bell; nothing for a task of none."""
    if mission is None:
        return ["", "", ""]
    bell = tick_mission_bell(mission)
    return [mission, bell.id, bell.body]


def notify_bell(notification: NotificationId) -> Bell:
    """Rings for news that people have to be told."""
    return _bell("notify", notification)


def _bell(actor: str, *args: str) -> Bell:
    bell = new_id()
    return Bell(
        ACTORS[actor],
        bell,
        _encode(
            {
                "queue_name": ACTORS[actor],
                "actor_name": actor,
                "args": args,
                "kwargs": {},
                "options": {"redis_message_id": bell},
                "message_id": bell,
                "message_timestamp": int(time.time() * 1000),
            }
        ),
    )
