"""Sockets of callers, which wait for nobody without end.

gunicorn sets them to blocking for as long as a thread reads or writes, so a
caller that stops in the middle would keep the thread for ever. And it takes a
time-out for an error of ours; here it is what it looks like from outside: the
caller is gone.
"""

from __future__ import annotations

import errno
import socket
import ssl
import time
from contextlib import suppress
from typing import Any

__all__ = ["EncryptedSocket", "PlainSocket", "say_goodbye"]

STEP_SECONDS = 20.0
"""How long one reading or writing may take; whole heads and bodies have deadlines of their own."""


class PlainSocket(socket.socket):
    """A socket whose blocking mode has a limit."""

    def setblocking(self, flag: bool, /) -> None:
        """Wait for the limit, or not at all."""
        self.settimeout(STEP_SECONDS if flag else 0.0)

    def recv(self, *args: Any) -> bytes:
        """Read; a caller that says nothing has gone."""
        try:
            return super().recv(*args)
        except TimeoutError:
            raise _gone() from None

    def sendall(self, *args: Any) -> None:
        """Write; a caller that does not listen has gone."""
        try:
            super().sendall(*args)
        except TimeoutError:
            raise _gone() from None


class EncryptedSocket(PlainSocket, ssl.SSLSocket):
    """The same over TLS."""

    def do_handshake(self, block: bool = False) -> None:
        """Agree on the encryption; a caller that does not go on has gone."""
        try:
            super().do_handshake(block)
        except TimeoutError:
            raise _gone() from None


def say_goodbye(connection: socket.socket, seconds: float) -> None:
    """Close the writing side, and wait a moment for the caller to close the other.

    A connection that is closed while the caller still sends is reset, and the
    reset may overtake the answer.
    """
    until = time.monotonic() + seconds
    with suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_WR)
        while (left := until - time.monotonic()) > 0:
            connection.settimeout(left)
            if not socket.socket.recv(connection, 4096):
                break
    connection.close()


def _gone() -> ConnectionResetError:
    return ConnectionResetError(errno.ECONNRESET, "the caller fell silent")
