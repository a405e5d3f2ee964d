"""The hall: what every request needs, whoever answers it."""

from __future__ import annotations

from tinytown.api.cutoff import Cutoff
from tinytown.api.gate import Gate
from tinytown.town import Town

__all__ = ["Hall"]


class Hall:
    """The open town, and who stands at its gate.

    Args:
        town: what townhall is about.
        gate: says who may come in.
        started_at: when the process started, in seconds of the town's monotonic clock.
    """

    def __init__(self, town: Town, gate: Gate, *, started_at: float) -> None:
        self.town = town
        self.gate = gate
        self.started_at = started_at
        self.cutoff = Cutoff()
        self.settings = town.settings.townhall

    @property
    def uptime(self) -> float:
        """Seconds since the process started."""
        return self.town.desk.clock.monotonic() - self.started_at
