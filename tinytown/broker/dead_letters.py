"""The dead letters of the queues: messages that no actor could be given, or that made one raise."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from tinytown.broker.broker import TownBroker
from tinytown.clock import from_ms
from tinytown.errors import DeadLetterNotFound

__all__ = ["BuriedMessage", "DeadLetters"]

PURGED = 1000  # in one pass


class BuriedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message that is no longer worked on, as it was sent."""

    id: str
    queue: str
    died_at: datetime
    body: bytes


class DeadLetters:
    """Shows, revives and finally purges what was buried."""

    def __init__(self, broker: TownBroker) -> None:
        self._broker = broker
        self._wire = broker.wire
        self._kept_ms = broker.dead_message_ttl

    def list(self, queue: str, *, limit: int = 100) -> list[BuriedMessage]:
        """The latest dead letters of a queue, latest first."""
        keys = self._wire.keys
        with self._wire.reported():
            found: Any = self._wire.client.zrevrange(keys.dead(queue), 0, limit - 1, withscores=True)
            bodies = self._wire.ask("HMGET", keys.dead_bodies(queue), *(identity for identity, _ in found)) if found else []
        return [
            BuriedMessage(id=identity.decode(), queue=queue, died_at=from_ms(int(score)), body=body or b"")
            for (identity, score), body in zip(found, bodies, strict=True)
        ]

    def revive(self, queue: str, identity: str) -> None:
        """Let a dead letter wait in its queue again.

        Raises:
            DeadLetterNotFound: it is not, or no longer, there.
        """
        with self._wire.reported():
            revived = self._broker.transport_of(queue).revive(queue, identity)
        if not revived:
            raise DeadLetterNotFound(identity)

    def purge(self, queue: str) -> int:
        """Delete what was buried too long ago; how many."""
        keys = self._wire.keys
        return int(self._wire.call("purge_dead", [keys.dead(queue), keys.dead_bodies(queue)], [self._kept_ms, PURGED]))
