"""What the GitHub client remembers, in Redis: budgets, pauses and answers, for all processes of a town."""

from __future__ import annotations

from tinytown.store.connection import Connection
from tinytown.store.keys import Keys

__all__ = ["GitHubStore"]


class GitHubStore:
    """Keeps bytes under names, each for its time."""

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self._connection = connection
        self._keys = keys

    def read(self, name: str) -> tuple[bytes, float] | None:
        """What is kept there, and for how many seconds more."""
        slot = self._keys.github(name)
        value, left_ms = self._connection.calls([("GET", slot), ("PTTL", slot)])
        return None if value is None or left_ms <= 0 else (value, left_ms / 1000)

    def keep(self, name: str, value: bytes, seconds: float) -> None:
        """Keep it for so long, in place of what was there."""
        self._connection.call("SET", self._keys.github(name), value, "PX", max(1, int(seconds * 1000)))

    def drop(self, name: str) -> None:
        """Keep it no longer."""
        self._connection.call("DEL", self._keys.github(name))
