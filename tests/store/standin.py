"""A server that answers as it is told: for what a real one does only in bad times."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable

__all__ = ["Answer", "StandIn"]

Answer = Callable[[bytes], bytes]


class StandIn:
    """A server on TCP that answers each request as it is told, behind TLS or not."""

    def __init__(self, answer: Answer, context: ssl.SSLContext | None = None) -> None:
        self.names: list[str | None] = []
        self.requests: list[bytes] = []
        self.callers = 0
        self._answer = answer
        self._context = context
        if context is not None:
            context.sni_callback = lambda _socket, name, _context: self.names.append(name)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            try:
                with caller if self._context is None else self._context.wrap_socket(caller, server_side=True) as connection:
                    self.callers += 1
                    while request := connection.recv(4096):
                        self.requests.append(request)
                        connection.sendall(self._answer(request))
            except OSError:
                continue

    def close(self) -> None:
        """Let nobody in any more."""
        with contextlib.suppress(OSError):  # closed already
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
