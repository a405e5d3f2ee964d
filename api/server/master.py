"""The master process: keeps the workers running, and ends them well."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from typing import Any

from gunicorn.arbiter import Arbiter
from gunicorn.sock import TCP6Socket, TCPSocket, UnixSocket

from tinytown.api.server.application import Application

__all__ = ["Master"]


class Master(Arbiter):  # type: ignore[misc]
    """gunicorn's own, on sockets that are open already.

    Args:
        app: what is served, and how.
        sockets: that listen.
        is_over: whether it is to end although no signal came.
    """

    def __init__(self, app: Application, sockets: list[socket.socket], is_over: Callable[[], bool]) -> None:
        super().__init__(app)
        self._is_over = is_over
        # With sockets given, gunicorn opens none; its own way retries for five seconds, and takes what systemd hands it unseen.
        self.LISTENERS = [self._wrapped(each) for each in sockets] + [
            UnixSocket(binding.path, self.cfg, self.log) for binding in app.bindings if binding.path is not None
        ]

    def wait_for_signals(self, timeout: float = 1.0) -> list[Any]:
        """The signals since the last time; SIGTERM when all is over."""
        found: list[Any] = super().wait_for_signals(timeout)
        return [*found, signal.SIGTERM] if self._is_over() else found

    def handle_int(self) -> None:
        """Hear Ctrl-C: let requests finish, as with SIGTERM; a second one while they do ends them."""
        self.handle_term()

    def handle_usr2(self) -> None:
        """Hear SIGUSR2: gunicorn would start a second master, which would know nothing of our sockets."""
        self.log.warning("SIGUSR2 does nothing here")

    def _wrapped(self, listening: socket.socket) -> TCPSocket:
        kind = TCP6Socket if listening.family == socket.AF_INET6 else TCPSocket
        return kind(listening.getsockname(), self.cfg, self.log, fd=listening.detach())
