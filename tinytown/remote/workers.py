"""The workers of a town elsewhere."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tinytown.store.workers import Worker

__all__ = ["WorkerTold", "ms_of"]


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


def ms_of(moment: datetime) -> int:
    """The milliseconds since 1970 that townhall made a moment of."""
    return round(moment.timestamp() * 1000)
