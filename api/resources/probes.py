"""Probes: is townhall alive, and can it work?"""

from __future__ import annotations

import logging

from tinytown.api.call import Call
from tinytown.api.operation import Tag
from tinytown.api.views.probes import Alive, NotReady, Ready
from tinytown.errors import Unavailable
from tinytown.patience import patience

__all__ = ["probes"]

probes = Tag("Health", "Probes for load balancers and orchestrators.")

PROBED_FOR = 2
"""Seconds; whoever asks whether townhall can work does not wait for as long as a request may take."""

_log = logging.getLogger(__name__)


@probes.get("/healthz", id="healthCheckAlias")
@probes.get("/health")
def health_check(call: Call) -> Alive:
    """Say that the process runs.

    Nothing else is asked, so this answers while Redis is away, too.
    """
    return Alive(uptime_secs=int(call.hall.uptime))


@probes.get("/readyz", is_probe=True, answers={200: Ready, 503: NotReady}, id="readinessCheckAlias")
@probes.get("/ready", is_probe=True, answers={200: Ready, 503: NotReady})
def readiness_check(call: Call) -> Ready | NotReady:
    """Say whether townhall can work: whether Redis answers it.

    `dispatcher` is `idle` while no mission runs, `running` while a clock has them driven, and `stalled` without one,
    or when nobody has driven one for long. It does not count as not ready: the rest of the town works.
    """
    try:
        with patience(PROBED_FOR):
            found = call.town.health.check()
    except Unavailable as error:
        _log.warning("not ready: %s", error, extra={"action": "probe.not_ready"})
        call.answer_with(503)
        call.retry_after(2)
        return NotReady(town=call.town.name, detail="Redis does not answer.")
    return Ready(
        redis_latency_ms=found.redis_latency_ms,
        dispatcher=found.dispatcher,
        clock="absent" if found.clock is None else "running",
        town=call.town.name,
    )
