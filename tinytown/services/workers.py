"""Workers: who is there to run turns."""

from __future__ import annotations

from msgspec import structs

from tinytown.clock import to_ms
from tinytown.services.desk import Desk
from tinytown.store.workers import Worker

__all__ = ["Worker", "WorkerService"]

BEATS_MISSED = 3
"""So many heartbeats may fail to come before a worker counts as gone."""


class WorkerService:
    """Keeps the list of workers that are alive."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def announce(self, worker: Worker) -> None:
        """Say that a worker is there, until three heartbeats from now."""
        seen = structs.replace(worker, seen_at=to_ms(self._desk.now()))
        self._desk.store.workers.register(seen, BEATS_MISSED * self._desk.settings.worker.heartbeat)

    def withdraw(self, worker: str) -> None:
        """Say that a worker is gone."""
        self._desk.store.workers.forget(worker)
