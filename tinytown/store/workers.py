"""Workers and the leading clock in Redis: who is there, and who leads."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import msgspec
from msgspec import structs

from tinytown.domain.worker import Drain, Worker
from tinytown.store.connection import Connection, text
from tinytown.store.keys import Keys
from tinytown.store.scripts import Scripts

__all__ = ["Leadership", "WorkerStore", "workers_of"]

REQUESTS_KEPT = timedelta(days=1)
"""How long a worker may be out of touch, and still be told that it was asked to drain."""


_decode = msgspec.json.Decoder(Worker).decode
_encode = msgspec.json.Encoder().encode


class WorkerStore:
    """Registers workers for as long as they are heard of, and keeps what they are asked."""

    def __init__(self, connection: Connection, keys: Keys, scripts: Scripts) -> None:
        self._connection = connection
        self._keys = keys
        self._scripts = scripts

    def register(self, worker: Worker, ttl: timedelta) -> None:
        """Say that the worker is there, for so long."""
        lifetime = int(ttl.total_seconds() * 1000)
        self._connection.calls(
            [
                ("SET", self._keys.worker(worker.id), _encode(worker), "PX", lifetime),
                ("ZADD", self._keys.workers, worker.seen_at + lifetime, worker.id),
            ]
        )

    def forget(self, worker: str) -> None:
        """Say that the worker is gone."""
        keys = self._keys
        self._connection.calls([("DEL", keys.worker(worker)), ("ZREM", keys.workers, worker), ("HDEL", keys.drains, worker)])

    def all(self) -> list[Worker]:
        """The workers that were heard of lately, oldest first; the others are forgotten."""
        listed, asked = self._connection.calls([("ZRANGE", self._keys.workers, 0, -1), ("HKEYS", self._keys.drains)])
        ids = [text(raw) for raw in listed]
        if not ids:
            return []
        found = self._connection.call("MGET", *(self._keys.worker(worker) for worker in ids))
        gone = [worker for worker, raw in zip(ids, found, strict=True) if raw is None]
        if gone:
            self._connection.call("ZREM", self._keys.workers, *gone)
        return workers_of(found, asked)

    def ask_to_drain(self, worker: str, how: Drain) -> str:
        """Ask a worker to end; answers as `drain_worker.lua`."""
        keys = self._keys
        kept = REQUESTS_KEPT // timedelta(milliseconds=1)
        return self._scripts.word("drain_worker", [keys.worker(worker), keys.drains, keys.demand], [worker, f"worker/{worker}", how, kept])

    def asked_to_drain(self, worker: str) -> Drain | None:
        """How a worker was asked to end; None: it was not."""
        how = self._connection.call("HGET", self._keys.drains, worker)
        return None if how is None else Drain(text(how).partition(" ")[0])


def workers_of(records: Iterable[bytes | None], drains: Iterable[bytes]) -> list[Worker]:
    """Workers from their records, those that came first in front; who was asked to drain is shown as draining at once."""
    asked = {text(worker) for worker in drains}
    found = [_decode(raw) for raw in records if raw is not None]
    told = [structs.replace(worker, draining=worker.draining or worker.id in asked) for worker in found]
    return sorted(told, key=lambda worker: worker.started_at)


class Leadership:
    """The lease on leading: one clock at a time makes time pass, and one scaler scales.

    Args:
        connection: to Redis.
        leader: the key of who leads.
        epoch: the key of how often that changed.
        scripts: the scripts on that connection.
    """

    def __init__(self, connection: Connection, leader: str, epoch: str, scripts: Scripts) -> None:
        self._connection = connection
        self._leader = leader
        self._epoch = epoch
        self._scripts = scripts

    def take(self, who: str, lease: timedelta) -> int:
        """Become or stay the leader; answers the epoch, or 0 when another leads."""
        lifetime = int(lease.total_seconds() * 1000)
        return int(self._scripts.run("take_leadership", [self._leader, self._epoch], [who, lifetime]))

    def leave(self, who: str) -> None:
        """Let another lead at once."""
        self._scripts.run("leave_leadership", [self._leader], [who])

    def leader(self) -> tuple[str | None, int]:
        """Who leads, and the newest epoch."""
        who, epoch = self._connection.calls([("GET", self._leader), ("GET", self._epoch)])
        return (None if who is None else text(who)), int(epoch or 0)
