"""What stock Dramatiq loses, strands or doubles: each check fails there and holds here."""

from __future__ import annotations

import contextlib

import pytest
from dramatiq.brokers.redis import RedisBroker

from tests.broker.both import fails_on_stock
from tests.broker.faults import Fault
from tests.broker.house import NAMESPACE, House
from tests.waiting import wait_until


@fails_on_stock("a fetch whose reply is lost leaves its messages with a live worker for ever")
@pytest.mark.parametrize("silent", [True, False], ids=["timed out", "cut off"])
def test_a_message_whose_delivery_was_lost_is_delivered_again(house: House, silent: bool) -> None:
    proxy = house.proxy()
    broker = house.broker(through=proxy)
    lost = proxy.lose(Fault(reply=b"actor_name", silent=silent))
    house.work(broker)

    house.send(house.producer(), "note", "hello")

    assert lost.happened.wait(10)
    house.expect_ran("hello")
    wait_until(lambda: house.bodies() == 0)


@fails_on_stock("an ack that times out is given up: the message stays and runs again after a restart")
def test_an_ack_that_never_arrived_is_said_again(house: House) -> None:
    proxy = house.proxy()
    broker = house.broker(through=proxy)
    identity = house.send(house.producer(), "note", "hello")
    lost = proxy.lose(Fault(request=identity.encode(), unheard=True))
    house.work(broker)
    assert lost.happened.wait(10)
    house.expect_ran("hello")

    wait_until(lambda: house.bodies() == 0, timeout=house.patience)

    assert house.taken(broker) == set()


@fails_on_stock("a worker forgets its timers when a connection breaks, and keeps the messages")
def test_a_delayed_message_survives_a_reconnect(house: House) -> None:
    proxy = house.proxy()
    broker = house.broker(through=proxy)
    house.work(broker)
    house.send(house.producer(), "note", "later", delay=400)
    if house.kind == "stock":  # there the worker takes the message and keeps time itself
        wait_until(lambda: house.taken(broker, "q.DQ"))

    lost = proxy.lose(Fault(request=b"q.DQ", silent=False))
    house.clock(broker if house.kind != "stock" else house.broker())

    assert lost.happened.wait(10)
    house.expect_ran("later")


@fails_on_stock("promotion is copy, then ack: a reply lost in between leaves the message in two places")
def test_a_delayed_message_runs_once_when_the_reply_to_its_promotion_is_lost(house: House) -> None:
    proxy = house.proxy()
    promoter = house.broker(through=proxy)
    house.send(house.producer(), "note", "later", delay=1)
    lost = proxy.lose(Fault(request=b'"queue_name":"q"', silent=False))
    worker = house.work(promoter)
    house.clock(promoter)
    assert lost.happened.wait(10)
    wait_until(lambda: house.ran == ["later"])
    worker.stop(timeout=2000)
    house.silence()

    second = house.broker()
    house.maintain(second)
    house.work(second)
    house.clock(second)
    house.send(house.producer(), "note", "last")

    wait_until(lambda: house.bodies() == house.bodies("q.DQ") == 0)
    assert sorted(house.ran) == ["last", "later"]


@fails_on_stock("one message that cannot be decoded strands itself and those behind it")
@pytest.mark.parametrize("poison", [b"no json", b"[]", b'{"queue_name": "q"}', b"\xff\xfe"], ids=["text", "list", "half", "bytes"])
def test_a_poisoned_message_is_buried_and_those_behind_it_run(house: House, poison: bytes) -> None:
    producer = house.producer()
    house.send(producer, "note", 1)
    house.lay("poison", poison)
    house.send(producer, "note", 2)
    house.send(producer, "note", 3)

    house.work(house.broker(), threads=4)

    house.expect_ran(1, 2, 3)
    assert house.dead_letters() == ["poison"]
    assert house.redis.hget(house.keys.dead_bodies("q"), "poison") == poison


@fails_on_stock("a message that names another queue kills the worker thread that ran it")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # that death, on stock
def test_a_message_that_names_another_queue_harms_nobody(house: House) -> None:
    producer = house.producer("q", "other")
    body = producer.get_actor("note_other").message("lost").encode()
    house.lay("astray", body)
    house.send(producer, "note", "next")

    house.work(house.broker(queues=("q", "other")), queues={"q"})

    house.expect_ran("next")
    assert house.dead_letters() == ["astray"]


@fails_on_stock("redis-py's default retries send the command again, and the id is in the queue twice")
def test_a_producer_whose_reply_is_lost_enqueues_once(house: House) -> None:
    proxy = house.proxy()
    if house.kind == "stock":
        producer = RedisBroker(unix_socket_path=str(proxy.path), socket_timeout=0.2, namespace=NAMESPACE)  # type: ignore[no-untyped-call]
        house.adopt(producer)
    else:
        producer = house.broker(through=proxy)
    house.send(producer, "note", "first")
    lost = proxy.lose(Fault(request=b"actor_name"))

    with contextlib.suppress(Exception):  # it may say that it does not know, but not do it twice
        house.send(producer, "note", "once")

    assert lost.happened.is_set()
    assert len(house.waiting()) == 2


@fails_on_stock("an id without a message costs the worker a fetch error or a place")
def test_an_id_without_a_message_is_dropped(house: House) -> None:
    house.lay("ghost")
    broker = house.broker()

    house.work(broker)
    house.send(house.producer(), "note", "real")

    house.expect_ran("real")
    wait_until(lambda: house.taken(broker) == set(), timeout=house.patience)
