"""The workers of a town elsewhere."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tinytown.domain.worker import Worker
from tinytown.remote.client import Client

__all__ = ["RemoteWorkers", "WorkerTold", "ms_of"]


class WorkerTold(msgspec.Struct, frozen=True, kw_only=True):
    """A worker as townhall tells of it."""

    id: str
    host: str
    pid: int
    queues: tuple[str, ...]
    concurrency: int
    running: tuple[str, ...]
    draining: bool
    started_at: datetime
    seen_at: datetime
    version: str

    @property
    def worker(self) -> Worker:
        """The worker as it describes itself."""
        members = {name: getattr(self, name) for name in self.__struct_fields__}
        return Worker(**{**members, "started_at": ms_of(self.started_at), "seen_at": ms_of(self.seen_at)})


class RemoteWorkers:
    """The workers of a town, as townhall lists them."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def all(self) -> list[Worker]:
        """The workers that were heard of lately, oldest first."""
        return [told.worker for told in self._client.get("/v1/workers", _WorkersTold).workers]


class _WorkersTold(msgspec.Struct, frozen=True, kw_only=True):
    workers: tuple[WorkerTold, ...]


def ms_of(moment: datetime) -> int:
    """The milliseconds since 1970 that townhall made a moment of."""
    return round(moment.timestamp() * 1000)
