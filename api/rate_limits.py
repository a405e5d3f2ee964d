"""How often a caller may call: asking for a permit, and telling the caller what is left."""

from __future__ import annotations

import math

from tinytown.api.outages import Outage
from tinytown.domain.rate import CallKind, Permit
from tinytown.errors import TooManyRequests, Unavailable
from tinytown.town import Town

__all__ = ["RateLimiter", "rate_headers", "refusal"]


class RateLimiter:
    """Counts the calls of each principal, reads and writes apart; threads may share it."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self._is_on = town.settings.townhall.limits_rates
        self._outage = Outage("Redis is away, so nobody's calls are limited")

    def take(self, principal: str, *, writes: bool) -> Permit | None:
        """Ask for a permit for one call; None where calls are not counted."""
        if not self._is_on:
            return None
        try:
            permit = self._town.permits.take(principal, CallKind.WRITE if writes else CallKind.READ)
        except Unavailable as error:
            self._outage.goes_on(error)
            return None  # fails open: whoever needs Redis is answered 503 anyway, and probes must not die with it
        self._outage.is_over()
        return permit


def refusal(permit: Permit) -> TooManyRequests:
    """The error for a call that has no permit."""
    return TooManyRequests(permit.retry_after.total_seconds())


def rate_headers(permit: Permit) -> dict[str, str]:
    """The headers that tell a caller what is left, as the IETF's draft on rate limit headers has them.

    The policy is the burst and the time in which it is earned anew, which is
    what the remaining calls are counted in: 20 in 10 s for 120 a minute.
    """
    rate = permit.rate
    headers = {
        "RateLimit-Policy": f'"{rate.kind}";q={rate.burst};w={rate.window_seconds}',
        "RateLimit": f'"{rate.kind}";r={permit.remaining};t={math.ceil(permit.reset.total_seconds())}',
    }
    if not permit.allowed:
        headers["Retry-After"] = str(refusal(permit).seconds)
    return headers
