"""Leadership: of all clocks of a town one makes time pass, of all scalers one scales."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from typing import Protocol

from tinytown.clock import Clock, SystemClock
from tinytown.errors import RedisUnavailable

__all__ = ["Leader", "Leadership"]

BELIEF = 0.9
"""The part of the lease for which a leader trusts it; the rest is for clocks that run differently."""

_log = logging.getLogger(__name__)


class Leadership(Protocol):
    """Where the lease is kept."""

    def take(self, who: str, lease: timedelta) -> int:
        """Become or stay the leader; answers the epoch, or 0 when another leads."""
        ...

    def leave(self, who: str) -> None:
        """Let another lead at once."""
        ...


class Leader:
    """This process's claim to lead, which it believes in only while the lease surely lasts.

    `renew` is to be called every sixth of the lease: a standby asks each time,
    a leader every other time.
    """

    def __init__(self, leadership: Leadership, who: str, lease: timedelta, clock: Clock | None = None, *, kind: str = "clock") -> None:
        self.who = who
        self._kind = kind
        self.epoch = 0
        self._leadership = leadership
        self._lease = lease
        self._clock = SystemClock() if clock is None else clock
        self._asked_at = 0.0
        self._sure_until: float | None = None
        self._left = threading.Event()

    @property
    def leads(self) -> bool:
        """Whether this process leads, for all it can know."""
        return not self._left.is_set() and self._sure_until is not None and self._clock.monotonic() < self._sure_until

    def renew(self) -> None:
        """Keep the lease, or try to get it."""
        now = self._clock.monotonic()
        if self._left.is_set() or (self.leads and now - self._asked_at < 0.3 * self._lease.total_seconds()):
            return
        self._asked_at = now
        epoch = self._leadership.take(self.who, self._lease)
        # Counted from before the question: the answer may have been long on its way.
        self._sure_until = now + BELIEF * self._lease.total_seconds() if epoch else None
        self._say(epoch)
        self.epoch = epoch
        if self._left.is_set():  # while the question was on its way
            self._leadership.leave(self.who)

    def leave(self) -> None:
        """Lead no more, and let another lead at once."""
        self._left.set()
        self._sure_until = None
        try:
            self._leadership.leave(self.who)
        except RedisUnavailable:
            return  # then the lease runs out

    def _say(self, epoch: int) -> None:
        if epoch and epoch != self.epoch:
            _log.info("leading, epoch %d", epoch, extra={"action": "leader.leads"})
        elif not epoch and self.epoch:
            _log.warning("another %s leads now", self._kind, extra={"action": "leader.lost"})
