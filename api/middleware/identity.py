"""Identity: every request has an id, a beginning, and a time by which it must be answered."""

from __future__ import annotations

import re

import falcon

from tinytown.clock import Clock
from tinytown.domain.ids import new_id

__all__ = ["Identity"]

_USABLE = re.compile(r"[A-Za-z0-9._:+/=@-]{1,128}\Z")


class Identity:
    """Gives a request its id, or keeps the one that it came with, and says it in the answer.

    Args:
        clock: tells the time.
        seconds: that a request may take until its answer begins.
    """

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds

    def process_request(self, request: falcon.Request, response: falcon.Response) -> None:
        """Note what others ask of the request's context."""
        given = request.get_header("X-Request-ID") or ""
        now = self._clock.monotonic()
        context = request.context
        context.request_id = given if _USABLE.match(given) else new_id()
        context.began_at = now
        context.deadline = now + self._seconds
        context.changed = []
        context.principal = None
        context.operation = None
        response.set_header("X-Request-ID", context.request_id)
