"""Our connection for long-lived processes: as many of the small client as threads ask at once.

A command through redis-py costs nearly twice the processor time, and a turn
is little else than commands.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence

from tinytown.store.connection import Arg, Reply
from tinytown.store.resp import RespConnection

__all__ = ["PooledConnection"]


class PooledConnection:
    """Lends a connection for each command; threads may share it.

    One that the server has closed in the meantime is opened anew before it is
    used; a command that was sent is never sent again.
    """

    def __init__(self, connect: Callable[[], RespConnection]) -> None:
        self._connect = connect
        first = connect()
        self.address = first.address
        self._idle: deque[RespConnection] = deque([first])  # the last one used is used first, and is the likeliest to be alive

    def call(self, *args: Arg) -> Reply:
        """Send one command and return its reply."""
        return self.calls([args])[0]

    def calls(self, commands: Sequence[Sequence[Arg]]) -> list[Reply]:
        """Send many commands in one round trip and return their replies in order."""
        connection = self._lend()
        try:
            return connection.calls(commands)
        finally:
            self._idle.append(connection)

    def listen(self, channel: str, stop: Callable[[], bool]) -> Iterator[bytes]:
        """Yield what is published on a channel until `stop` says so."""
        return self._connect().listen(channel, stop)

    def close(self) -> None:
        """Let go of the sockets that nobody is using."""
        while self._idle:
            self._idle.pop().close()

    def _lend(self) -> RespConnection:
        try:
            connection = self._idle.pop()
        except IndexError:
            return self._connect()
        if connection.has_gone:
            connection.close()
        return connection
