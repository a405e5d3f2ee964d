"""Defects 8-11: crashes half-way, prompts that are taken back, and deletion under a tick."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.missions.stage import agent, begin, deliver, item, later, live_tasks, made, mission_of, plan, task_of, tick, turn
from tinytown.domain.ids import SUPERVISOR_ID, MissionId, new_mission_id
from tinytown.domain.message import Kind
from tinytown.domain.mission import MissionState
from tinytown.domain.pull_request import PullRequest
from tinytown.domain.task import TaskState
from tinytown.domain.work_item import WorkStatus
from tinytown.errors import MissionNotFound, RedisUnavailable
from tinytown.services.errands import ErrandRunner
from tinytown.testing import Rehearsal


def crash(*_: object, **__: object) -> Any:
    """What a process does that dies here."""
    raise RedisUnavailable("redis", "killed")


def die_before_errands(monkeypatch: pytest.MonkeyPatch, step: Callable[[], object]) -> None:
    """Do something in a process that dies right after the commit."""
    with monkeypatch.context() as patch:
        patch.setattr(ErrandRunner, "run", crash)
        with pytest.raises(RedisUnavailable):
            step()


def help_asked(town: Rehearsal, mission: MissionId) -> None:
    """Have a mission ask for help: its only reviewer is away."""
    town.agents.kill("rex")
    tick(town, mission)
    assert mission_of(town, mission).help is not None


def prompts(town: Rehearsal) -> list[str]:
    """What lies in the supervisor's mailbox."""
    entries = town.desk.store.mail.entries(SUPERVISOR_ID, 1000)
    return [str(message.question or message.summary) for _, _, message in entries if message is not None]


def keys_of(town: Rehearsal, mission: MissionId) -> list[str]:
    """Every key that has the mission's id in it, and every index that names it."""
    connection, found = town.desk.store.connection, []
    for raw in connection.call("KEYS", f"{town.desk.store.keys.prefix}*"):
        kind, key = connection.call("TYPE", raw).decode(), raw.decode()
        read = {"set": ("SMEMBERS",), "zset": ("ZRANGE", 0, -1), "hash": ("HGETALL",)}.get(kind)
        members = [] if read is None else connection.call(read[0], raw, *read[1:])
        if str(mission) in key or ("task:" not in key and any(str(mission).encode() in member for member in members)):
            found.append(key)
    return found


