"""Whatever rings names an actor and a queue; here is who answers."""

from __future__ import annotations

from typing import cast

import pytest

from tinytown.actors.host import Host
from tinytown.actors.process import WorkerPlan
from tinytown.actors.worker import QUEUES
from tinytown.broker import build_broker
from tinytown.domain.ids import new_agent_id, new_id, new_mission_id, new_task_id
from tinytown.domain.notification import NotificationId
from tinytown.errors import InvalidValue, RedisUnavailable
from tinytown.store.bells import assign_task_bell, notify_bell, run_agent_bell, tick_mission_bell


def test_every_bell_that_our_scripts_ring_is_answered_on_its_queue() -> None:
    broker = build_broker("redis://never-connected", town="any", concurrency=1)
    for declarations in QUEUES.values():
        for declare in declarations:
            declare(broker, cast("Host", None))

    answered = {name: broker.get_actor(name).queue_name for name in broker.get_declared_actors()}

    assert answered == {"assign_task": "control", "notify": "control", "run_agent": "agents", "tick_mission": "control"}
    rung = (
        assign_task_bell(new_task_id(), "auto"),
        notify_bell(NotificationId(new_id())),
        run_agent_bell(new_agent_id()),
        tick_mission_bell(new_mission_id()),
    )
    for bell in rung:
        assert any(f'"actor_name":"{name}"'.encode() in bell.body and queue == bell.queue for name, queue in answered.items())


def test_no_actor_is_tried_again_or_ended_by_dramatiq() -> None:
    """Turns count their attempts themselves, and end when their own limits say so."""
    broker = build_broker("redis://never-connected", town="any", concurrency=1)

    names = {type(middleware).__name__ for middleware in broker.middleware}

    assert "TimeLimit" not in names
    assert "AgeLimit" not in names


@pytest.mark.parametrize("queues", [(), ("agents", "nonsense")])
def test_a_worker_serves_queues_that_exist(queues: tuple[str, ...]) -> None:
    with pytest.raises(InvalidValue):
        WorkerPlan(queues=queues)


class Absent:
    """Services whose Redis is away."""

    def __getattr__(self, name: str) -> Absent:
        return self

    def __call__(self, *_: object) -> None:
        raise RedisUnavailable("here", "gone")


@pytest.mark.parametrize(
    ("actor", "args"),
    [
        ("assign_task", (new_task_id(), "auto")),
        ("notify", (new_id(),)),
        ("run_agent", (new_agent_id(),)),
        ("tick_mission", (new_mission_id(),)),
    ],
)
def test_a_bell_that_cannot_be_answered_for_want_of_redis_is_left_to_the_sweep(actor: str, args: tuple[str, ...]) -> None:
    """It carries nothing that the records do not know; as a dead letter it would only alarm."""
    broker = build_broker("redis://never-connected", town="any", concurrency=1)
    for declarations in QUEUES.values():
        for declare in declarations:
            declare(broker, cast("Host", Absent()))

    answer = broker.get_actor(actor).fn(*args)

    assert answer is None
