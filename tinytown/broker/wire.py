"""How a broker talks to Redis: one lazy client, the key names, and the scripts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import redis

from tinytown.broker.keys import BrokerKeys
from tinytown.errors import RedisUnavailable
from tinytown.store.scripts import source

__all__ = ["Wire"]


class Wire:
    """One process's way to the queues of one namespace.

    Making one neither connects nor asks where Redis is: `connect` is called
    when the first command is due.
    """

    def __init__(self, connect: Callable[[], redis.Redis], namespace: str, dockets: Mapping[str, str] | None = None) -> None:
        self.keys = BrokerKeys(namespace, dockets)
        self._connect = connect
        self._client: redis.Redis | None = None
        self._scripts: dict[str, Callable[..., Any]] = {}
        self._making = threading.Lock()

    @property
    def client(self) -> redis.Redis:
        """The client, made on first use."""
        if self._client is None:
            with self._making:
                if self._client is None:
                    self._client = self._connect()
        return self._client

    def call(self, verb: str, keys: Sequence[str], args: Iterable[str | bytes | int] = ()) -> Any:
        """Run the script of that name."""
        script = self._scripts.get(verb)
        if script is None:
            script = self._scripts[verb] = self.client.register_script(source(verb, "tinytown.broker"))
        return script(keys=keys, args=[*args])

    def ask(self, *command: str | bytes | float) -> Any:
        """Send one plain command."""
        return self.client.execute_command(*command)  # type: ignore[no-untyped-call]

    def now_ms(self) -> int:
        """The time of the server, in milliseconds."""
        seconds, microseconds = self.ask("TIME")
        return int(seconds) * 1000 + int(microseconds) // 1000

    def beat(self, process: str) -> None:
        """Say that a process lives."""
        self.call("beat", [self.keys.heartbeats], [process])

    def size(self, queue: str) -> int:
        """How many messages of a queue wait, are taken, or are delayed."""
        with self.client.pipeline(transaction=True) as pipeline:
            pipeline.hlen(self.keys.bodies(queue))
            pipeline.hlen(self.keys.bodies(self.keys.delayed(queue)))
            return sum(pipeline.execute())

    def oldest_first(self, queue: str, ids: Iterable[str]) -> list[str]:
        """The ids in the order in which their messages were sent.

        What was taken is kept in a set, which has no order; the messages say
        when they were sent. One that says nothing readable goes first.
        """
        known = sorted(ids)
        if len(known) < 2:
            return known
        bodies: list[bytes | None] = self.ask("HMGET", self.keys.bodies(queue), *known)
        sent = dict(zip(known, map(_sent_at, bodies), strict=True))
        return sorted(known, key=sent.__getitem__)

    def close(self) -> None:
        """Close the connections; the next command opens new ones."""
        if self._client is not None:
            self._client.close()

    @contextmanager
    def reported(self) -> Iterator[None]:
        """Turn what redis-py raises into the error that callers know."""
        try:
            yield
        except redis.RedisError as error:
            raise RedisUnavailable(self._address(), str(error) or type(error).__name__) from error

    def _address(self) -> str:
        """Where Redis is, without user and password."""
        if self._client is None:
            return "the configured address"
        return str(self._client.connection_pool.connection_kwargs.get("address", "the configured address"))


class _Stamp(msgspec.Struct):
    message_timestamp: int = 0


def _sent_at(body: bytes | None) -> int:
    try:
        return msgspec.json.decode(body or b"{}", type=_Stamp).message_timestamp
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return 0
