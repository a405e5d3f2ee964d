"""Our connection on redis-py, for the Redis in memory, which has no socket to connect to.

The client is made elsewhere.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import redis

from tinytown.errors import RedisAuthFailed, RedisForbids, RedisUnavailable
from tinytown.patience import patience_left
from tinytown.store.connection import Arg, Reply, raise_for_error

__all__ = ["ClientConnection"]


class ClientConnection:
    """A pool of connections by redis-py; threads may share it."""

    def __init__(self, client: redis.Redis, address: str) -> None:
        self.address = address
        self._client: Any = client  # redis-py types these calls only in part
        client.response_callbacks.clear()
        pool = client.connection_pool
        pool.connection_class = _patient(pool.connection_class)

    def call(self, *args: Arg) -> Reply:
        """Send one command and return its reply."""
        with _Translated(self.address):
            return self._client.execute_command(*args)

    def calls(self, commands: Sequence[Sequence[Arg]]) -> list[Reply]:
        """Send many commands in one round trip and return their replies in order."""
        with _Translated(self.address):
            pipeline = self._client.pipeline(transaction=False)
            for command in commands:
                pipeline.execute_command(*command)
            return list(pipeline.execute())

    def listen(self, channel: str, stop: Callable[[], bool]) -> Iterator[bytes]:
        """Yield what is published on a channel until `stop` says so."""
        with _Translated(self.address), self._client.pubsub(ignore_subscribe_messages=True) as subscription:
            subscription.subscribe(channel)
            while not stop():
                message = subscription.get_message(timeout=1.0)
                if message is not None and message["type"] == "message":
                    yield message["data"]

    def close(self) -> None:
        """Let go of the sockets."""
        self._client.close()
        self._client.connection_pool.disconnect()


def _patient(kind: Any) -> Any:
    """The same kind of connection, which waits no longer than whoever asked it."""

    class PatientConnection(kind):  # type: ignore[misc]
        socket_timeout: float | None
        socket_connect_timeout: float | None

        def connect(self) -> None:
            own: tuple[float | None, float | None] = (self.socket_timeout, self.socket_connect_timeout)
            left = _left()
            if left is not None:
                self.socket_timeout, self.socket_connect_timeout = (min(left, limit) if limit else left for limit in own)
            try:
                super().connect()
            finally:
                self.socket_timeout, self.socket_connect_timeout = own

        def send_packed_command(self, *args: Any, **options: Any) -> None:
            self._keep_pace()
            super().send_packed_command(*args, **options)

        def read_response(self, *args: Any, **options: Any) -> Any:
            self._keep_pace()
            return super().read_response(*args, **options)

        def _keep_pace(self) -> None:
            left = _left()
            if isinstance(getattr(self, "_sock", None), socket.socket):  # fakeredis has none
                own = self.socket_timeout
                self._sock.settimeout(own if left is None else left if own is None else min(left, own))

    return PatientConnection


def _left() -> float | None:
    left = patience_left()
    if left is not None and left <= 0:
        raise redis.TimeoutError("no time is left to ask it")
    return left


class _Translated:
    """Turns redis-py's errors into ours at this edge."""

    def __init__(self, address: str) -> None:
        self._address = address

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, redis.exceptions.NoPermissionError):
            raise RedisForbids(self._address, str(error)) from error
        if isinstance(error, redis.AuthenticationError):
            raise RedisAuthFailed(self._address, str(error)) from error
        if isinstance(error, redis.ConnectionError | redis.TimeoutError):
            raise RedisUnavailable(self._address, str(error)) from error
        if isinstance(error, redis.ResponseError):
            raise_for_error(_sentence(error), self._address)


def _sentence(error: redis.ResponseError) -> str:
    """Redis' own sentence; redis-py cuts the first word from those it knows."""
    if isinstance(error, redis.exceptions.NoScriptError):
        return f"NOSCRIPT {error}"
    if isinstance(error, redis.exceptions.OutOfMemoryError):
        return f"OOM {error}"
    if isinstance(error, redis.exceptions.ReadOnlyError):
        return f"READONLY {error}"
    return str(error)
