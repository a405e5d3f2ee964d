"""Townhall's worker under gunicorn: what it cannot read is refused with a problem, and who dawdles is cut off."""

from __future__ import annotations

import os
import socket
from contextlib import ExitStack, suppress
from http import HTTPStatus
from typing import Any

import msgspec
from gunicorn import util
from gunicorn.http import errors
from gunicorn.workers.gthread import ThreadWorker

from tinytown.api.cutoff import Cutoff
from tinytown.api.problems import MEDIA_TYPE, Refusal, describe
from tinytown.domain.ids import new_id

__all__ = ["TownhallWorker"]

HEAD_WITHIN = 10.0
"""Seconds in which the TLS handshake and the head of a request have to arrive; a thread waits for them."""

_UNREADABLE: dict[type[Exception], tuple[int, str]] = {
    errors.LimitRequestLine: (414, "The request line is too long."),
    errors.LimitRequestHeaders: (431, "The headers are too many or too long."),
    errors.ExpectationFailed: (417, "What the Expect header asks for cannot be done."),
    errors.UnsupportedTransferCoding: (501, "Bodies are taken whole or chunked, in no other transfer coding."),
}
"""What can be wrong with a request before it is one; anything else is 400."""


class TownhallWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn carries no types
    """A worker with threads, one for each request that is being answered."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._cutoff = Cutoff()

    def handle(self, conn: Any) -> Any:
        """Answer one request of a connection, if its head arrives in time."""
        with ExitStack() as head:
            twin = _twin(conn.sock)
            if twin is not None:
                head.enter_context(twin)
                head.enter_context(self._cutoff.watching(twin, HEAD_WITHIN))
            conn.head = head
            return super().handle(conn)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer a request whose head is there: from now on its own deadline counts."""
        conn.head.close()
        return super().handle_request(req, conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Refuse what is no request, in the form of all other refusals."""
        ours_to_blame = isinstance(exc, errors.InvalidResponseHeader | errors.InvalidResponseHeaderName)
        if ours_to_blame or not isinstance(exc, errors.ParseException):
            super().handle_error(req, client, addr, exc)
            return
        self.log.warning("a request from %s cannot be read: %s", addr[0] if addr else "a socket", exc)
        status, detail = _UNREADABLE.get(type(exc), (400, "That is no request of HTTP/1.1 that townhall can read."))
        with suppress(Exception):  # who sends such things may be gone already
            util.write_nonblock(client, _refused(status, detail))


def _twin(connection: Any) -> socket.socket | None:
    """Another handle on a connection: TLS takes the first one away while it shakes hands."""
    try:
        return socket.socket(fileno=os.dup(connection.fileno()))
    except OSError:
        return None


def _refused(status: int, detail: str) -> bytes:
    identity = new_id()
    problem = msgspec.json.encode(describe(Refusal(status, detail), path="", request_id=identity))
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nConnection: close\r\nContent-Type: {MEDIA_TYPE}\r\n"
        f"X-Request-ID: {identity}\r\nContent-Length: {len(problem)}\r\n\r\n"
    )
    return head.encode() + problem
