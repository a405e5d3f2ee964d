"""What probes are told."""

from __future__ import annotations

from typing import Literal

import msgspec

from tinytown.services.health import Dispatcher

__all__ = ["Alive", "NotReady", "Ready"]


class Alive(msgspec.Struct, frozen=True, kw_only=True):
    """Townhall runs."""

    status: Literal["ok"] = "ok"
    uptime_secs: int
    """Whole seconds since the process started."""


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """Townhall can work."""

    status: Literal["ready"] = "ready"
    redis: Literal["connected"] = "connected"
    redis_latency_ms: float
    """How long Redis took to answer this probe."""
    dispatcher: Dispatcher
    clock: Literal["running", "absent"]
    """Whether a clock leads; without one, repairs, back-offs and missions wait."""
    town: str


class NotReady(msgspec.Struct, frozen=True, kw_only=True):
    """Townhall cannot work at the moment."""

    status: Literal["not_ready"] = "not_ready"
    redis: Literal["disconnected"] = "disconnected"
    dispatcher: Literal["unknown"] = "unknown"
    town: str
    detail: str
