"""Connection faults on demand: a proxy between a client and a server that loses what it is told to lose."""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path

__all__ = ["Fault", "Proxy"]


class Fault:
    """What to lose, once: the first request or reply that contains a mark.

    Args:
        request: a part of the request, whose reply is lost after the server has obeyed it.
        reply: a part of the reply, if it is the reply that tells.
        unheard: lose the request itself, so that the server never sees it.
        silent: the connection stays open and says nothing more; otherwise it is closed.
    """

    def __init__(self, *, request: bytes = b"", reply: bytes = b"", unheard: bool = False, silent: bool = True) -> None:
        self.request = request
        self.reply = reply
        self.unheard = unheard
        self.silent = silent
        self.happened = threading.Event()


class Proxy:
    """A unix socket that passes everything on to a server, but for its faults."""

    def __init__(self, server: Path, path: Path) -> None:
        self.path = path
        self._server = server
        self._fault: Fault | None = None
        self._links: list[_Link] = []
        self._changing = threading.Lock()
        self.reopen()

    def reopen(self) -> None:
        """Accept connections, as at first or after `close`."""
        self.path.unlink(missing_ok=True)
        self._door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._door.bind(str(self.path))
        self._door.listen()
        threading.Thread(target=self._accept, args=(self._door,), daemon=True).start()

    def lose(self, fault: Fault) -> Fault:
        """Lose this once."""
        self._fault = fault
        return fault

    def cut(self) -> None:
        """Close all connections; new ones are accepted."""
        with self._changing:
            self._cut()

    def close(self) -> None:
        """Close everything."""
        with self._changing:
            with contextlib.suppress(OSError):
                self._door.shutdown(socket.SHUT_RDWR)
            self._door.close()
            self.path.unlink(missing_ok=True)
            self._cut()

    def strikes(self, direction: str, data: bytes) -> Fault | None:
        """The fault, if this is what it waits for."""
        fault = self._fault
        mark = None if fault is None else getattr(fault, direction)
        if fault is None or not mark or mark not in data:
            return None
        self._fault = None
        return fault

    def _accept(self, door: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = door.accept()
                self._join(door, client)

    def _join(self, door: socket.socket, client: socket.socket) -> None:
        """Pass on what a client says, unless its door was closed meanwhile; nothing is passed on before `cut` knows of it."""
        with self._changing:
            if door.fileno() < 0:
                client.close()
                return
            link = _Link(self, client, self._server)
            self._links.append(link)
            link.start()

    def _cut(self) -> None:
        while self._links:
            self._links.pop().close()


class _Link:
    """One client's connection and its other half."""

    def __init__(self, proxy: Proxy, client: socket.socket, server: Path) -> None:
        self._proxy = proxy
        self._client = client
        self._server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._server.connect(str(server))
        self._struck: Fault | None = None
        self._is_silent = False

    def start(self) -> None:
        for direction, source, target in (("request", self._client, self._server), ("reply", self._server, self._client)):
            threading.Thread(target=self._pump, args=(direction, source, target), daemon=True).start()

    def close(self) -> None:
        for end in (self._client, self._server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _pump(self, direction: str, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                self._struck = self._struck or self._proxy.strikes(direction, data)
                if self._struck is not None and (direction == "reply" or self._struck.unheard):
                    self._lose(self._struck)
                if not self._is_silent:
                    target.sendall(data)
        self.close()

    def _lose(self, fault: Fault) -> None:
        self._is_silent = True
        if not fault.silent:
            self.close()
        fault.happened.set()
