"""What a scrape is answered: whether townhall is up and ready, its town's figures if they are known, and its requests."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import version

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import Metric

from tinytown.api.metrics.missions import MissionMetrics
from tinytown.api.metrics.requests import RequestMetrics
from tinytown.api.metrics.town import TownFigures

__all__ = ["MEDIA_TYPE", "exposed"]

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4


class _Townhall:
    """A collector of what is known without a town.

    Values of families are written to no file; those of `Gauge` would be, as
    soon as several processes count their requests together, and come twice.
    """

    def __init__(self, *, ready: bool) -> None:
        self._ready = ready

    def collect(self) -> Iterator[Metric]:
        """All families."""
        yield GaugeMetricFamily("tinytown_up", "Whether townhall answers.", value=1)
        yield GaugeMetricFamily("tinytown_ready", "Whether townhall can work: whether Redis answers it.", value=int(self._ready))
        build = GaugeMetricFamily("tinytown_build_info", "The version that runs.", labels=["version", "python"])
        build.add_metric([version("tinytown"), platform.python_version()], 1)
        yield build


def exposed(figures: tuple[TownFigures, MissionMetrics] | None, requests: RequestMetrics) -> str:
    """The text of a scrape; without figures it says that townhall is not ready, and no number of the town's."""
    registry = CollectorRegistry()
    registry.register(_Townhall(ready=figures is not None))
    if figures is not None:
        for each in figures:
            registry.register(each)
    return generate_latest(registry).decode() + requests.exposed()
