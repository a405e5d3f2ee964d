"""Whoever has no more patience gets an error in place of an answer, whatever Redis does."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator

import pytest
import trustme

from tests.server import Server
from tinytown.bootstrap import connection_to
from tinytown.broker import redis_client
from tinytown.config import Origin, RedisAddress
from tinytown.errors import RedisUnavailable
from tinytown.patience import patience, patience_left
from tinytown.store.client import ClientConnection
from tinytown.store.connection import Connection
from tinytown.store.resp import RespConnection

MARGIN = 0.7  # seconds beyond its patience that a call may take on a busy machine


def test_patience_within_patience_is_the_shorter() -> None:
    with patience(5), patience(60):
        inner = patience_left()
    after = patience_left()

    assert inner is not None
    assert 4 < inner <= 5
    assert after is None


def test_a_frozen_server_costs_no_more_than_the_patience(connection: Connection, own_server: Server) -> None:
    own_server.stop_signal()

    took = _seconds_to_fail(connection, "PING", within=0.3)

    assert 0.2 < took < 0.3 + MARGIN


def test_so_does_a_frozen_server_that_was_never_asked_before(connection: Connection, own_server: Server) -> None:
    connection.close()
    own_server.stop_signal()

    took = _seconds_to_fail(connection, "PING", within=0.3)

    assert took < 0.3 + MARGIN


def test_a_command_that_blocks_in_redis_is_cut(connection: Connection) -> None:
    took = _seconds_to_fail(connection, "BLPOP", "nothing", 20, within=0.3)

    assert took < 0.3 + MARGIN


def test_nothing_is_sent_when_no_time_is_left(connection: Connection) -> None:
    with patience(0), pytest.raises(RedisUnavailable, match="no time is left"):
        connection.call("SET", "late", "1", "EX", 5)

    assert connection.call("EXISTS", "late") == 0


def test_the_next_request_is_answered_and_may_take_its_time(connection: Connection) -> None:
    _seconds_to_fail(connection, "BLPOP", "nothing", 20, within=0.2)

    with patience(5):
        answered = connection.call("PING")
    slow = connection.call("BLPOP", "nothing", 0.5)

    assert answered == b"PONG"
    assert slow is None


@pytest.fixture(params=["small client", "pool", "redis-py", "pool with TLS"])
def connection(request: pytest.FixtureRequest, own_server: Server) -> Iterator[Connection]:
    connection = _WAYS[str(request.param)](own_server)
    assert connection.call("PING") == b"PONG"
    yield connection
    own_server.cont_signal()
    connection.close()


def _encrypted(server: Server) -> Connection:
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    certificate.private_key_pem.write_to_path(str(server.folder / "key.pem"))
    certificate.cert_chain_pems[0].write_to_path(str(server.folder / "cert.pem"))
    authority.cert_pem.write_to_path(str(server.folder / "ca.pem"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    files = " ".join(f"tls-{name}-file {server.folder}/{name}.pem" for name in ("cert", "key"))
    if server.say(f"CONFIG SET {files} tls-auth-clients no tls-port {port}") != "+OK":
        pytest.skip(reason="this server was built without TLS")
    url = f"rediss://localhost:{port}"
    address = RedisAddress(
        url=url, redacted=url, external=True, origin=Origin.URL, host="localhost", port=port, tls=True, ca_cert=f"{server.folder}/ca.pem"
    )
    return connection_to(address)


def _pool(server: Server) -> Connection:
    return connection_to(RedisAddress(url=server.url, redacted=server.url, external=True, origin=Origin.URL, socket=server.socket))


_WAYS: dict[str, Callable[[Server], Connection]] = {
    "small client": lambda server: RespConnection(str(server.socket), address=server.url),
    "pool": _pool,
    "redis-py": lambda server: ClientConnection(redis_client(server.url), server.url),
    "pool with TLS": _encrypted,
}


def _seconds_to_fail(connection: Connection, *command: str | int, within: float) -> float:
    began = time.monotonic()
    with patience(within), pytest.raises(RedisUnavailable):
        connection.call(*command)
    return time.monotonic() - began
