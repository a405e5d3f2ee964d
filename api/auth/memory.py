"""Keys that were verified a moment ago, so that not every call costs an Argon2 computation."""

from __future__ import annotations

import hmac
import secrets
from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock
from typing import NamedTuple

from tinytown.clock import Clock
from tinytown.domain.principal import Principal

__all__ = ["KeyMemory"]


class _Entry(NamedTuple):
    principal: Principal
    until: float
    expires_at: datetime | None


class KeyMemory:
    """Remembers whose a key is, for a bounded time, of a bounded number of keys; threads may share it.

    A key is remembered by its digest under a random secret of this process:
    neither it nor anything that could be looked up elsewhere is kept.
    """

    def __init__(self, clock: Clock, span: timedelta, *, size: int = 1024) -> None:
        self._clock = clock
        self._span = span.total_seconds()
        self._size = size
        self._secret = secrets.token_bytes(32)
        self._entries: OrderedDict[bytes, _Entry] = OrderedDict()
        self._lock = Lock()

    def recall(self, key: str) -> Principal | None:
        """Whose key that is, if that was verified lately and it has not expired since."""
        digest = self._digest(key)
        with self._lock:
            entry = self._entries.get(digest)
            if entry is None:
                return None
            if self._is_over(entry):
                del self._entries[digest]
                return None
            self._entries.move_to_end(digest)
            return entry.principal

    def keep(self, key: str, principal: Principal, *, seen_at: float, expires_at: datetime | None = None) -> None:
        """Remember whose key that is.

        Args:
            key: the key.
            principal: whose it is.
            seen_at: when its record was read (`Clock.monotonic`); the time counts from then.
            expires_at: when it opens nothing any more.
        """
        entry = _Entry(principal, seen_at + self._span, expires_at)
        if self._is_over(entry):
            return
        with self._lock:
            self._entries[self._digest(key)] = entry
            self._entries.move_to_end(self._digest(key))
            while len(self._entries) > self._size:
                self._entries.popitem(last=False)

    def __len__(self) -> int:
        return len(self._entries)

    def _is_over(self, entry: _Entry) -> bool:
        return self._clock.monotonic() >= entry.until or (entry.expires_at is not None and entry.expires_at <= self._clock.now())

    def _digest(self, key: str) -> bytes:
        return hmac.digest(self._secret, key.encode("utf-8", "surrogatepass"), "sha256")
