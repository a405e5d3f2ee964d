"""Stock Dramatiq and our broker on the same queues; where ours uses a stream, what stock sends is moved onto it."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from uuid import uuid4

import pytest
import redis

from tests.broker.house import House
from tests.waiting import wait_until
from tinytown.broker import AGENTS, CONTROL, TownBroker, build_broker, redis_client

on_lists = pytest.mark.parametrize("kind", ["ours"])


@pytest.mark.parametrize("kind", ["stock", "ours"])
def test_a_bell_written_by_hand_is_answered(house: House) -> None:
    """The wire form that our scripts write: one HSET and one RPUSH."""
    identity = str(uuid4())
    bell = {
        "queue_name": "q",
        "actor_name": "note_q",
        "args": ["ding"],
        "kwargs": {},
        "options": {"redis_message_id": identity},
        "message_id": str(uuid4()),
        "message_timestamp": 1_790_000_000_000,
    }
    house.redis.hset(house.keys.bodies("q"), identity, json.dumps(bell))
    house.redis.rpush(house.keys.waiting("q"), identity)

    house.work(house.broker())

    house.expect_ran("ding")
    wait_until(lambda: house.bodies() == 0)


@on_lists
@pytest.mark.parametrize("empty", ["ours", "stock"])
def test_either_worker_answers_either_producer(house: House, empty: str) -> None:
    stock = house.stock_broker()
    for number in range(50):
        house.send(stock if number % 2 else house.broker(), "note", number)

    house.work(house.broker() if empty == "ours" else stock, threads=2)

    house.expect_ran(*range(50))


@on_lists
def test_both_workers_share_a_queue(house: House) -> None:
    ours, stock = house.broker(), house.stock_broker()
    house.work(ours, threads=2)
    house.work(stock, threads=2)

    for number in range(200):
        house.send(stock, "note", number)

    house.expect_ran(*range(200))
    wait_until(lambda: house.bodies() == 0)
    assert house.taken(ours) | house.taken(stock) == set()


@on_lists
def test_what_a_dead_stock_worker_held_is_returned(house: House) -> None:
    dead = house.stock_broker()
    house.send(dead, "note", "x")
    house.take(dead, 1)
    house.silence()

    house.maintain(house.broker())

    assert len(house.waiting()) == 1


def test_an_actor_that_raises_leaves_a_dead_letter_and_is_not_retried(house: House) -> None:
    identity = house.send(house.producer(), "fail", "x")

    house.work(house.broker())

    wait_until(lambda: house.dead_letters() == [identity])
    assert house.bodies() == house.bodies("q.DQ") == 0


def test_a_message_for_an_unknown_actor_becomes_a_dead_letter(house: House) -> None:
    identity = house.send(house.producer("q"), "note", "x")
    broker = house.broker(queues=())
    broker.declare_queue("q")
    broker.actors.clear()

    house.work(broker)

    wait_until(lambda: house.dead_letters() == [identity])


def test_join_waits_until_everything_has_run(house: House) -> None:
    broker = house.broker()
    house.work(broker)
    for number in range(10):
        house.send(broker, "note", number)

    broker.join("q", timeout=10_000)

    assert sorted(house.ran) == [*range(10)]


def test_flush_empties_a_queue(house: House) -> None:
    broker = house.broker()
    house.send(broker, "note", "x")
    house.send(broker, "note", "x", delay=1000)

    broker.flush("q")

    assert house.redis.keys("*q*") == []


def test_a_broker_asks_where_redis_is_only_when_it_must() -> None:
    asked: list[str] = []

    def connect() -> redis.Redis:
        asked.append("address")
        return redis_client("unix:///nowhere")

    broker = build_broker(connect, town="t", concurrency=4)
    broker.declare_queue(AGENTS)
    broker.declare_queue(CONTROL)
    broker.consume(AGENTS)
    before = [*asked]
    client = broker.client

    assert (before, asked) == ([], ["address"])
    assert broker.namespace == "tt:t:dramatiq"
    assert broker.threads == 8
    assert client.connection_pool.connection_kwargs["socket_timeout"] == timedelta(seconds=30).total_seconds()


def test_the_dramatiq_command_runs_a_module_with_our_broker(house: House) -> None:
    """`dramatiq tinytown.actors` works because the broker needs nothing at import."""
    code = f"""
import dramatiq, redis
from tinytown.broker import TownBroker
connect = lambda: redis.Redis(unix_socket_path={str(house.socket)!r})
broker = TownBroker(connect=connect, namespace={house.keys.namespace!r}, caps={{}}, threads=2)
dramatiq.set_broker(broker)

@dramatiq.actor(queue_name="q", actor_name="note_q")
def note(item):
    broker.client.set("noted", item, ex=60)
"""
    place = house.socket.with_name("plain_actors.py")
    place.write_text(code)
    command = [sys.executable, "-m", "dramatiq", "plain_actors", "-p", "1", "-t", "2", "-P", str(place.parent)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        house.send(house.stock_broker(), "note", "hello")
        noted = wait_until(lambda: house.redis.get("noted"), timeout=20)
    finally:
        process.terminate()
        process.wait(20)

    assert noted == b"hello"
    assert isinstance(house.broker(), TownBroker)
