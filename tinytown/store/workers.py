"""Workers and the leading clock in Redis: who is there, and who leads."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from tinytown.store.connection import Connection, text
from tinytown.store.keys import Keys
from tinytown.store.scripts import Scripts

__all__ = ["Leadership", "Worker", "WorkerStore", "decode_worker"]


class Worker(msgspec.Struct, frozen=True, kw_only=True):
    """A worker process as it describes itself; `started_at` and `seen_at` in milliseconds since 1970."""

    id: str
    host: str
    pid: int
    queues: tuple[str, ...]
    concurrency: int
    running: tuple[str, ...] = ()
    draining: bool = False
    started_at: int = 0
    seen_at: int = 0
    version: str = ""


decode_worker = msgspec.json.Decoder(Worker).decode
_encode = msgspec.json.Encoder().encode


class WorkerStore:
    """Registers workers for as long as they are heard of."""

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self._connection = connection
        self._keys = keys

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
        self._connection.calls([("DEL", self._keys.worker(worker)), ("ZREM", self._keys.workers, worker)])

    def all(self) -> list[Worker]:
        """The workers that were heard of lately, oldest first; the others are forgotten."""
        ids = [text(raw) for raw in self._connection.call("ZRANGE", self._keys.workers, 0, -1)]
        if not ids:
            return []
        found = self._connection.call("MGET", *(self._keys.worker(worker) for worker in ids))
        gone = [worker for worker, raw in zip(ids, found, strict=True) if raw is None]
        if gone:
            self._connection.call("ZREM", self._keys.workers, *gone)
        return sorted((decode_worker(raw) for raw in found if raw is not None), key=lambda worker: worker.started_at)


class Leadership:
    """The lease on leading: one clock at a time makes time pass."""

    def __init__(self, connection: Connection, keys: Keys, scripts: Scripts) -> None:
        self._connection = connection
        self._keys = keys
        self._scripts = scripts

    def take(self, who: str, lease: timedelta) -> int:
        """Become or stay the leader; answers the epoch, or 0 when another leads."""
        lifetime = int(lease.total_seconds() * 1000)
        return int(self._scripts.run("take_leadership", [self._keys.leader, self._keys.leader_epoch], [who, lifetime]))

    def leave(self, who: str) -> None:
        """Let another lead at once."""
        self._scripts.run("leave_leadership", [self._keys.leader], [who])

    def leader(self) -> tuple[str | None, int]:
        """Who leads, and the newest epoch."""
        who, epoch = self._connection.calls([("GET", self._keys.leader), ("GET", self._keys.leader_epoch)])
        return (None if who is None else text(who)), int(epoch or 0)
