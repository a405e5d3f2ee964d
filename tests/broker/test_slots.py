"""Places for messages: caps, a common limit, and a line."""

from __future__ import annotations

import threading

from tests.waiting import wait_until
from tinytown.broker.slots import Slots


def test_a_queue_gets_no_more_than_its_cap() -> None:
    slots = Slots({"agents": 2, "control": 1}, total=3)

    assert slots.reserve("agents", 0) == 2
    assert slots.reserve("agents", 0) == 0
    slots.leave("agents")
    assert slots.reserve("control", 0) == 1


def test_a_queue_without_a_cap_may_fill_all_places() -> None:
    assert Slots({}, total=5).reserve("q", 0) == 5


def test_a_reservation_becomes_what_is_held() -> None:
    slots = Slots({}, total=3)
    reserved = slots.reserve("q", 0)

    slots.hold("q", "a")
    slots.unreserve("q", reserved)

    assert slots.held("q") == {"a"}
    assert slots.reserve("q", 0) == 2


def test_a_released_place_wakes_who_waits_for_it() -> None:
    slots = Slots({}, total=1)
    slots.unreserve("q", slots.reserve("q", 0))
    slots.hold("q", "a")
    got: list[int] = []
    waiting = threading.Thread(target=lambda: got.append(slots.reserve("q", 30)))
    waiting.start()

    slots.release("q", "a")
    waiting.join(10)

    assert got == [1]


def test_nobody_overtakes_in_the_line() -> None:
    slots = Slots({}, total=1)
    slots.hold("left", "a")
    refused = [slots.reserve("right", 0), slots.reserve("left", 0)]
    slots.release("left", "a")

    assert refused == [0, 0]
    assert slots.reserve("left", 0) == 0
    assert slots.reserve("right", 0) == 1


def test_who_leaves_the_line_lets_the_next_go() -> None:
    slots = Slots({}, total=1)
    slots.hold("left", "a")
    slots.reserve("right", 0)
    slots.reserve("left", 0)
    slots.release("left", "a")

    slots.leave("right")

    assert slots.reserve("left", 0) == 1


def test_a_queue_at_its_cap_holds_nobody_up() -> None:
    slots = Slots({"agents": 1}, total=2)
    slots.hold("agents", "a")

    assert slots.reserve("agents", 0) == 0
    assert slots.reserve("control", 0) == 1


def test_shut_slots_give_nothing_until_they_open() -> None:
    slots = Slots({}, total=2)

    slots.shut()
    shut = (slots.wait_for_room("q", 0), slots.reserve("q", 0))
    slots.open(1)

    assert shut == (False, 0)
    assert slots.wait_for_room("q", 0)
    assert slots.reserve("q", 0) == 1


def test_many_threads_never_exceed_the_places() -> None:
    slots = Slots({}, total=3)
    running, most, done = set[str](), [0], [0]
    guard = threading.Lock()

    def work(queue: str) -> None:
        for number in range(200):
            while not (reserved := slots.reserve(queue, 1)):
                pass
            identity = f"{queue}{number}"
            slots.hold(queue, identity)
            slots.unreserve(queue, reserved)
            with guard:
                running.add(identity)
                most[0] = max(most[0], len(running))
            with guard:
                running.discard(identity)
                done[0] += 1
            slots.release(queue, identity)

    threads = [threading.Thread(target=work, args=(queue,)) for queue in ("a", "b", "c", "d", "e")]
    for thread in threads:
        thread.start()
    wait_until(lambda: done[0] == 1000, timeout=30)

    assert most[0] <= 3
