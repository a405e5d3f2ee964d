"""Towns on one Redis never meet; what is old is forgotten, and a reset forgets one town."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.contract.mail import send
from tests.recount import check_town
from tinytown.domain.agent import Agent
from tinytown.domain.message import ReceiptState
from tinytown.domain.task import TaskState
from tinytown.domain.worker import Worker
from tinytown.errors import AgentNotFound, MessageNotFound, TaskNotFound
from tinytown.store.connection import Connection
from tinytown.testing import Rehearsal, rehearse

NAMES = ["a", "a.b", "ab", "a-b", "a_b", "agent", "inbox"]


def keys_of(connection: Connection, town: str) -> int:
    return sum(key.startswith(f"tt:{town}:".encode()) for key in connection.call("KEYS", "*"))


def busy(connection: Connection, name: str) -> Rehearsal:
    town = rehearse(name, connection=connection)
    town.spawn("ada", cli="shell")
    town.assign("ada", "write")
    town.answer_bells()
    town.backlog.add("read")
    send(town, "ada", "hello")
    town.events.note(town.agents.find("ada").id, "a line")
    return town


@pytest.mark.parametrize("name", NAMES)
def test_a_reset_forgets_one_town(connection: Connection, name: str) -> None:
    towns = {other: busy(connection, other) for other in NAMES}
    before = {other: keys_of(connection, other) for other in NAMES}

    gone = towns[name].reset()

    after = {other: keys_of(connection, other) for other in NAMES}
    assert after == before | {name: 0}
    assert gone == before[name] > 0
    for town in towns.values():
        check_town(town)


def test_towns_do_not_hear_each_other(connection: Connection) -> None:
    one, other = rehearse("one", connection=connection), rehearse("other", connection=connection)
    agent = one.spawn("ada", cli="shell")
    task = one.assign("ada", "write")

    assert other.bells() == []
    assert other.history() == []
    with pytest.raises(AgentNotFound):
        other.agents.find("ada")
    with pytest.raises(AgentNotFound):
        other.agents.find(agent.id)
    with pytest.raises(TaskNotFound):
        other.tasks.find(task.id)


def test_a_town_goes_on_after_a_reset(connection: Connection) -> None:
    town = busy(connection, "a")
    town.reset()

    task = busy(connection, "a").tasks.matching(TaskState.COMPLETED)

    assert len(task) == 1


def test_finished_tasks_are_forgotten_when_their_time_is_over(town: Rehearsal, ada: Agent) -> None:
    done, kept = town.assign("ada", "write"), town.backlog.add("read")
    town.answer_bells()
    counted = town.events.counters()
    town.clock.at += timedelta(days=365 * 10)  # the index counts in the server's time

    forgotten = town.recovery.forget_old()

    assert forgotten == 1
    with pytest.raises(TaskNotFound):
        town.tasks.get(done.id)
    assert town.tasks.get(kept.id) == kept
    assert town.events.counters() == counted


def test_nothing_is_forgotten_too_early_or_when_told_to_keep(connection: Connection) -> None:
    for name, days in (("early", 30), ("keep", 0)):
        town = rehearse(name, connection=connection, retention={"finished_tasks_days": days})
        town.spawn("ada", cli="shell")
        task = town.assign("ada", "write")
        town.answer_bells()
        town.clock.at += timedelta(days=0 if days else 365 * 10)

        assert town.recovery.forget_old() == 0
        assert town.tasks.get(task.id).state is TaskState.COMPLETED


def test_receipts_are_forgotten_a_while_after_they_were_settled(town: Rehearsal, ada: Agent) -> None:
    settled, waiting = send(town, "ada", "one"), send(town, "supervisor", "two")
    town.answer_bells()
    keys, connection = town.desk.store.keys, town.desk.store.connection
    connection.call("ZADD", keys.settled, 1, settled.id)

    town.recovery.forget_old()

    with pytest.raises(MessageNotFound):
        town.messages.receipt(settled.id)
    assert town.messages.receipt(waiting.id).state is ReceiptState.QUEUED


def test_workers_are_known_while_they_are_heard_of(town: Rehearsal) -> None:
    workers = town.desk.store.workers
    for name, started in (("two", 2), ("one", 1)):
        worker = Worker(id=name, host="here", pid=1, queues=("agents",), concurrency=4, started_at=started, seen_at=1)
        workers.register(worker, timedelta(seconds=20))
    before = [worker.id for worker in town.workers.all()]

    town.desk.store.connection.call("DEL", town.desk.store.keys.worker("two"))
    silent = [worker.id for worker in town.workers.all()]
    workers.forget("one")

    assert (before, silent, town.workers.all()) == (["one", "two"], ["one"], [])
