"""What a scrape is answered: whether townhall is up and ready, its town's figures if they are known, and its requests."""

from __future__ import annotations

import platform
from importlib.metadata import version

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from tinytown.api.metrics.missions import MissionMetrics
from tinytown.api.metrics.requests import RequestMetrics
from tinytown.api.metrics.town import TownFigures

__all__ = ["MEDIA_TYPE", "exposed"]

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4


def exposed(figures: tuple[TownFigures, MissionMetrics] | None, requests: RequestMetrics) -> str:
    """The text of a scrape; without figures it says that townhall is not ready, and no number of the town's."""
    registry = CollectorRegistry()
    Gauge("tinytown_up", "Whether townhall answers.", registry=registry).set(1)
    Gauge("tinytown_ready", "Whether townhall can work: whether Redis answers it.", registry=registry).set(0 if figures is None else 1)
    build = Gauge("tinytown_build_info", "The version that runs.", ["version", "python"], registry=registry)
    build.labels(version("tinytown"), platform.python_version()).set(1)
    if figures is not None:
        for each in figures:
            registry.register(each)
    return generate_latest(registry).decode() + requests.exposed()
