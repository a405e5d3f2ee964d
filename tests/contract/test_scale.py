"""Size: what is asked of Redis does not grow with what lies there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

import pytest

from tests.contract.mail import bodies, turn_of
from tinytown.domain.agent import Agent
from tinytown.domain.ids import SUPERVISOR_ID
from tinytown.domain.message import Kind, Receipt, ReceiptState
from tinytown.services.turns import Ending
from tinytown.store.connection import Arg, Connection, Reply
from tinytown.store.records import encode
from tinytown.testing import Rehearsal, rehearse

MANY = 100_000


class Counting:
    """A connection that counts what goes over it."""

    def __init__(self, connection: Connection) -> None:
        self.address = connection.address
        self._connection = connection
        self.commands: list[str] = []
        self.trips = 0
        self.received = 0

    def call(self, *args: Arg) -> Reply:
        self.commands.append(str(args[0]))
        self.trips += 1
        reply = self._connection.call(*args)
        self.received += _size(reply)
        return reply

    def calls(self, commands: Sequence[Sequence[Arg]]) -> list[Reply]:
        self.commands += [str(command[0]) for command in commands]
        self.trips += 1
        replies = self._connection.calls(commands)
        self.received += _size(replies)
        return replies


def _size(reply: Reply) -> int:
    return sum(map(_size, reply)) if isinstance(reply, list) else len(reply) if isinstance(reply, bytes) else 8


def cost(town: Rehearsal, step: Callable[[Rehearsal], object]) -> Counting:
    """What a step asks of Redis, its scripts loaded beforehand."""
    counting = Counting(town.desk.store.connection)
    step(rehearse(town.name, connection=counting))  # type: ignore[arg-type]  # nobody listens here
    return counting


def fill(town: Rehearsal, agent: Agent, count: int) -> None:
    """Put so many messages into a mailbox, as sends would have, in few commands."""
    keys, connection = town.desk.store.keys, town.desk.store.connection
    for start in range(0, count, 5000):
        messages = [
            town.desk.message(SUPERVISOR_ID, agent.id, Kind.TASK, description=str(i)) for i in range(start, min(start + 5000, count))
        ]
        receipt = encode(Receipt(state=ReceiptState.QUEUED, agent=agent.id))
        receipts = [word for one in messages for word in (one.id, receipt)]
        connection.calls(
            [
                ("RPUSH", keys.inbox(agent.id), *map(encode, messages)),
                ("HSET", keys.receipts, *receipts),
                ("HINCRBY", keys.turn(agent.id), "waiting", len(messages)),
            ]
        )


@pytest.fixture
def crowded(connection: Connection, way: str) -> Rehearsal:
    """A town whose agent has a hundred thousand messages; not recounted, for that takes a while."""
    if "fakeredis" in way:
        pytest.skip(reason="a hundred thousand messages take a real server")
    town = rehearse("crowded", connection=connection)
    fill(town, town.spawn("ada", cli="shell"), MANY)
    return town


def test_a_turn_over_a_full_mailbox_costs_what_any_turn_costs(crowded: Rehearsal) -> None:
    ada = crowded.agents.find("ada")

    spent = cost(crowded, lambda town: town.turns.end(turn_of(town, ada), Ending()))
    turn = turn_of(crowded, ada)

    assert spent.trips <= 8
    assert spent.received < 50 * 1000
    assert bodies(turn) == [str(i) for i in range(50, 100)]
    assert crowded.messages.lengths([ada.id]) == [(MANY - 100, 0, 50, 0)]
    assert crowded.desk.store.turns.info([ada.id])[0].waiting == MANY - 100


def test_looking_into_a_full_mailbox_reads_what_is_shown(crowded: Rehearsal) -> None:
    spent = cost(crowded, lambda town: (town.messages.peek("ada", 10), town.messages.lengths([town.agents.find("ada").id])))

    assert spent.received < 10_000


def test_a_full_mailbox_is_drained_in_pieces(crowded: Rehearsal) -> None:
    counting = Counting(crowded.desk.store.connection)
    town = rehearse("crowded", connection=counting)  # type: ignore[arg-type]  # nobody listens here

    seen = [message.body for message in islice(town.messages.drain("ada"), 1000)]

    assert seen == [str(i) for i in range(1000)]
    assert counting.trips < 20
    assert counting.received < 1000 * 500


def test_finding_and_counting_never_search(connection: Connection) -> None:
    town = rehearse("wide", connection=connection)
    for i in range(150):
        town.spawn(f"agent-{i}", cli="shell")
        town.backlog.add(f"task {i}")
    ada = town.agents.find("agent-77")

    found = cost(town, lambda here: [here.agents.find(name) for name in ("agent-77", ada.id, ada.id[:8], ada.label)])
    counted = cost(town, lambda here: (here.agents.count(), here.tasks.count(), here.backlog.length()))
    listed = cost(town, lambda here: (here.agents.all(), here.backlog.list()))

    assert not {"KEYS", "SCAN"} & set(found.commands + counted.commands + listed.commands)
    assert found.trips <= 16
    assert found.received < 4000
    assert counted.trips <= 3
    assert listed.trips <= 4


def test_what_an_autoscaler_asks_costs_the_same_in_any_town(connection: Connection) -> None:
    spent: list[Counting] = []
    for size in (1, 150):
        town = rehearse(f"of-{size}", connection=connection)
        for i in range(size):
            town.spawn(f"agent-{i}", cli="shell", role="reviewer" if i % 2 else None)
            town.backlog.add(f"task {i}")
            town.assign(f"agent-{i}", "write")
        for bell in town.bells("control"):
            town.answer(bell)
        town.begin_turn(town.agents.find("agent-0").id)
        town.scaling.signal()  # counts what a new town has not counted yet

        spent.append(cost(town, lambda here: here.scaling.figures()))

    small, large = spent
    assert (small.trips, large.trips) == (1, 1)
    assert large.received < small.received + 500
    assert not {"KEYS", "SCAN"} & set(large.commands)
