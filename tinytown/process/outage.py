"""Bears with a Redis that is away: says so once, carries on, and says once that it is back."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta

from tinytown.errors import RedisForbids, RedisIsCluster, RedisUnavailable

__all__ = ["Outage"]

_log = logging.getLogger(__name__)


class Outage:
    """Runs steps that need Redis; those that fail for want of it are left to the next time.

    Args:
        probe: asks Redis anything; a step that went well may not have needed Redis.
    """

    def __init__(self, probe: Callable[[], object]) -> None:
        self._probe = probe
        self._lock = threading.Lock()
        self._since: float | None = None
        self._over_at: float | None = None
        self._broken: set[str] = set()

    @property
    def is_on(self) -> bool:
        """Whether Redis did not answer when it was last asked."""
        return self._since is not None

    def is_recent(self, span: timedelta) -> bool:
        """Whether Redis is away, or has been back for less than that."""
        return self.is_on or (self._over_at is not None and time.monotonic() - self._over_at < span.total_seconds())

    def bear(self, step: Callable[[], object], name: str) -> bool:
        """Do a step and answer whether it went well; whatever goes wrong is logged once."""
        try:
            step()
            if self.is_on:
                self._probe()
        except RedisUnavailable as error:
            self._begin(error)
            return False
        except (RedisForbids, RedisIsCluster) as error:  # a sentence that says all, and what people have to mend
            if name not in self._broken:
                self._broken.add(name)
                _log.error("the job %r cannot be done: %s", name, error, extra={"action": "job.forbidden"})
            return False
        except Exception:  # noqa: BLE001 - one job that fails must not end the others
            if name not in self._broken:
                self._broken.add(name)
                _log.exception("the job %r fails; it will be tried again", name, extra={"action": "job.failed"})
            return False
        self._broken.discard(name)
        self._end()
        return True

    def _begin(self, error: RedisUnavailable) -> None:
        with self._lock:
            if self._since is None:
                self._since = time.monotonic()
                _log.warning("waiting for Redis: %s", error, extra={"action": "redis.gone"})

    def _end(self) -> None:
        with self._lock:
            if self._since is not None:
                _log.warning("Redis answers again after %.1f s", time.monotonic() - self._since, extra={"action": "redis.back"})
                self._over_at = time.monotonic()
                self._since = None
