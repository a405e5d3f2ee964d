"""Many messages through connections that keep breaking."""

from __future__ import annotations

import random
import threading

from tests.broker.faults import Fault
from tests.broker.house import House
from tests.waiting import wait_until

MESSAGES = 400
FAULTS = 40


def test_everything_runs_although_connections_keep_breaking(house: House) -> None:
    """Three processes, each with losses of its own; at the end nothing is left anywhere."""
    dice = random.Random(20)
    ways = [house.proxy() for _ in range(3)]
    brokers = [house.broker(through=way) for way in ways]
    for broker in brokers:
        house.work(broker, threads=2)
    house.clock(house.broker())
    producer = house.producer()
    enough = threading.Event()

    def spoil() -> None:
        for _ in range(FAULTS):
            fault = Fault(
                request=dice.choice([b"EVALSHA", *([b"XREADGROUP", b"XPENDING"] if house.streams else [b"BLMOVE", b"SMEMBERS"])]),
                silent=dice.random() < 0.3,
                unheard=dice.random() < 0.3,
            )
            dice.choice(ways).lose(fault).happened.wait(0.1)
        enough.set()

    spoiler = threading.Thread(target=spoil)
    spoiler.start()
    for number in range(MESSAGES):
        house.send(producer, "note", number)
    wait_until(lambda: enough.is_set() and set(house.ran) == {*range(MESSAGES)}, timeout=60)
    spoiler.join()

    wait_until(lambda: house.bodies() == 0)
    assert [house.taken(broker) for broker in brokers] == [set(), set(), set()]
    assert house.waiting() == []
