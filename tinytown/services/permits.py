"""Permits: how often each caller of townhall may call, and each address try a wrong key."""

from __future__ import annotations

from datetime import timedelta

from tinytown.domain.rate import CallKind, Permit, Rate
from tinytown.services.desk import Desk

__all__ = ["PermitService"]


class PermitService:
    """Lets callers through, or says how long they have to wait."""

    def __init__(self, desk: Desk) -> None:
        limit = desk.settings.townhall.rate_limit
        self._store = desk.store.permits
        self._auth = desk.settings.townhall.auth
        self._rates = {
            CallKind.READ: Rate(kind=CallKind.READ, per_minute=limit.read_per_minute, burst=limit.burst),
            CallKind.WRITE: Rate(kind=CallKind.WRITE, per_minute=limit.write_per_minute, burst=limit.burst),
        }

    def take(self, principal: str, kind: CallKind) -> Permit:
        """Let a caller through, if it keeps to its rate.

        Raises:
            RedisUnavailable: nobody counts at the moment.
        """
        return self._store.take(principal, self._rates[kind])

    def wait_of(self, address: str) -> timedelta | None:
        """How long an address has to wait before it may try a key; None if it may now.

        Raises:
            RedisUnavailable: nobody counts at the moment.
        """
        count, left = self._store.failures(address)
        return left if count >= self._auth.failed_tries else None

    def count_failure(self, address: str) -> None:
        """Count a wrong key from an address.

        Raises:
            RedisUnavailable: nobody counts at the moment.
        """
        self._store.fail(address, self._auth.failed_window)
