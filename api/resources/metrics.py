"""Metrics: what Prometheus scrapes."""

from __future__ import annotations

import logging

from tinytown.api.answers import Text
from tinytown.api.call import Call
from tinytown.api.metrics.exposition import MEDIA_TYPE, exposed
from tinytown.api.metrics.missions import MissionMetrics
from tinytown.api.metrics.town import TownFigures
from tinytown.api.operation import Tag
from tinytown.api.requests.metrics import MetricsQuery
from tinytown.errors import Unavailable

__all__ = ["metrics"]

metrics = Tag("Metrics", "Figures of the town and of townhall itself, for Prometheus.")

_log = logging.getLogger(__name__)


@metrics.get("/metrics", is_probe=True, media_type=MEDIA_TYPE, answers={503: Text})
def get_metrics(call: Call, query: MetricsQuery) -> Text:
    """Show all metrics, in the text format of Prometheus.

    503 and `tinytown_ready 0` while Redis does not answer: then no figure of the town is told, least of all a zero.
    With `partial` that is a 200, so that alerts can be raised from it.
    """
    clock = call.town.desk.clock
    began = clock.monotonic()
    try:
        figures, missions = call.town.scaling.figures(), call.town.health.missions()
    except Unavailable as error:
        _log.warning("no metrics of the town: %s", error, extra={"action": "metrics.failed"})
        known = exposed(None, call.hall.requests)
        if query.partial:
            return Text(body=known, media_type=MEDIA_TYPE)
        call.retry_after(2)
        return Text(body=known, media_type=MEDIA_TYPE, status=503)
    took = clock.monotonic() - began
    found = TownFigures(figures, redis_latency=took, age=took)
    return Text(body=exposed((found, MissionMetrics(missions)), call.hall.requests), media_type=MEDIA_TYPE)