def test_an_item_that_was_given_away_by_somebody_who_died_has_its_task(town: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defect 8."""
    mission = begin(town, 1)
    die_before_errands(monkeypatch, lambda: tick(town, mission))
    assert live_tasks(town, mission) == []

    tick(town, mission)
    turn(town, "ada")

    assert item(town, mission, 1).pull is not None
    assert item(town, mission, 1).attempts == 1


def test_a_task_that_vanished_is_made_again(town: Rehearsal) -> None:
    """Defect 8: an item that is with a live agent and has no live task is noticed."""
    mission = begin(town, 1)
    deliver(town)
    lost = task_of(town, mission, 1)
    town.tasks.requeue(lost.id)
    town.desk.store.connection.call("DEL", town.desk.store.keys.task(lost.id))

    tick(town, mission)
    now = item(town, mission, 1)
    town.desk.store.connection.call("SREM", town.desk.store.keys.mission_tasks(mission), lost.id)
    forget(town, lost.id)

    assert now.status is WorkStatus.ASSIGNED
    assert now.task_id not in {None, lost.id}


def forget(town: Rehearsal, task: str) -> None:
    """Take what is left of a lost task out of the indexes, which are counted afterwards."""
    keys, connection = town.desk.store.keys, town.desk.store.connection
    for name in (keys.task_ids, keys.tasks_created, *map(keys.tasks_in, TaskState)):
        connection.call("ZREM", name, task)
    connection.call("LREM", keys.backlog, 0, task)


def test_starting_again_with_the_same_identity_is_harmless(town: Rehearsal) -> None:
    """Defect 8: the mission with all its items is one write."""
    identity = new_mission_id()
    first = town.missions.start(plan(1, 2), identity=identity)

    again = town.missions.start(plan(1, 2), identity=identity)

    assert [each.id for each in again.items] == [each.id for each in first.items]
    assert again.mission.version == first.mission.version
    assert len(town.missions.list()) == 1


@pytest.mark.parametrize("how", ["complete", "fail", "stop"])
def test_an_end_whose_author_died_leaves_no_live_task(town: Rehearsal, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """Defect 8: and no lost bell keeps it from being finished."""
    mission = begin(town, 1)
    deliver(town)
    steps = {
        "complete": lambda: town.missions.complete(mission, by="me"),
        "fail": lambda: town.missions.fail(mission, "enough", by="me"),
        "stop": lambda: town.missions.stop(mission, by="me"),
    }
    die_before_errands(monkeypatch, steps[how])
    town.lose_bells()

    town.mission_ticks.ring_due()
    let_all_be_due(town)
    town.mission_ticks.ring_due()
    deliver(town)

    assert live_tasks(town, mission) == []
    assert mission_of(town, mission).errands == ()
    assert [news.news.value for news in town.sent] == {"complete": ["mission.completed"], "fail": ["mission.failed"], "stop": []}[how]
    assert town.desk.store.missions.active() == []


def let_all_be_due(town: Rehearsal) -> None:
    """Let so much time pass that every driven mission is due."""
    keys, connection = town.desk.store.keys, town.desk.store.connection
    for raw in connection.call("ZRANGE", keys.missions_due, 0, -1):
        connection.call("ZADD", keys.missions_due, "XX", 1, raw)


def test_taking_a_prompt_back_loses_no_other_mail(town: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defect 9: what comes in between stays, and nobody sees the mailbox empty."""
    mission = made(town, 1)
    town.messages.send("supervisor", "before", kind=Kind.INFORMATIONAL, sender=agent(town, "ada"))
    help_asked(town, mission)
    mail = type(town.desk.store.mail)
    settle, seen = mail.settle, []

    def slowly(self: Any, *args: Any) -> Any:
        town.messages.send("supervisor", "between", kind=Kind.INFORMATIONAL, sender=agent(town, "ada"))
        seen.append(len(prompts(town)))
        return settle(self, *args)

    monkeypatch.setattr(mail, "settle", slowly)
    town.agents.restart("rex")

    tick(town, mission)

    assert mission_of(town, mission).help is None
    assert seen == [3]
    assert [words for words in prompts(town) if "Help Needed" in words] == []
    assert len(prompts(town)) == 2


def test_deleting_during_a_tick_leaves_nothing(town: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defect 10: the tick does not bring the mission back, and all that belonged to it is gone."""
    mission = made(town, 1, 2, max_parallel_items=3)
    later(town, 200)
    asked, rest = town.hub.pull, [lambda: town.missions.delete(mission, force=True)]

    def slow(which: Any) -> PullRequest:
        if rest:
            rest.pop()()
        return asked(which)

    monkeypatch.setattr(town.hub, "pull", slow)

    with pytest.raises(MissionNotFound):
        tick(town, mission)
    deliver(town)

    assert keys_of(town, mission) == []
    assert town.desk.store.missions.hands() == {}
    assert [task.state for task in town.desk.store.tasks.get_many(town.desk.store.tasks.ids_in(TaskState.ASSIGNED))] == []


def test_deleting_takes_prompts_and_tasks_along(town: Rehearsal) -> None:
    """Defect 10."""
    mission = made(town, 1)
    help_asked(town, mission)

    town.missions.delete(mission, force=True)
    deliver(town)

    assert prompts(town) == []
    assert keys_of(town, mission) == []


def test_deleting_a_mission_whose_driver_died_runs_what_it_had_decided(town: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defect 10: a task that was decided on and not stored does not come up afterwards."""
    mission = begin(town, 1)
    die_before_errands(monkeypatch, lambda: tick(town, mission))
    errands = mission_of(town, mission).errands

    town.missions.delete(mission, force=True)
    ErrandRunner(town.desk, town.tasks, town.notifications).run(errands)
    deliver(town)

    assert town.desk.store.tasks.ids_in(TaskState.PENDING) == []
    assert keys_of(town, mission) == []


def test_a_command_counts_while_another_drives_the_mission(town: Rehearsal) -> None:
    """Defect 11: it says what it did, and needs no lease for it."""
    mission = begin(town, 1)
    held = town.desk.store.missions.take(mission, "another", town.settings.mission.lock_ttl)

    moved = town.missions.pause(mission, by="me")
    ticked = tick(town, mission)

    assert (held, ticked.driven) == ("taken", False)
    assert moved.mission.state is mission_of(town, mission).state is MissionState.BLOCKED
