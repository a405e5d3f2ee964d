"""The cut-off: callers that send their bodies too slowly are cut off.

A socket's own time-out begins anew with each byte, and a server reads a body
until it is whole. So one thread looks after all sockets that a body is being
read from, and ends the reading of those whose time is up.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

__all__ = ["Cutoff", "cut_off"]

LOOK_EVERY = 0.25  # seconds


class Cutoff:
    """Shuts the reading side of sockets at their deadlines; threads share it."""

    def __init__(self) -> None:
        self._watched: dict[int, tuple[float, Any]] = {}
        self._lock = threading.Lock()
        self._wanted = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def watching(self, connection: Any, seconds: float) -> Iterator[None]:
        """Cut the connection off if the block takes longer than that; None is no connection that can be cut."""
        if connection is None:
            yield
            return
        with self._lock:
            self._watched[id(connection)] = (time.monotonic() + seconds, connection)
            if self._thread is None:  # not before it is needed: threads do not survive a fork
                self._thread = threading.Thread(target=self._watch, name="cutoff", daemon=True)
                self._thread.start()
        self._wanted.set()
        try:
            yield
        finally:
            with self._lock:
                self._watched.pop(id(connection), None)

    def _watch(self) -> None:
        while True:
            self._wanted.wait()
            with self._lock:
                now = time.monotonic()
                overdue = [connection for deadline, connection in self._watched.values() if deadline <= now]
                if not self._watched:
                    self._wanted.clear()
            for connection in overdue:
                with suppress(OSError):
                    cut_off(connection)
            time.sleep(LOOK_EVERY)


def cut_off(connection: socket.socket) -> None:
    """End the reading of a connection, from whatever thread: who waits there reads its end.

    An encrypted one's own `shutdown` would forget its keys, and the answer go
    out in plain text.
    """
    socket.socket.shutdown(connection, socket.SHUT_RD)
