"""Our connection on redis-py, for long-lived processes and for TLS.

Explicit time-outs and no silent retries: redis-py's own defaults send a
command again after a lost reply, which duplicates it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tinytown.errors import RedisAuthFailed, RedisUnavailable
from tinytown.store.connection import Arg, Reply, raise_for_error

__all__ = ["ClientConnection", "client_from_url"]


def client_from_url(url: str, **options: Any) -> redis.Redis:
    """A redis-py client with explicit time-outs, RESP2 and no retries; `options` go to the client."""
    client = redis.Redis.from_url(
        url,
        **{
            "protocol": 2,
            "socket_timeout": 30,
            "socket_connect_timeout": 5,
            "health_check_interval": 30,
            "retry": Retry(NoBackoff(), 0),
            **options,
        },
    )
    client.connection_pool.connection_kwargs["retry"] = Retry(NoBackoff(), 0)
    return client


class ClientConnection:
    """A pool of connections by redis-py; threads may share it."""

    def __init__(self, client: redis.Redis, address: str) -> None:
        self.address = address
        self._client = client
        self._client.response_callbacks.clear()

    def call(self, *args: Arg) -> Reply:
        """Send one command and return its reply."""
        with _translated(self.address):
            return self._client.execute_command(*args)

    def calls(self, commands: Sequence[Sequence[Arg]]) -> list[Reply]:
        """Send many commands in one round trip and return their replies in order."""
        with _translated(self.address):
            pipeline = self._client.pipeline(transaction=False)
            for command in commands:
                pipeline.execute_command(*command)
            return list(pipeline.execute())

    def listen(self, channel: str, stop: Callable[[], bool]) -> Iterator[bytes]:
        """Yield what is published on a channel until `stop` says so."""
        with _translated(self.address), self._client.pubsub(ignore_subscribe_messages=True) as subscription:
            subscription.subscribe(channel)
            while not stop():
                message = subscription.get_message(timeout=1.0)
                if message is not None and message["type"] == "message":
                    yield message["data"]

    def close(self) -> None:
        """Let go of the sockets."""
        self._client.close()
        self._client.connection_pool.disconnect()


class _translated:
    """Turn redis-py's errors into ours at this edge."""

    def __init__(self, address: str) -> None:
        self._address = address

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, redis.AuthenticationError | redis.exceptions.NoPermissionError):
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
