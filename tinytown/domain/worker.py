"""A worker: a process that runs turns, as it describes itself, and as it stands at a moment."""

from __future__ import annotations

from enum import StrEnum

import msgspec

__all__ = ["Drain", "Standing", "Worker", "WorkerState"]


class WorkerState(StrEnum):
    """What a worker is at."""

    IDLE = "idle"
    """It takes turns and runs none."""
    BUSY = "busy"
    """It takes turns and runs some."""
    DRAINING = "draining"
    """It takes no more turns, and ends when those that it runs have."""


class Drain(StrEnum):
    """How a worker is asked to end."""

    GRACE = "grace"
    """As SIGTERM does: turns that outlast `[worker] shutdown_grace_secs` are ended, and their mail goes back uncounted."""
    IDLE = "idle"
    """Only while it runs none; a turn that it began in that moment has all the time it needs."""


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

    def answers_to(self, reference: str) -> bool:
        """Whether that is its id, or begins it and ends with a whole part of it: its host, or host and process id."""
        return self.id == reference or self.id.startswith(f"{reference}:")


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A worker at a moment.

    Attributes:
        worker: as it described itself last.
        state: what it is at now, as the leases of turns say.
        turns: how many turns it has the lease of.
        removable: whether it can go now: it is idle, and the demand does not need it.
    """

    worker: Worker
    state: WorkerState
    turns: int
    removable: bool
