"""Registration: how this worker tells the town that it is there."""

from __future__ import annotations

import os
import socket
from collections.abc import Collection
from importlib.metadata import version

from tinytown.clock import to_ms
from tinytown.domain.worker import Worker
from tinytown.services.leases import LeaseKeeper
from tinytown.town import Town

__all__ = ["Registration"]


class Registration:
    """A worker's entry in the list of workers."""

    def __init__(self, town: Town, worker: str, leases: LeaseKeeper, *, queues: Collection[str], concurrency: int) -> None:
        self._workers = town.workers
        self._leases = leases
        self._worker = worker
        self._queues = tuple(sorted(queues))
        self._concurrency = concurrency
        self._started_at = to_ms(town.desk.now())
        self._version = version("tinytown")
        self.draining = False

    def announce(self) -> None:
        """Say that the worker is there, and what it runs."""
        self._workers.announce(
            Worker(
                id=self._worker,
                host=socket.gethostname(),
                pid=os.getpid(),
                queues=self._queues,
                concurrency=self._concurrency,
                running=self._leases.running,
                draining=self.draining,
                started_at=self._started_at,
                version=self._version,
            )
        )

    def withdraw(self) -> None:
        """Say that the worker is gone."""
        self._workers.withdraw(self._worker)
