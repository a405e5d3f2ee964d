"""The application: Falcon with our routes, our errors, and what happens to every request."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import falcon

from tinytown.api import routes
from tinytown.api.endpoint import Endpoint
from tinytown.api.gate import Gate
from tinytown.api.hall import Hall
from tinytown.api.metrics.requests import RequestMetrics
from tinytown.api.middleware.audit import Audit
from tinytown.api.middleware.hosts import Hosts
from tinytown.api.middleware.identity import Identity
from tinytown.api.middleware.safeguards import Safeguards
from tinytown.api.problems import Refusal, of_http_error, of_town_error, show
from tinytown.api.shown_paths import shown_path
from tinytown.api.webhooks import PATH
from tinytown.config import AuthMode
from tinytown.errors import TownError
from tinytown.town import Town

__all__ = ["create_app"]

EXPOSED = ("ETag", "Idempotency-Replayed", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-ID")
"""Headers that pages which may call can read."""

_log = logging.getLogger(__name__)


def create_app(town: Town, *, started_at: float, metrics: Path | None = None) -> falcon.App:  # type: ignore[type-arg]
    """The WSGI application of a town.

    Args:
        town: an open town; its Redis need not be there yet.
        started_at: when the process started, in seconds of the town's monotonic clock.
        metrics: the folder in which several processes keep their counts together; None for one process.

    Raises:
        SettingsError: nobody could ever be let in.
    """
    gate, requests = Gate(town), RequestMetrics(town.desk.clock, metrics)
    hall = Hall(town, gate, requests, started_at=started_at)
    app = falcon.App(middleware=_middleware(town, gate, requests))
    app.req_options.strip_url_path_trailing_slash = True
    for path, operations in routes.paths().items():
        app.add_route(path, Endpoint(operations, hall))
    app.add_error_handler(Exception, _unexpected)
    app.add_error_handler(falcon.HTTPError, _framework)
    app.add_error_handler(TownError, _town)
    app.add_error_handler(Refusal, _refused)
    return app


def _middleware(town: Town, gate: Gate, requests: RequestMetrics) -> list[Any]:
    """What happens to every request, in this order, and to its answer, in the other."""
    settings = town.settings.townhall
    found: list[Any] = [Identity(town.desk.clock, settings.request_timeout.total_seconds()), requests, Audit(town, gate.proxies)]
    if settings.auth.mode is AuthMode.NONE:
        found.append(Hosts(settings.allowed_hosts, settings.cors_origins, signed=[PATH]))
    if settings.cors_origins:
        found.append(falcon.CORSMiddleware(allow_origins=settings.cors_origins, expose_headers=EXPOSED))
    return [*found, Safeguards()]


def _refused(request: falcon.Request, response: falcon.Response, refusal: Refusal, params: dict[str, Any]) -> None:  # noqa: ARG001
    show(refusal, request, response)


def _town(request: falcon.Request, response: falcon.Response, error: TownError, params: dict[str, Any]) -> None:  # noqa: ARG001
    if error.status >= 500:
        _log.warning("%s %s: %s", request.method, shown_path(request.path), error, extra={"action": "request.failed"})
    show(of_town_error(error), request, response)


def _framework(request: falcon.Request, response: falcon.Response, error: falcon.HTTPError, params: dict[str, Any]) -> None:  # noqa: ARG001
    show(of_http_error(error), request, response)


def _unexpected(request: falcon.Request, response: falcon.Response, error: Exception, params: dict[str, Any]) -> None:  # noqa: ARG001
    _log.exception(
        "%s %s (request %s)",
        request.method,
        shown_path(request.path),
        request.context.request_id,
        extra={"action": "request.broken"},
        exc_info=error,
    )
    show(Refusal(500, "Something went wrong in townhall; its log has the request id."), request, response)
