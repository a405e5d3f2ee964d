"""Wrong keys, counted for each address: who tries too often has to wait."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from threading import Lock

from tinytown.api.outages import Outage
from tinytown.clock import Clock
from tinytown.config import TownhallAuth
from tinytown.errors import TooManyTries, Unavailable
from tinytown.services.permits import PermitService

__all__ = ["FailedTries", "neighbourhood"]

_ADDRESSES = 10_000


class FailedTries:
    """Counts in Redis, for all processes; while that is away in this process alone, which is weaker but not open."""

    def __init__(self, permits: PermitService, auth: TownhallAuth, clock: Clock) -> None:
        self._permits = permits
        self._here = _LocalTries(auth, clock)
        self._outage = Outage("Redis is away, so each process counts wrong keys by itself")

    def refuse_too_many(self, address: str | None) -> None:
        """Go on only if the address has not tried too often.

        Raises:
            TooManyTries: it has.
        """
        place = neighbourhood(address)
        try:
            wait = self._permits.wait_of(place)
            seconds = None if wait is None else wait.total_seconds()
            self._outage.is_over()
        except Unavailable as error:
            self._outage.goes_on(error)
            seconds = self._here.wait_of(place)
        if seconds is not None:
            raise TooManyTries(seconds)

    def count(self, address: str | None) -> None:
        """Count a wrong key."""
        place = neighbourhood(address)
        try:
            self._permits.count_failure(place)
        except Unavailable as error:
            self._outage.goes_on(error)
            self._here.count(place)


class _LocalTries:
    """The same count in the memory of this process, for a bounded number of addresses."""

    def __init__(self, auth: TownhallAuth, clock: Clock) -> None:
        self._most = auth.failed_tries
        self._window = auth.failed_window.total_seconds()
        self._clock = clock
        self._counts: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._lock = Lock()

    def wait_of(self, place: str) -> float | None:
        with self._lock:
            count, until = self._counts.get(place, (0, 0.0))
        left = until - self._clock.monotonic()
        return left if count >= self._most and left > 0 else None

    def count(self, place: str) -> None:
        now = self._clock.monotonic()
        with self._lock:
            count, until = self._counts.pop(place, (0, 0.0))
            self._counts[place] = (count + 1, until) if until > now else (1, now + self._window)
            while len(self._counts) > _ADDRESSES:
                self._counts.popitem(last=False)


def neighbourhood(address: str | None) -> str:
    """What an address is counted as: an IPv6 one as its /64, of which one machine has every address."""
    if not address:
        return "unknown"
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(known, ipaddress.IPv4Address):
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((int(known) >> 64 << 64, 64)))
