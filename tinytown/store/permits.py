"""How often callers called, in Redis: rates of those we know, wrong keys of addresses."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

from tinytown.domain.rate import Permit, Rate
from tinytown.store.connection import Connection
from tinytown.store.keys import Keys
from tinytown.store.scripts import Scripts

__all__ = ["PermitStore"]


class PermitStore:
    """Counts calls and wrong keys; whoever is counted stands in the keys as a digest."""

    def __init__(self, connection: Connection, keys: Keys, scripts: Scripts) -> None:
        self._connection = connection
        self._keys = keys
        self._scripts = scripts

    def take(self, who: str, rate: Rate) -> Permit:
        """Let a caller through, or say how long it has to wait."""
        slot = self._keys.rate_limit(rate.kind, _digest(who))
        passed, remaining, reset_ms, retry_ms = self._scripts.run("take_permit", [slot], [rate.cost_ms, rate.burst])
        return Permit(
            rate=rate,
            allowed=passed == 1,
            remaining=remaining,
            reset=timedelta(milliseconds=reset_ms),
            retry_after=timedelta(milliseconds=retry_ms),
        )

    def fail(self, address: str, window: timedelta) -> int:
        """Count a wrong key from an address; answers how many there were within the window."""
        slot = self._keys.failures(_digest(address))
        return int(self._scripts.run("count_failure", [slot], [int(window.total_seconds() * 1000)]))

    def failures(self, address: str) -> tuple[int, timedelta]:
        """How many wrong keys came from an address, and how long that is remembered."""
        slot = self._keys.failures(_digest(address))
        count, left_ms = self._connection.calls([("GET", slot), ("PTTL", slot)])
        return int(count or 0), timedelta(milliseconds=max(0, left_ms))


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
