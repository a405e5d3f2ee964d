"""What becomes of messages whose process died, and who counts as dead."""

from __future__ import annotations

import random
from datetime import timedelta

import dramatiq.worker
import pytest
from dramatiq.common import current_millis

from tests.broker.both import fails_on_stock, on_both
from tests.broker.house import SILENCE, House
from tests.waiting import wait_until
from tinytown.broker import DeadLetters, Maintenance, TownBroker
from tinytown.clock import SystemClock
from tinytown.errors import DeadLetterNotFound, RedisUnavailable


@fails_on_stock("maintenance is a matter of luck: one command in a thousand, minutes on an idle worker")
def test_what_a_dead_process_held_runs_soon(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "randint", lambda low, high: (low + high) // 2)  # an average throw
    dead = house.broker()
    house.send(dead, "note", "rescued")
    house.take(dead, 1)
    survivor = house.broker()

    house.work(survivor)
    if house.kind != "stock":
        house.clock(survivor)
    else:
        survivor.maintenance_chance = 1000  # the default

    house.expect_ran("rescued")


@fails_on_stock("what was taken goes to the end of the queue, in no order, and on a list the front would do")
def test_what_a_dead_process_held_waits_again_in_order(house: House) -> None:
    """In front; a stream has no front."""
    dead = house.broker()
    sent = [house.send(dead, "note", number) for number in range(6)]
    house.take(dead, 3)
    house.silence()

    house.maintain(house.broker())

    assert house.waiting() == (sent[3:] + sent[:3] if house.streams else sent)


@fails_on_stock("one search through all keys of the server for each dead process, while nobody else is served")
def test_no_search_through_all_keys(house: House) -> None:
    house.send(house.broker(), "note", "x")
    house.take(house.broker(), 1)
    house.silence()
    house.redis.config_resetstat()

    house.maintain(house.broker())

    assert len(house.waiting()) == 1
    assert not {"cmdstat_keys", "cmdstat_scan"} & set(house.redis.info("commandstats"))


@fails_on_stock("time is the client's: a worker whose clock is behind is robbed at once")
def test_a_worker_with_a_wrong_clock_keeps_its_message(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    behind, other = house.broker(), house.broker()
    house.send(other, "note", "mine")
    with monkeypatch.context() as wrong:
        wrong.setattr("dramatiq.brokers.redis.current_millis", lambda: current_millis() - 61_000)
        house.take(behind, 1)

    house.maintain(other)

    assert len(house.taken(behind)) == 1
    assert house.waiting() == []


@fails_on_stock("a worker whose places are full sends no command, and so no heartbeat")
def test_a_fully_busy_worker_stays_alive(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dramatiq.worker, "DELAY_QUEUE_PREFETCH", 1)  # there, the delayed queue's consumer may be full as well
    busy = house.broker()
    house.send(busy, "note", "much later", delay=3_600_000)
    for number in range(4):
        house.send(busy, "wait", number)
    house.work(busy)
    wait_until(lambda: house.started == [0])
    first = wait_until(lambda: house.redis.zscore(house.keys.heartbeats, busy.broker_id))

    def spoke_much_later() -> bool:
        return bool(house.redis.zscore(house.keys.heartbeats, busy.broker_id) > first + SILENCE / timedelta(milliseconds=1))

    wait_until(spoke_much_later, timeout=house.patience)


@fails_on_stock("every program that only sends is taken for a worker, and later for a dead one")
def test_a_producer_is_no_worker(house: House) -> None:
    house.send(house.broker(), "note", "x")

    assert house.redis.zcard(house.keys.heartbeats) == 0


@on_both
def test_the_late_ack_of_a_process_thought_dead_changes_nothing(house: House) -> None:
    zombie, other = house.broker(), house.broker()
    house.send(other, "note", "x")
    message = house.take(zombie, 1)
    house.silence()
    house.maintain(other)
    house.take(other, 1)

    zombie.consume("q").ack(message)

    assert house.bodies() == 1
    assert len(house.taken(other)) == 1


def test_a_process_that_spoke_again_is_left_alone(house: House) -> None:
    zombie, other = house.broker(), house.broker()
    house.send(other, "note", "x")
    house.take(zombie, 1)
    house.silence()
    assert isinstance(zombie, TownBroker)
    zombie.transport_of("q").beat()

    house.maintain(other)

    assert len(house.taken(zombie)) == 1


def test_the_dead_are_forgotten_once_they_hold_nothing(house: House) -> None:
    for _ in range(3):
        house.send(house.stock_broker(), "note", "x")  # each leaves a heartbeat behind
    house.silence()
    broker = house.broker()
    assert isinstance(broker, TownBroker)

    upkeep = Maintenance(broker).run()

    assert (upkeep.forgotten, upkeep.returned) == (3, 0)
    assert house.redis.zcard(house.keys.heartbeats) == 0


def test_nobody_is_called_dead_right_after_redis_was_away(house: House) -> None:
    """While Redis is away no heartbeat arrives, so silence says nothing."""
    proxy = house.proxy()
    broker = house.broker(through=proxy)
    assert isinstance(broker, TownBroker)
    clock = MovedClock()
    maintenance = Maintenance(broker, clock=clock, grace=timedelta(seconds=10))
    house.send(broker, "note", "x")
    house.take(house.broker(), 1)
    house.silence()
    proxy.close()
    with pytest.raises(RedisUnavailable):
        maintenance.run()
    proxy.reopen()

    first = maintenance.run()
    clock.at += 10
    second = maintenance.run()

    assert (first.returned, second.returned) == (0, 1)


def test_an_orphan_waits_again_after_two_passes(house: House) -> None:
    broker = house.broker()
    assert isinstance(broker, TownBroker)
    sent = [house.send(broker, "note", number) for number in range(3)]
    house.mislay(sent[1])
    maintenance = Maintenance(broker, thorough_every=timedelta(0))

    first, second, third = (maintenance.run().readopted for _ in range(3))

    assert (first, second, third) == (0, 1, 0)
    assert house.waiting() == ([sent[0], sent[2], sent[1]] if house.streams else [sent[1], sent[0], sent[2]])


def test_a_message_that_is_taken_is_no_orphan(house: House) -> None:
    broker = house.broker()
    assert isinstance(broker, TownBroker)
    for number in range(3):
        house.send(broker, "note", number)
    house.redis.hset(house.keys.bodies("q"), "orphan", b"{}")  # so that the numbers do not agree
    house.take(house.broker(), 1)
    maintenance = Maintenance(broker, thorough_every=timedelta(0))

    readopted = [maintenance.run().readopted for _ in range(3)]

    assert readopted == [0, 1, 0]
    assert len(house.waiting()) == 3


def test_dead_letters_are_shown_revived_and_in_the_end_purged(house: House) -> None:
    broker = house.broker()
    assert isinstance(broker, TownBroker)
    identity = house.send(broker, "fail", "broken")
    house.work(broker)
    wait_until(lambda: house.dead_letters() == [identity])
    letters = DeadLetters(broker)

    shown = letters.list("q")
    kept = letters.purge("q")
    house.redis.zadd(house.keys.dead("q"), {identity: 1})
    purged = letters.purge("q")

    assert [letter.id for letter in shown] == [identity]
    assert b"broken" in shown[0].body
    assert (kept, purged) == (0, 1)
    assert house.redis.exists(house.keys.dead_bodies("q")) == 0
    with pytest.raises(DeadLetterNotFound):
        letters.revive("q", identity)


def test_a_revived_dead_letter_runs(house: House) -> None:
    broker = house.broker()
    assert isinstance(broker, TownBroker)
    identity = house.send(broker, "note", "again")
    house.take(broker, 1)
    broker.transport_of("q").bury("q", identity)

    DeadLetters(broker).revive("q", identity)
    house.work(house.broker())

    house.expect_ran("again")
    assert house.dead_letters() == []


class MovedClock(SystemClock):
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = 1000.0

    def monotonic(self) -> float:
        return self.at
