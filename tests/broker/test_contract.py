"""What every transport promises, whatever carries the messages; each new one joins the fixture."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import fakeredis
import pytest
import redis

from tests.broker.house import DOCKETS, NAMESPACE
from tests.server import Server, server_binaries
from tinytown.broker import Transport, redis_client
from tinytown.broker.lists import ListTransport
from tinytown.broker.streams import StreamTransport
from tinytown.broker.wire import Wire

Opener = Callable[[str], Transport]


WAYS = ["lists on fakeredis", "lists on redis", "streams on fakeredis", "streams on redis", "streams on valkey"]


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    """A transport and the server that it is on."""
    return str(request.param)


@pytest.fixture
def server_flavour(way: str) -> str:
    """The server of that way."""
    flavour = way.split(" on ")[1]
    if flavour not in server_binaries():
        pytest.skip(reason=f"no server program on this machine: {flavour}")
    return flavour


@pytest.fixture
def process(way: str, request: pytest.FixtureRequest) -> Iterator[Opener]:
    """Opens the transport of one process, by the name of the process."""
    opened: list[Transport] = []
    if "fakeredis" in way:
        memory = fakeredis.FakeServer(server_type="redis", version=(7,))
        connect: Callable[[], redis.Redis] = lambda: fakeredis.FakeRedis(server=memory, protocol=2)  # noqa: E731 - two ways to the same thing
    else:
        server: Server = request.getfixturevalue("flavoured_server")
        connect = lambda: redis_client(server.url)  # noqa: E731
    kind: Callable[[Wire, str], Transport] = StreamTransport if "streams" in way else ListTransport

    def open_one(name: str) -> Transport:
        opened.append(kind(Wire(connect, NAMESPACE, DOCKETS), name))
        return opened[-1]

    yield open_one
    for transport in opened:
        transport.close()


@pytest.fixture
def ada(process: Opener) -> Transport:
    """A process."""
    return process("ada")


@pytest.fixture
def bob(process: Opener) -> Transport:
    """Another process."""
    return process("bob")


def test_messages_are_taken_in_the_order_in_which_they_were_put(ada: Transport, bob: Transport) -> None:
    put(ada, 1, 2, 3, 4)

    assert take(ada, 2) == [1, 2]
    assert take(bob, 9) == [3, 4]
    assert take(ada, 9) == []


def test_a_message_arrives_as_it_was_put(ada: Transport) -> None:
    body = bytes(range(256))
    ada.put("q", "all bytes", body)

    (taken,) = ada.take("q", 1)

    assert (taken.id, taken.body) == ("all bytes", body)


def test_the_same_id_put_twice_waits_once(ada: Transport) -> None:
    put(ada, 1, 1)

    assert take(ada, 9) == [1]


def test_queues_do_not_mix(ada: Transport) -> None:
    ada.put("q", "1", b"{}")
    ada.put("other", "2", b"{}")

    assert take(ada, 9) == [1]
    assert (ada.size("q"), ada.size("other")) == (1, 1)


def test_waiting_ends_at_once_when_something_waits_and_takes_nothing(ada: Transport) -> None:
    put(ada, 1, 2)

    assert ada.wait("q", 10_000)
    assert take(ada, 9) == [1, 2]


def test_what_came_while_waiting_can_be_let_go(ada: Transport, bob: Transport) -> None:
    put(ada, 1)
    ada.wait("q", 10_000)

    ada.let_go("q")

    assert take(ada, 0) == []
    assert take(bob, 9) == [1]


def test_what_came_while_waiting_is_no_stray(ada: Transport) -> None:
    put(ada, 1)
    ada.wait("q", 10_000)

    assert ada.give_back_strays("q", set()) == 0
    assert ada.wait("q", 10_000)
    assert take(ada, 9) == [1]


def test_a_dead_letter_waits_again_when_it_is_revived(ada: Transport) -> None:
    put(ada, 1, 2)
    take(ada, 1)
    ada.bury("q", name(1))

    assert ada.revive("q", name(1))
    assert not ada.revive("q", name(1))
    assert take(ada, 9) == [2, 1]


def test_waiting_ends_when_nothing_comes(ada: Transport) -> None:
    assert [ada.wait("q", 20) for _ in range(2)] == [False, False]


def test_a_taken_message_counts_until_it_is_settled(ada: Transport) -> None:
    put(ada, 1)
    take(ada, 1)
    before = ada.size("q")

    ada.settle("q", name(1))

    assert (before, ada.size("q")) == (1, 0)


def test_only_the_holder_settles(ada: Transport, bob: Transport) -> None:
    put(ada, 1)
    take(ada, 1)

    bob.settle("q", name(1))
    bob.bury("q", name(1))
    bob.give_back("q", [name(1)])

    assert ada.size("q") == 1
    assert take(bob, 1) == []


def test_what_is_given_back_comes_again_in_the_given_order(way: str, ada: Transport, bob: Transport) -> None:
    """First, but a stream has no place in front of what waits."""
    put(ada, 1, 2, 3, 4)
    take(ada, 3)

    ada.give_back("q", [name(2), name(3)])

    assert take(bob, 9) == ([4, 2, 3] if "streams" in way else [2, 3, 4])


def test_settling_twice_and_after_giving_back_changes_nothing(ada: Transport) -> None:
    put(ada, 1, 2)
    take(ada, 2)
    ada.settle("q", name(1))
    ada.give_back("q", [name(2)])

    ada.settle("q", name(1))
    ada.settle("q", name(2))
    ada.give_back("q", [name(1)])

    assert take(ada, 9) == [2]


def test_a_buried_message_is_gone_from_the_queue(ada: Transport) -> None:
    put(ada, 1, 2)
    take(ada, 1)

    ada.bury("q", name(1))

    assert ada.size("q") == 1
    assert take(ada, 9) == [2]


def test_strays_are_what_is_held_and_not_known(ada: Transport, bob: Transport) -> None:
    put(ada, 1, 2, 3, 4)
    take(ada, 3)
    take(bob, 1)

    returned = ada.give_back_strays("q", {name(2)})

    assert returned == 2
    assert take(bob, 9) == [1, 3]
    assert ada.give_back_strays("q", {name(2)}) == 0


def test_purging_leaves_nothing(ada: Transport) -> None:
    put(ada, 1, 2, 3)
    take(ada, 2)
    ada.bury("q", name(1))

    ada.purge("q")

    assert ada.size("q") == 0
    assert take(ada, 9) == []


def put(transport: Transport, *numbers: int) -> None:
    """Put messages sent one millisecond apart."""
    for number in numbers:
        transport.put("q", name(number), b'{"message_timestamp": %d}' % number)


def take(transport: Transport, limit: int) -> list[int]:
    """Take messages; their numbers."""
    return [int(taken.id) for taken in transport.take("q", limit)]


def name(number: int) -> str:
    return str(number)


def test_what_is_done_is_settled_with_the_next_request(ada: Transport, bob: Transport) -> None:
    put(ada, 1, 2)
    take(ada, 1)

    (taken,) = ada.take("q", 9, ["1"])

    assert (taken.id, ada.size("q")) == ("2", 1)
    assert bob.take("q", 9, ["2"]) == []
    assert ada.size("q") == 1, "another process has it"
