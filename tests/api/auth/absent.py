"""A Redis that can be switched off, and counts what it is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tinytown.errors import RedisUnavailable
from tinytown.store.connection import Arg, Connection, Reply

__all__ = ["Switchable"]


class Switchable:
    """A connection that fails while `is_away`."""

    def __init__(self, connection: Connection) -> None:
        self.address = connection.address
        self.is_away = False
        self.asked = 0
        self._connection = connection

    def call(self, *args: Arg) -> Reply:
        """Send a command, if it is there."""
        return self.calls([args])[0]

    def calls(self, commands: Sequence[Sequence[Arg]]) -> list[Reply]:
        """Send commands, if it is there."""
        self.asked += 1
        if self.is_away:
            raise RedisUnavailable("nowhere", "switched off")
        return self._connection.calls(commands)

    def listen(self, channel: str, stop: Callable[[], bool]) -> Iterator[bytes]:
        """Listen as the connection does."""
        return self._connection.listen(channel, stop)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
