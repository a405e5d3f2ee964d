"""A worker takes what it can run now, and no more."""

from __future__ import annotations

import threading

from tests.broker.both import fails_on_stock, on_both
from tests.broker.house import House, happens
from tests.waiting import wait_until


@fails_on_stock("twice as many messages as threads are taken, and hidden from whoever could run them")
def test_the_length_of_the_queue_is_the_work_that_waits(house: House) -> None:
    broker = house.broker()
    for number in range(6):
        house.send(broker, "wait", number)

    house.work(broker, threads=2)
    wait_until(lambda: len(house.started) == 2)

    assert len(house.waiting()) == 4


@fails_on_stock("one process takes everything while the other has nothing to do")
def test_two_workers_share_what_there_is(house: House) -> None:
    producer, left, right = house.broker(), house.broker(), house.broker()
    for number in range(4):
        house.send(producer, "wait", number)

    house.work(left, threads=2)
    wait_until(lambda: len(house.started) == 2)
    house.work(right, threads=2)

    wait_until(lambda: sorted(house.started) == [0, 1, 2, 3], timeout=house.patience)


@fails_on_stock("long work on one queue fills all threads, and short work on another waits for it")
def test_long_work_never_starves_short_work(house: House) -> None:
    queues = ("agents", "control")
    producer = house.producer(*queues)
    for number in range(6):
        house.send(producer, "wait", number, queue="agents")
    house.work(house.broker(queues=queues, caps={"agents": 2, "control": 1}), threads=3)
    wait_until(lambda: len(house.started) >= 2)
    wait_until(lambda: house.kind != "stock" or len(house.started) == 3)

    house.send(producer, "note", "quick", queue="control")

    house.expect_ran("quick")


@fails_on_stock("a worker that drains goes on taking messages which it will not run")
def test_a_worker_that_drains_takes_nothing(house: House) -> None:
    broker = house.broker()
    house.send(broker, "wait", "long")
    worker = house.work(broker, threads=2)
    wait_until(lambda: house.started == ["long"])
    stopping = threading.Thread(target=worker.stop, kwargs={"timeout": 10_000})
    stopping.start()
    wait_until(lambda: not any(thread.running for thread in worker.workers))

    house.send(house.producer(), "note", "for others")
    wait_until(house.waiting, timeout=house.patience, message="a read that had begun to give back what it took")
    was_taken = happens(lambda: house.waiting() == [], within=1.0)
    house.gate.set()
    stopping.join(20)

    assert not was_taken
    assert house.ran == ["long"]
    assert len(house.waiting()) == 1


def test_a_worker_that_drains_stays_alive(house: House) -> None:
    """Else its running work would be given to another before the grace period is over."""
    broker = house.broker()
    house.send(broker, "wait", "long")
    worker = house.work(broker)
    wait_until(lambda: house.started == ["long"])
    stopping = threading.Thread(target=worker.stop, kwargs={"timeout": 10_000})
    stopping.start()
    wait_until(lambda: not any(thread.running for thread in worker.workers))
    house.redis.delete(house.keys.heartbeats)

    wait_until(lambda: house.redis.zscore(house.keys.heartbeats, broker.broker_id))

    house.gate.set()
    stopping.join(20)
    assert house.ran == ["long"]


@on_both
def test_a_stopped_worker_leaves_nothing_taken(house: House) -> None:
    broker = house.broker()
    worker = house.work(broker, threads=4)
    for number in range(200):
        house.send(broker, "note", number)
    wait_until(lambda: len(house.ran) > 20)

    worker.stop(timeout=10_000)

    assert house.taken(broker) == set()
    assert len(house.ran) + len(house.waiting()) == 200


def test_few_threads_serve_many_queues_in_turn(house: House) -> None:
    """With one thread for two queues, neither waits until the other is empty."""
    queues = ("left", "right")
    producer = house.producer(*queues)
    house.send(producer, "wait", ["left", -1], queue="left")
    house.work(house.broker(queues=queues), threads=1)
    wait_until(lambda: house.started)
    for queue in queues:
        for number in range(20):
            house.send(producer, "note", [queue, number], queue=queue)

    house.gate.set()
    wait_until(lambda: len(house.ran) == 41)

    first = [queue for queue, _ in house.ran[:20]]
    assert 5 <= first.count("left") <= 15, "in turn, but for a consumer that was slow to come back"
    assert [number for queue, number in house.ran if queue == "left"] == [*range(-1, 20)]


def test_an_idle_worker_waits_in_redis(house: House) -> None:
    """It asks only to hear of a stop and to say that it lives: no polling."""
    broker = house.broker()
    consumer = broker.consume("q", timeout=300)
    assert next(consumer) is None
    house.redis.config_resetstat()

    assert next(consumer) is None

    calls = {name: stat["calls"] for name, stat in house.redis.info("commandstats").items()}
    assert calls["cmdstat_xreadgroup" if house.streams else "cmdstat_blmove"] == 1
    assert sum(calls.get(f"cmdstat_{name}", 0) for name in ("evalsha", "lpop")) <= 1  # the heartbeat


@on_both
def test_what_was_done_is_settled_whether_more_waits_or_not(house: House) -> None:
    """A busy worker says it with its next request, and one that has nothing more to do says it at once."""
    broker = house.broker()
    for number in range(30):
        house.send(broker, "note", number)

    house.work(broker, threads=2)
    house.expect_ran(*range(30))

    wait_until(lambda: house.bodies() == 0 and house.taken(broker) == set(), timeout=house.patience)
