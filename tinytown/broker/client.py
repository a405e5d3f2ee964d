"""The redis-py client of everything that works through the broker, with nothing left to its defaults."""

from __future__ import annotations

import socket
from datetime import timedelta
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.connection import AbstractConnection
from redis.retry import Retry

from tinytown.config import Origin, RedisAddress, explicit_address
from tinytown.errors import RedisAuthFailed, TownError
from tinytown.store.connection import is_elsewhere
from tinytown.store.reach import client_of

__all__ = ["ReachedConnection", "redis_client"]

ELSEWHERE = (redis.exceptions.ReadOnlyError, redis.exceptions.MasterDownError)
"""Refusals that mean that another server is in charge; redis-py cuts the word that says so."""


def redis_client(
    address: RedisAddress | str,
    *,
    answer_within: timedelta = timedelta(seconds=30),
    connect_within: timedelta = timedelta(seconds=5),
    health_check: timedelta = timedelta(seconds=30),
) -> redis.Redis:
    """A client that connects when first used, and never sends a command twice.

    redis-py's default of ten silent retries turns one message into two when a
    reply is lost, and its default time-out of five seconds is shorter than a
    pause that a busy Redis may take.

    Args:
        address: where Redis is; as text it is one like REDIS_URL.
        answer_within: how long to wait for any reply.
        connect_within: how long to wait for a socket.
        health_check: after how much silence to ask whether the server is still there.
    """
    pool = redis.ConnectionPool(
        connection_class=ReachedConnection,
        address=explicit_address(address, origin=Origin.ENVIRONMENT) if isinstance(address, str) else address,
        protocol=2,
        decode_responses=False,
        socket_timeout=answer_within.total_seconds(),
        socket_connect_timeout=connect_within.total_seconds(),
        health_check_interval=int(health_check.total_seconds()),
        retry=Retry(NoBackoff(), 0),
        driver_info=None,
    )
    return redis.Redis(connection_pool=pool)


class ReachedConnection(AbstractConnection):
    """A connection whose socket comes from `store.reach`, logged in: TLS, sentinels and passwords have one home."""

    def __init__(self, *, address: RedisAddress, **options: Any) -> None:
        self.address = address
        self.host = str(address.socket) if address.socket is not None else address.host
        self.port = address.port
        super().__init__(**options)

    def repr_pieces(self) -> list[tuple[str, Any]]:
        """What `repr` shows."""
        return [("address", self.address)]

    def read_response(self, *args: Any, **options: Any) -> Any:
        """Read a reply; from a server that is none of ours any more, connect to whoever is, next time."""
        try:
            return super().read_response(*args, **options)
        except redis.ResponseError as error:
            if not (isinstance(error, ELSEWHERE) or is_elsewhere(str(error))):
                raise
            self.disconnect()  # type: ignore[no-untyped-call]
            raise redis.ConnectionError(f"{type(error).__name__}: {error}") from error

    def _connect(self) -> socket.socket:
        connect_within = self.socket_connect_timeout
        try:
            opened = client_of(self.address, connect_timeout=5.0 if connect_within is None else connect_within).hand_over()
        except RedisAuthFailed as error:
            raise redis.AuthenticationError(error.why) from error
        except TownError as error:
            raise redis.ConnectionError(str(error)) from error
        opened.settimeout(self.socket_timeout)
        return opened

    def _host_error(self) -> str:
        return str(self.address)
