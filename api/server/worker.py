"""The worker process: gunicorn's threaded one, in which no caller keeps a thread that does not use it."""

from __future__ import annotations

import errno
import selectors
import signal
import ssl
import time
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import Any

from gunicorn.http import errors
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException, UnsupportedTransferCoding
from gunicorn.workers.gthread import TConn, ThreadWorker

from tinytown.api.bare import bare_problem
from tinytown.api.cutoff import cut_off
from tinytown.api.ending import begin_ending
from tinytown.api.server.sockets import PlainSocket, say_goodbye

__all__ = ["Worker"]

FIRST_BYTE_SECONDS = 10.0
"""How long a caller may be connected and say nothing; that costs no thread."""
HEAD_SECONDS = 5.0
"""How long the handshake and the head of a request may take together, from its first byte on; that costs a thread."""
GOODBYE_SECONDS = 0.5

_TOO_MANY_FILES = {errno.EMFILE, errno.ENFILE}
_UNFINISHED = {errno.EAGAIN, errno.EWOULDBLOCK, errno.ECONNABORTED}


class _Connection(TConn):  # type: ignore[misc]
    """A connection that is closed without waiting: the main thread does that, and all others wait for it."""

    def close(self, graceful: bool = False) -> None:  # noqa: ARG002
        """Close it."""
        with suppress(OSError):
            self.sock.close()


class Worker(ThreadWorker):  # type: ignore[misc]
    """One process with threads.

    gunicorn gives a new connection to a thread at once, which then waits for
    its first byte; so few silent callers stall all others. Here the main
    thread waits for all of them together, and looks after those that began a
    request and do not go on.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._heads: dict[TConn, float] = {}

    def init_signals(self) -> None:
        """Leave Ctrl-C to the master, who lets requests finish."""
        super().init_signals()
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Hear SIGTERM: finish what is under way."""
        begin_ending()
        super().handle_exit(sig, frame)

    def accept(self, listener: Any) -> None:
        """Take a new connection, and wait for its first byte with all others."""
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno in _TOO_MANY_FILES:
                time.sleep(0.05)  # it stays in the backlog until a file is free
            elif error.errno not in _UNFINISHED:
                raise
            return
        self.nr_conns += 1
        conn = _Connection(self.cfg, PlainSocket(fileno=client.detach()), address, listener.getsockname())
        conn.timeout = time.monotonic() + FIRST_BYTE_SECONDS
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def set_accept_enabled(self, enabled: bool) -> None:
        """Take new connections, or none; one that ends lets the system refuse them, so that callers go elsewhere at once."""
        super().set_accept_enabled(enabled and self.alive)
        if not self.alive:
            while self.sockets:  # told to end before it began, it comes here twice
                listener = self.sockets.pop()
                listener.setblocking(False)
                self._accept_waiting(listener)
                listener.close()

    def _accept_waiting(self, listener: Any) -> None:
        before = -1
        while self.nr_conns != before:
            before = self.nr_conns
            self.accept(listener)

    def murder_pending(self) -> None:
        """Let go of the silent, and of those who stopped in the middle of a head; called about once a second."""
        super().murder_pending()
        now = time.monotonic()
        for conn, deadline in list(self._heads.items()):
            if deadline <= now:
                self._heads.pop(conn, None)
                with suppress(OSError):
                    cut_off(conn.sock)

    def handle(self, conn: TConn) -> Any:
        """Read a request and answer it, in a thread."""
        self._heads[conn] = time.monotonic() + HEAD_SECONDS
        try:
            keep = super().handle(conn)
        finally:
            self._heads.pop(conn, None)
        if keep is False:
            say_goodbye(conn.sock, GOODBYE_SECONDS)
        return keep

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """Answer a request whose head is there."""
        self._heads.pop(conn, None)
        return super().handle_request(req, conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:  # noqa: ARG002
        """Answer what is no HTTP, or not ours, as everything else is answered: with a problem document."""
        if isinstance(exc, ssl.SSLError):
            self.log.debug("%s speaks no TLS, or not ours: %s", addr, exc)
            client.close()  # there is no way to answer, so there is no goodbye to wait for
            return
        status, detail = _status_of(exc)
        if status >= 500:
            self.log.error("a request failed outside of the application", exc_info=exc)
        with suppress(OSError):
            client.sendall(bare_problem(status, detail).as_response())

    def _cap_keepalive(self, deadline: float) -> None:
        """Give those who have said nothing yet no longer than those who say nothing any more."""
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, deadline)


def _status_of(error: BaseException) -> tuple[int, str]:
    match error:
        case errors.InvalidResponseHeader() | errors.InvalidResponseHeaderName():
            return 500, "Something went wrong in townhall."
        case LimitRequestLine():
            return 414, "The request line is too long."
        case LimitRequestHeaders():
            return 431, "The headers are too long, or too many."
        case UnsupportedTransferCoding():
            return 501, "That transfer coding is not understood."
        case errors.ExpectationFailed():
            return 417, "That expectation cannot be met."
        case ParseException() | OSError():
            return 400, "That is no HTTP request."
        case _:
            return 500, "Something went wrong in townhall."
