"""Workers on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from tinytown.clock import from_ms
from tinytown.domain.worker import Standing, Worker, WorkerState

__all__ = ["StandingView", "WorkerView", "WorkersView", "standing_view", "worker_view"]


class WorkerView(msgspec.Struct, frozen=True, kw_only=True):
    """A process that runs turns."""

    id: str
    host: str
    pid: int
    queues: tuple[str, ...]
    concurrency: int
    running: tuple[str, ...]
    """The ids of the agents whose turns it ran with its last sign of life."""
    draining: bool
    """Whether it takes nothing more, or was asked to."""
    started_at: datetime
    seen_at: datetime
    version: str


class StandingView(WorkerView, frozen=True, kw_only=True):
    """A process that runs turns, and what it is at."""

    state: WorkerState
    """At this moment, as the leases of turns say."""
    turns: int
    """How many turns it has the lease of at this moment."""
    removable: bool
    """Whether it can go now: it is idle, and the demand does not need it."""


class WorkersView(msgspec.Struct, frozen=True, kw_only=True):
    """The workers that were heard of lately, oldest first."""

    workers: tuple[StandingView, ...]
    count: int


def worker_view(worker: Worker) -> WorkerView:
    """The worker as it describes itself."""
    return WorkerView(**_members(worker))


def standing_view(standing: Standing) -> StandingView:
    """The worker with what it is at."""
    return StandingView(**_members(standing.worker), state=standing.state, turns=standing.turns, removable=standing.removable)


def _members(worker: Worker) -> dict[str, Any]:
    return {**msgspec.structs.asdict(worker), "started_at": from_ms(worker.started_at), "seen_at": from_ms(worker.seen_at)}
