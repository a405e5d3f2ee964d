"""The figures of a town's missions, in the words of Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from tinytown.services.mission_figures import MissionFigures

__all__ = ["MissionMetrics"]

_GAUGES = {
    "missions_active": ("driven", "Missions that are being driven."),
    "missions_asking_for_help": ("asking", "Missions that have asked for help, and still need it."),
    "missions_without_agents": ("hungry", "Missions with work that no agent has time for."),
    "mission_agents": ("at_work", "Agents that have an item of a mission."),
    "mission_references": ("awaited", "Issues and pull requests that missions wait for, each once for each mission."),
    "missions_overdue_seconds": ("overdue_seconds", "How long ago the mission that waits longest should have been looked at."),
}


class MissionMetrics:
    """A collector of figures that were read once, for one answer."""

    def __init__(self, figures: MissionFigures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        """All families; what is nothing is there as 0."""
        missions = GaugeMetricFamily("tinytown_missions", "Missions that are remembered, by state.", labels=["state"])
        for state, count in self._figures.states.items():
            missions.add_metric([state.value], count)
        yield missions
        for name, (member, text) in _GAUGES.items():
            yield GaugeMetricFamily(f"tinytown_{name}", text, value=getattr(self._figures, member))
