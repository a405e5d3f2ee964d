"""Requests, counted and timed by route and status.

Townhall may be several processes, any of which may be asked for its metrics.
With a folder that they share, each adds up what all of them counted.
"""

from __future__ import annotations

from pathlib import Path

import falcon
from prometheus_client import CollectorRegistry, Counter, Histogram, values
from prometheus_client.exposition import generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from tinytown.clock import Clock
from tinytown.config import export

__all__ = ["FOLDER_VARIABLE", "RequestMetrics"]

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Where prometheus_client keeps the counts of several processes."""

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds; the last one is the usual limit of a request."""

_METHODS = {"GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS", "PUT"}


class RequestMetrics:
    """Counts every request when it has been answered.

    Args:
        clock: tells how long one took.
        folder: shared by the processes; None when there is only this one.
    """

    def __init__(self, clock: Clock, folder: Path | None) -> None:
        self._clock = clock
        self._folder = folder
        self._registry = CollectorRegistry()
        if folder is not None:
            _count_together(folder)
        self._requests = Counter(
            "tinytown_http_requests", "Requests that were answered.", ["method", "route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "tinytown_http_request_duration_seconds",
            "Time until an answer began.",
            ["method", "route"],
            buckets=BUCKETS,
            registry=self._registry,
        )

    def process_response(self, request: falcon.Request, response: falcon.Response, resource: object, succeeded: bool) -> None:  # noqa: ARG002 - the hook's signature is Falcon's
        """Count one; what matched no route is counted together, however it was called."""
        method = request.method if request.method in _METHODS else "other"
        route = request.uri_template or "(none)"
        self._requests.labels(method, route, str(response.status_code)).inc()
        self._seconds.labels(method, route).observe(self._clock.monotonic() - request.context.began_at)

    def exposed(self) -> str:
        """All that was counted, in the text format."""
        if self._folder is None:
            return generate_latest(self._registry).decode()
        together = CollectorRegistry()
        MultiProcessCollector(together, path=str(self._folder))  # type: ignore[no-untyped-call]
        return generate_latest(together).decode()


def _count_together(folder: Path) -> None:
    """Let what is counted from now on be kept in files that other processes can read.

    prometheus_client looks for the variable when it is imported, which the
    process that begets the others has done long before it knows the folder.
    """
    export(FOLDER_VARIABLE, str(folder))
    values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]
