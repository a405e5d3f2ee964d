"""Redis freezes, restarts and comes back: workers wait and carry on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.broker.house import House
from tests.server import Server
from tests.waiting import wait_until
from tinytown.broker import TownBroker
from tinytown.errors import RedisUnavailable


@pytest.fixture
def durable(own_server: Server, kind: str, house: House) -> Iterator[House]:
    """A house on a server of its own, which writes what it knows to disk."""
    house = House(kind, own_server.socket)
    yield house
    if not own_server.is_running():
        own_server.start()
    house.close()


def test_a_frozen_server_strands_nothing(durable: House, own_server: Server) -> None:
    """Commands of connections that were given up may still run: the repair comes again."""
    house = durable
    broker = house.broker()
    house.work(broker, threads=2)

    for number in range(3):
        producer = house.producer()
        own_server.stop_signal()
        wait_until(lambda: backs_off(broker))
        own_server.cont_signal()
        house.send(producer, "note", number)

    house.expect_ran(0, 1, 2)
    wait_until(lambda: house.bodies() == 0)
    assert house.taken(broker) == set()


def test_a_worker_outlives_a_restart_of_redis(durable: House, own_server: Server) -> None:
    house = durable
    broker = house.broker()
    house.work(broker)
    house.send(broker, "note", "before")
    house.expect_ran("before")

    own_server.restart()
    house.send(house.broker(), "note", "after")

    house.expect_ran("before", "after")


def test_work_that_ends_while_redis_is_away_is_settled_later(durable: House, own_server: Server) -> None:
    """The thread is free at once, the message is not run again, and nothing is left."""
    house = durable
    broker = house.broker()
    house.send(broker, "wait", "long")
    worker = house.work(broker)
    wait_until(lambda: house.started == ["long"])

    own_server.kill()
    house.gate.set()
    wait_until(lambda: worker.work_queue.unfinished_tasks == 0)
    own_server.start()

    wait_until(lambda: house.bodies() == 0)
    assert house.ran == ["long"]
    assert house.taken(broker) == set()


def test_a_producer_hears_that_redis_is_away(durable: House, own_server: Server) -> None:
    broker = durable.broker()
    own_server.kill()

    with pytest.raises(RedisUnavailable, match=str(own_server.socket)):
        durable.send(broker, "note", "x")


@pytest.mark.parametrize("kind", ["streams"])
@pytest.mark.parametrize("rewritten", [False, True], ids=["as written", "rewritten"])
def test_a_restart_changes_neither_lag_nor_pending(durable: House, own_server: Server, rewritten: bool) -> None:
    """Whether Redis reads its log as it was written, or as it was last put together."""
    broker = durable.broker()
    for number in range(5):
        durable.send(broker, "note", number)
    consumer = broker.consume("q", timeout=50)
    assert isinstance(broker, TownBroker)
    broker.slots.open(2)
    done = next(consumer)
    assert done is not None
    consumer.ack(done)
    before = durable.numbers()
    if rewritten:
        durable.redis.bgrewriteaof()
        wait_until(lambda: not durable.redis.info("persistence")["aof_rewrite_in_progress"])

    own_server.restart()

    assert before == durable.numbers() == (3, 1)
    assert (len(durable.waiting()), len(durable.taken(broker))) == (3, 1)


def backs_off(broker: object) -> bool:
    """Whether the consumer has noticed that Redis is away."""
    assert isinstance(broker, TownBroker)
    return broker.consume("q", timeout=50).is_waiting_for_redis
