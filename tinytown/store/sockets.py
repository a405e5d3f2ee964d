"""Sockets to servers: opened within a time, and kept alive."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

__all__ = ["Sockets", "on_tcp", "on_unix", "reason_of"]

Sockets = Callable[[float], Iterator[socket.socket]]
"""Opens a socket within so many seconds, and another when the server at the first is of no use."""

ALIVE = (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", 20_000))
"""A gateway forgets connections on which nothing happens, and a machine that is gone says nothing: ask, in seconds (the last: ms)."""


def on_unix(path: str, within: float) -> socket.socket:
    """A unix socket, open."""
    opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        opened.settimeout(within)
        opened.connect(path)
    except BaseException:
        opened.close()
        raise
    return opened


def on_tcp(host: str, port: int, within: float) -> socket.socket:
    """A socket to a port, open, on which a silence does not go unnoticed."""
    opened = socket.create_connection((host, port), timeout=within)
    try:
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in ALIVE:
            if hasattr(socket, name):
                opened.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    except BaseException:
        opened.close()
        raise
    return opened


def reason_of(error: Exception) -> str:
    """Why a socket is of no use, for people."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    said = getattr(error, "strerror", None)
    return said if isinstance(said, str) else str(error)
