"""The audit: every change and every refusal is written down, whoever asked."""

from __future__ import annotations

import falcon

from tinytown.api.address import Proxies
from tinytown.domain.audit import AuditRecord, Changed, audited_path, result_of
from tinytown.patience import patience
from tinytown.town import Town

__all__ = ["Audit"]

REFUSED = {401, 403, 421, 429}
PATIENCE_SECONDS = 0.5
"""How long an answer waits for its entry in Redis; the log has the line already."""


class Audit:
    """Writes a record of each call that changed something, or was to, and of each that was refused."""

    def __init__(self, town: Town, proxies: Proxies) -> None:
        self._town = town
        self._proxies = proxies

    def process_response(self, request: falcon.Request, response: falcon.Response, resource: object, succeeded: bool) -> None:  # noqa: ARG002 - the hook's signature is Falcon's
        """Write it, now that it is known what came of the call."""
        context = request.context
        changes = context.operation is not None and context.operation.changes
        if not changes and response.status_code not in REFUSED:
            return
        route = request.uri_template or "(none)"
        record = AuditRecord(
            time=self._town.desk.now(),
            request_id=context.request_id,
            principal="anonymous" if context.principal is None else context.principal.id,
            via=None if context.principal is None else context.principal.via,
            address=self._proxies.address_of(request),
            method=request.method,
            route=route,
            path=audited_path(route, request.path),
            status=response.status_code,
            result=result_of(response.status_code),
            duration_ms=round((self._town.desk.clock.monotonic() - context.began_at) * 1000, 3),
            changed=tuple(Changed(kind=kind, id=identity) for kind, identity in context.changed),
        )
        with patience(PATIENCE_SECONDS):
            self._town.audit.write(record)
