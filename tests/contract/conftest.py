"""One town, reached in every way we have: each test here runs once for each of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.recount import check_town
from tests.server import Server, server_binaries
from tinytown.domain.agent import Agent
from tinytown.store.connection import Connection
from tinytown.testing import Rehearsal, in_memory, rehearse

WAYS = ["redis-py on fakeredis", "redis-py on redis", "redis-py on valkey", "small client on redis", "pool on valkey"]
STREAMED = "small client on redis with streams"
RINGING = {f"test_{noun}" for noun in ("assignments", "mail", "recovery", "retries", "rounds", "stopping", "turns")}
"""Where bells are rung and answered, which a town can also do on a stream."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each way is a client, the server it talks to, and perhaps a town that uses a stream."""
    if "way" in metafunc.fixturenames:
        rings = metafunc.module.__name__.split(".")[-1] in RINGING
        metafunc.parametrize("way", [*WAYS, STREAMED] if rings else WAYS)


@pytest.fixture
def server_flavour(way: str) -> str:
    """The server of that way."""
    flavour = way.split(" on ")[1].split(maxsplit=1)[0]
    if flavour not in server_binaries():
        pytest.skip(reason=f"no server program on this machine: {flavour}")
    return flavour


@pytest.fixture
def connection(way: str, request: pytest.FixtureRequest) -> Iterator[Connection]:
    """A connection of that kind to an empty Redis."""
    connection = in_memory() if "fakeredis" in way else _connection(way, request.getfixturevalue("flavoured_server"))
    yield connection
    connection.close()


@pytest.fixture
def town(connection: Connection, way: str) -> Iterator[Rehearsal]:
    """A town without workers; whatever was done to it, its indexes and counters agree with a count."""
    town = rehearse(connection=connection, agent={"backoff_secs": 60}, use_streams="streams" in way)
    yield town
    check_town(town)


@pytest.fixture
def ada(town: Rehearsal) -> Agent:
    """An agent."""
    return town.spawn("ada", cli="shell")


@pytest.fixture
def bob(town: Rehearsal) -> Agent:
    """Another agent."""
    return town.spawn("bob", cli="shell")


def _connection(way: str, server: Server) -> Connection:
    from tinytown.broker import redis_client
    from tinytown.store.client import ClientConnection
    from tinytown.store.pool import PooledConnection
    from tinytown.store.resp import RespConnection

    if way.startswith("redis-py"):
        return ClientConnection(redis_client(server.url), "server")
    if way.startswith("pool"):
        return PooledConnection(lambda: RespConnection(str(server.socket), address="server"))
    return RespConnection(str(server.socket), address="server")
