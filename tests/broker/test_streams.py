"""The stream of a queue: what its entries say, what it tells about the work, and that nothing is lost on it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.broker.house import SILENCE, House
from tests.waiting import wait_until
from tinytown.broker import DeadLetters, Maintenance, TownBroker, Upkeep
from tinytown.broker.docket import KEPT
from tinytown.store.keys import WORKERS_GROUP

DOCKET = "town:docket:q"


@pytest.fixture
def kind() -> str:
    """All of this is about streams."""
    return "streams"


def test_an_entry_says_what_was_rung_and_for_whom(house: House) -> None:
    """Whoever reads the stream by hand sees the fields that are documented."""
    identity = house.send(house.broker(), "note", "ada")
    house.redis.xgroup_create(DOCKET, WORKERS_GROUP, id="0")

    ((_, ((entry, fields),)),) = house.redis.xreadgroup(WORKERS_GROUP, "a person", {DOCKET: ">"})
    told = {name.decode(): value.decode() for name, value in fields.items()}
    at = datetime.fromisoformat(told.pop("timestamp"))

    assert told == {
        "id": identity,
        "task_id": "",
        "type": "note_q",
        "message": "doorbell",
        "priority": "normal",
        "from": "tinytown",
        "to": "ada",
    }
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=1)
    assert abs(int(entry.decode().split("-")[0]) - at.timestamp() * 1000) < 100


def test_lag_is_what_nobody_has_taken_and_pending_what_is_being_answered(house: House) -> None:
    broker = house.broker()
    states = [house.numbers()]
    for number in range(4):
        house.send(broker, "note", number)
    states.append(house.numbers())
    consumer = broker.consume("q", timeout=50)
    messages = [message for message in (next(consumer) for _ in range(3)) if message is not None]

    states.append(house.numbers())
    consumer.ack(messages[0])
    states.append(house.numbers())
    consumer.nack(messages[1])
    states.append(house.numbers())
    consumer.requeue([messages[2]])
    states.append(house.numbers())

    assert states == [(0, 0), (4, 0), (0, 4), (0, 3), (0, 2), (1, 1)]


def test_lag_stays_the_truth_when_history_is_trimmed(house: House) -> None:
    broker = house.broker()
    work_off(house, broker, KEPT + 50)
    waiting = [house.send(broker, "note", number) for number in range(3)]

    upkeep = tidied(broker)

    assert upkeep.trimmed == 50
    assert house.redis.xlen(DOCKET) == KEPT + 3
    assert house.numbers() == (3, 0)
    assert house.waiting() == waiting


def test_trimming_spares_what_is_taken_and_all_behind_it(house: House) -> None:
    broker, slow = house.broker(), house.broker()
    assert isinstance(slow, TownBroker)
    work_off(house, broker, 10)
    held = house.send(broker, "note", "slow")
    house.take(slow, 1)
    work_off(house, broker, KEPT + 50)
    slow.transport_of("q").beat()

    upkeep = tidied(broker)

    assert upkeep.trimmed == 0
    assert house.taken(slow) == {held}
    assert house.redis.xlen(DOCKET) == KEPT + 61
    assert house.numbers() == (0, 1)


def test_trimming_spares_what_waits_however_much_that_is(house: House) -> None:
    broker = house.broker()
    waiting = [house.send(broker, "note", number) for number in range(KEPT + 20)]

    upkeep = tidied(broker)

    assert upkeep.trimmed == 0
    assert house.waiting() == waiting


def test_what_a_dead_worker_held_waits_again(house: House) -> None:
    """And a turn of a worker that lives is left alone, however long it lasts."""
    living, dead = house.broker(), house.broker()
    house.send(living, "note", "long")
    house.take(living, 1)
    house.send(dead, "note", "lost")
    house.take(dead, 1)
    house.silence()
    living.transport_of("q").beat()

    house.maintain(house.broker())

    assert (len(house.taken(living)), len(house.taken(dead)), len(house.waiting())) == (1, 0, 1)
    assert consumers(house) == {living.broker_id}


def test_what_somebody_took_by_hand_and_left_comes_back(house: House) -> None:
    """Who sends no heartbeats is given as much time as one who fell silent."""
    identity = house.send(house.broker(), "note", "x")
    house.redis.xgroup_create(DOCKET, WORKERS_GROUP, id="0")
    house.redis.xreadgroup(WORKERS_GROUP, "a person", {DOCKET: ">"})

    house.maintain(house.broker())
    at_once = house.waiting()
    wait_until(lambda: house.redis.xinfo_consumers(DOCKET, WORKERS_GROUP)[0]["idle"] > SILENCE / timedelta(milliseconds=1))
    house.maintain(house.broker())

    assert (at_once, house.waiting()) == ([], [identity])
    assert consumers(house) == set()


def test_the_last_message_of_a_worker_that_stops_while_it_waits_is_not_kept(house: House) -> None:
    """A read that has begun takes what comes, even if nobody may be given it any more."""
    broker = house.broker()
    assert isinstance(broker, TownBroker)
    consumer = broker.consume("q", timeout=50)
    assert next(consumer) is None
    identity = house.send(broker, "note", "x")
    assert broker.transport_of("q").wait("q", 1000)
    broker.slots.shut()

    assert next(consumer) is None

    assert (house.taken(broker), house.waiting()) == (set(), [identity])


def test_a_group_that_was_destroyed_is_made_again_and_repeats_nothing(house: House) -> None:
    broker = house.broker()
    work_off(house, broker, 5)
    house.redis.xgroup_destroy(DOCKET, WORKERS_GROUP)
    house.send(broker, "note", "after")

    house.work(broker)

    house.expect_ran("after")
    wait_until(lambda: house.numbers() == (0, 0))


def test_a_stream_that_is_deleted_while_a_worker_waits_is_served_again(house: House) -> None:
    broker = house.broker()
    house.work(broker)
    house.send(broker, "note", "before")
    house.expect_ran("before")

    house.redis.delete(DOCKET)
    house.send(broker, "note", "after")

    house.expect_ran("before", "after")


def test_an_entry_of_somebody_else_becomes_a_dead_letter_with_all_it_said(house: House) -> None:
    broker = house.broker()
    assert isinstance(broker, TownBroker)
    entry = house.redis.xadd(DOCKET, {"task_id": "t", "type": "task_assign", "to": "ada"}).decode()
    house.send(broker, "note", "next")

    house.work(broker)

    house.expect_ran("next")
    (letter,) = DeadLetters(broker).list("q")
    assert letter.id == entry
    assert json.loads(letter.body) == {"task_id": "t", "type": "task_assign", "to": "ada"}
    wait_until(lambda: house.numbers() == (0, 0))


def test_an_entry_that_was_deleted_by_hand_costs_the_count_nothing(house: House) -> None:
    """The server does not say how many wait then; they are counted."""
    broker = house.broker()
    work_off(house, broker, 3)
    for number in range(5):
        house.send(broker, "note", number)
    house.redis.xdel(DOCKET, house.redis.xrange(DOCKET)[4][0])
    told = house.redis.xinfo_groups(DOCKET)[0]["lag"]

    counted = house.numbers()

    assert told is None
    assert counted == (4, 0)


def test_an_entry_of_somebody_else_that_was_given_back_is_one_message(house: House) -> None:
    broker = house.broker()
    assert isinstance(broker, TownBroker)
    entry = house.redis.xadd(DOCKET, {"to": "ada"}).decode()
    broker.transport_of("q").take("q", 1)

    broker.transport_of("q").give_back("q", [entry])

    assert (house.waiting(), house.bodies()) == ([entry], 1)


def work_off(house: House, broker: Any, count: int) -> None:
    """Send so many messages, and settle them."""
    transport = broker.transport_of("q")
    for number in range(count):
        transport.put("q", f"done {number} {house.redis.xlen(DOCKET)}", b"{}")
    for taken in transport.take("q", count):
        transport.settle("q", taken.id)


def tidied(broker: Any) -> Upkeep:
    """A first, and so thorough, pass of maintenance."""
    return Maintenance(broker).run()


def consumers(house: House) -> set[str]:
    """Who is known to the group."""
    return {each["name"].decode() for each in house.redis.xinfo_consumers(DOCKET, WORKERS_GROUP)}
