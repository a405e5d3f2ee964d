"""The hall: what every request needs, whoever answers it."""

from __future__ import annotations

from tinytown.api.cutoff import Cutoff
from tinytown.api.gate import Gate
from tinytown.api.metrics.requests import RequestMetrics
from tinytown.api.seats import Seats
from tinytown.town import Town

__all__ = ["Hall"]


class Hall:
    """The open town, and who stands at its gate.

    Args:
        town: what townhall is about.
        gate: says who may come in.
        requests: counts what was answered.
        started_at: when the process started, in seconds of the town's monotonic clock.
    """

    def __init__(self, town: Town, gate: Gate, requests: RequestMetrics, *, started_at: float) -> None:
        self.town = town
        self.gate = gate
        self.requests = requests
        self.started_at = started_at
        self.cutoff = Cutoff()
        self.settings = town.settings.townhall
        self.streams = Seats(_or(self.settings.event_streams, self.settings.threads // 4), "streams of events")
        self.waits = Seats(_or(self.settings.waiting_requests, self.settings.threads // 2), "requests that wait")

    @property
    def uptime(self) -> float:
        """Seconds since the process started."""
        return self.town.desk.clock.monotonic() - self.started_at


def _or(given: int | None, otherwise: int) -> int:
    return max(1, otherwise) if given is None else given
