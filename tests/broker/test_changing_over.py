"""What waits on one carrier is moved to the other: when a town changes its mode, or a stock program sends."""

from __future__ import annotations

from typing import Any

import pytest

from tests.broker.house import SILENCE, House
from tests.waiting import wait_until
from tinytown.broker import Maintenance, TownBroker


@pytest.fixture
def kind() -> str:
    """A house on streams."""
    return "streams"


@pytest.mark.parametrize("streams", [True, False], ids=["to a stream", "to a list"])
def test_a_town_that_changes_its_mode_loses_nothing(house: House, streams: bool) -> None:
    """What waits is moved in its order; what is being answered is settled where it was taken."""
    before, after = (TownBroker(**given(house), streams=each) for each in (not streams, streams))
    for broker in (before, after):
        house.adopt(broker)
    sent = [house.send(before, "note", number) for number in range(1200)]
    before.slots.open(2)
    consumer = before.consume("q", timeout=50)
    done, lost = next(consumer), next(consumer)
    assert done is not None
    assert lost is not None

    upkeep = Maintenance(after).run()
    consumer.ack(done)
    house.silence()
    returned = Maintenance(after).run()
    house.streams = streams

    assert (upkeep.gathered, returned.returned, returned.gathered) == (1198, 1, 1)
    assert house.waiting() == [*sent[2:], sent[1]]
    assert house.bodies() == 1199
    house.work(after, threads=8)
    house.expect_ran(*range(1, 1200))
    wait_until(lambda: house.bodies() == 0)


def test_what_stock_programs_send_is_moved_onto_the_stream(house: House) -> None:
    broker = house.broker()
    assert isinstance(broker, TownBroker)
    first = house.send(house.stock_broker(), "note", "first")
    second = house.send(broker, "note", "second")
    late = house.send(house.stock_broker(), "note", "late", delay=1)
    wait_until(lambda: Maintenance(broker).run().promoted)

    house.maintain(broker)

    assert sorted(house.waiting()) == sorted([first, second, late])
    assert house.redis.llen(house.keys.waiting("q")) == 0
    house.work(broker)
    house.expect_ran("first", "second", "late")


def test_an_entry_of_somebody_else_survives_the_way_to_the_list(house: House) -> None:
    entry = house.redis.xadd("town:docket:q", {"to": "ada"}).decode()
    lists = TownBroker(**given(house), streams=False)
    house.adopt(lists)

    Maintenance(lists).run()
    house.work(lists)

    wait_until(lambda: house.dead_letters() == [entry])


def given(house: House) -> dict[str, Any]:
    """What a broker of this house is made with."""
    broker = house.broker()
    assert isinstance(broker, TownBroker)
    return {
        "connect": lambda: broker.client,
        "namespace": house.keys.namespace,
        "caps": {},
        "threads": 8,
        "heartbeat_timeout": SILENCE,
        "dockets": house.keys.dockets,
    }
