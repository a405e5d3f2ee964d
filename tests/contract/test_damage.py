"""Things in Redis that are none of ours: named, kept apart, and in nobody's way."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.contract.mail import bodies, send, turn_of
from tinytown.domain.agent import Agent
from tinytown.domain.ids import AgentId, TaskId
from tinytown.domain.message import ReceiptState
from tinytown.errors import RecordUnreadable
from tinytown.services.turns import Ending
from tinytown.store.connection import Connection
from tinytown.testing import Rehearsal, rehearse

GARBAGE = [
    b"garbage",
    b"",
    b"\xff\xfe",
    b"[]",
    b'{"id":1}',
    b'{"id":"aaaaaaaa-0000-4000-8000-000000000001"',
    b'{"id":"aaaaaaaa-0000-4000-8000-000000000001"}',
    b'{"id":"aaaaaaaa-0000-4000-8000-000000000001","from":"x","to":"y","type":"task","created_at":"2026-01-01T00:00:00Z"}',
    b'{"id":"aaaaaaaa-0000-4000-8000-000000000001","from":"x","to":"y","type":"dance","created_at":"2026-01-01T00:00:00Z"}',
]
each_garbage = pytest.mark.parametrize("garbage", GARBAGE, ids=lambda raw: f"{raw[:10]!r} {len(raw)}")


@pytest.fixture
def town(connection: Connection) -> Rehearsal:
    """A town that is damaged on purpose, so its books are not checked in the end."""
    return rehearse(connection=connection)


def put(town: Rehearsal, key: str, *entries: bytes) -> None:
    town.desk.store.connection.call("RPUSH", key, *entries)


@each_garbage
def test_garbage_in_a_mailbox_costs_no_message(town: Rehearsal, ada: Agent, garbage: bytes) -> None:
    keys = town.desk.store.keys
    send(town, "ada", "one")
    put(town, keys.inbox(ada.id), garbage)
    put(town, keys.urgent(ada.id), garbage)
    send(town, "ada", "two")

    turn = turn_of(town, ada)
    town.turns.end(turn, Ending())

    assert bodies(turn) == ["one", "two"]
    assert town.messages.lengths([ada.id]) == [(0, 0, 0, 2)]
    assert town.desk.store.turns.info([ada.id])[0].state == "idle"
    assert [(letter.raw, letter.reason) for letter in town.messages.dead("ada")] == [(garbage, "malformed")] * 2


@each_garbage
def test_reading_around_garbage_loses_nothing(town: Rehearsal, ada: Agent, garbage: bytes) -> None:
    keys = town.desk.store.keys
    send(town, "ada", "one")
    put(town, keys.inbox(ada.id), garbage)
    send(town, "ada", "two")
    put(town, keys.urgent(ada.id), garbage)

    looked = [message.body for message in town.messages.peek("ada")]
    urgent = town.messages.receive_urgent("ada")
    got = [message.body for message in town.messages.drain("ada")]

    assert (looked, urgent, got) == (["one", "two"], [], ["one", "two"])
    assert [letter.raw for letter in town.messages.dead("ada")] == [garbage] * 2


def test_a_malformed_entry_says_so_in_its_receipt(town: Rehearsal, ada: Agent) -> None:
    put(town, town.desk.store.keys.inbox(ada.id), GARBAGE[6])

    town.receive("ada")

    receipt = town.messages.receipt("aaaaaaaa-0000-4000-8000-000000000001")
    assert (receipt.state, receipt.reason) == (ReceiptState.DEAD, "malformed")


def test_a_malformed_entry_can_be_thrown_away(town: Rehearsal, ada: Agent) -> None:
    put(town, town.desk.store.keys.dead(ada.id), b"garbage")

    town.messages.drop_dead(town.messages.dead()[0])

    assert town.messages.dead() == []


@pytest.mark.parametrize("record", [b"garbage", b"", b"[]", b'{"version":1}', b'{"id":"x","version":1}', b'{"version":1,"id":2}'])
def test_a_record_that_is_no_record_names_its_key(town: Rehearsal, ada: Agent, record: bytes) -> None:
    task = town.assign("ada", "write")
    keys, connection = town.desk.store.keys, town.desk.store.connection
    connection.call("SET", keys.agent(ada.id), record)
    connection.call("SET", keys.task(task.id), record)

    for look, key in ((lambda: town.agents.find("ada"), keys.agent(ada.id)), (lambda: town.tasks.get(task.id), keys.task(task.id))):
        with pytest.raises(RecordUnreadable) as refused:
            look()
        assert key in str(refused.value)


@pytest.mark.parametrize("look", ["find", "list", "step", "task", "tasks"])
def test_a_hash_of_an_older_version_says_how_to_convert_it(town: Rehearsal, look: str) -> None:
    """Records used to be hashes; they must neither look like gone ones nor crash a command."""
    agent, task = AgentId("aaaaaaaa-0000-4000-8000-000000000001"), TaskId("aaaaaaaa-0000-4000-8000-000000000002")
    keys, connection = town.desk.store.keys, town.desk.store.connection
    connection.call("HSET", keys.agent(agent), "id", agent, "name", "ada", "state", "idle")
    connection.call("HSET", keys.agents, "ada", agent)
    connection.call("HSET", keys.task(task), "id", task, "state", "completed")
    connection.call("ZADD", keys.task_ids, 0, task)
    connection.call("ZADD", keys.tasks_in("completed"), 0, task)
    looks: dict[str, Callable[[], object]] = {
        "find": lambda: town.agents.find("ada"),
        "list": town.agents.all,
        "step": lambda: town.agents.kill("ada"),
        "task": lambda: town.tasks.find(task[:8]),
        "tasks": town.tasks.matching,
    }

    with pytest.raises(RecordUnreadable) as refused:
        looks[look]()

    assert "tt migrate" in str(refused.value)


def test_a_record_that_changed_its_type_in_between_is_not_overwritten(town: Rehearsal, ada: Agent, bob: Agent) -> None:
    keys, connection = town.desk.store.keys, town.desk.store.connection
    connection.call("DEL", keys.agent(ada.id))
    connection.call("HSET", keys.agent(ada.id), "name", "ada")

    with pytest.raises(RecordUnreadable):
        town.desk.store.agents.change(ada, ada.changed(town.clock.at))

    assert connection.call("TYPE", keys.agent(ada.id)) == b"hash"


def test_one_damaged_record_does_not_keep_the_sweep_from_the_others(town: Rehearsal, ada: Agent, bob: Agent) -> None:
    broken, whole = town.assign("ada", "write"), town.assign("bob", "write")
    for name in ("ada", "bob"):
        send(town, name, "one")
    turn_of(town, ada)
    turn_of(town, bob)
    keys, connection = town.desk.store.keys, town.desk.store.connection
    connection.call("SET", keys.agent(ada.id), "garbage")
    connection.call("SET", keys.task(broken.id), "garbage")
    for agent in (ada, bob):
        town.let_lease_run_out(agent.id)
    town.lose_bells()
    town.let_answers_be_due()

    swept = town.recovery.sweep()

    assert swept.reaped == (bob.id,)
    assert [bell.args for bell in town.bells()] == [(whole.id, bob.id), (bob.id,)]


def test_one_damaged_agent_does_not_keep_others_from_getting_work(town: Rehearsal, ada: Agent, bob: Agent) -> None:
    town.desk.store.connection.call("SET", town.desk.store.keys.agent(ada.id), "garbage")
    task = town.assign("auto", "write")

    town.answer_bells()

    assert town.tasks.get(task.id).assigned_to == bob.id
